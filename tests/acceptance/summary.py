"""What came of one referral, as numbers and states that can be compared with another run's."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.demo.driver import Cast
from tests.acceptance.mailbox import Mail
from tests.acceptance.topics import Message


@dataclass(frozen=True)
class Summary:
    """Where a referral stands, what happened to it, and whose roles were mailed; which link worker has it is chance."""

    state: str
    steps: Counter[str]
    events: Counter[str]
    mails: Counter[str]

    def changed(self, other: "Summary") -> dict[str, tuple[int, int]]:
        """Return what was counted otherwise, with both counts."""
        counts = [Counter({f"state {each.state}": 1}) + each.steps + each.events + each.mails for each in (self, other)]
        mine, theirs = counts
        return {what: (mine[what], theirs[what]) for what in {*mine, *theirs} if mine[what] != theirs[what]}


def summarise(view: dict[str, object], messages: Sequence[Message], mails: Sequence[Mail], cast: Cast) -> Summary:
    """Put together what the practice reads, what lies on the topics and what was mailed."""
    referral = str(view["referral"])
    timeline = view["timeline"]
    assert isinstance(timeline, list)
    mailed = {mail.letter.message_id: mail for mail in mails if mail.is_about(referral)}
    own = {message.id: message.type for message in messages if message.key == referral.encode()}
    return Summary(
        state=str(view["state"]),
        steps=Counter(step["what"] for step in timeline),
        events=Counter(own.values()),
        mails=Counter(f"{mail.letter.kind} to {_role(mail.letter.to, cast)}" for mail in mailed.values()),
    )


def _role(address: str, cast: Cast) -> str:
    if address in cast.link_workers:
        return "link worker"
    return "practice" if address in {practice.mail for practice in cast.practices.values()} else "others"


def repeated_mails(mails: Sequence[Mail]) -> list[str]:
    """Return the Message-IDs that came more than once."""
    counts = Counter(mail.letter.message_id for mail in mails)
    return [message_id for message_id, count in counts.items() if count > 1]
