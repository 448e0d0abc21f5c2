"""What people were told was done about a referral was done, and as often as they did it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from shared.contracts import (
    AgreementRevoked,
    CaseClosed,
    ContactRecorded,
    OfferAnswered,
    ReferralWithdrawn,
    ServicesChosen,
)
from tests.chaos.book import Book, Deed
from tests.chaos.checks.finding import Finding, found
from tests.chaos.snapshot import Snapshot

TOLD_BY: Mapping[Deed, str] = {
    "withdraw": ReferralWithdrawn.type,
    "revoke": AgreementRevoked.type,
    "accept": OfferAnswered.type,
    "decline": OfferAnswered.type,
    "contact": ContactRecorded.type,
    "choose": ServicesChosen.type,
    "close": CaseClosed.type,
}
"""The event that stands for each deed."""
AGAIN_IS_NO_HARM = frozenset({ReferralWithdrawn.type, AgreementRevoked.type, OfferAnswered.type})
"""Acts that were done before: doing them again is answered well, and is no second act."""


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare the acts of the book with the events that were stored."""
    acknowledged: Counter[tuple[str, str]] = Counter()
    written: Counter[tuple[str, str]] = Counter()
    for act in book.acts:
        about = TOLD_BY[act.what], act.referral
        written[about] += 1
        acknowledged[about] += act.acknowledged
    for type_ in sorted(set(TOLD_BY.values())):
        least = {about: _least(about[0], count) for about, count in acknowledged.items() if about[0] == type_}
        lost = (about[1] for about, count in least.items() if snapshot.published[about] < count)
        yield from found("acts", f"acknowledged, and fewer {type_} than that", lost)
        mine = {one for about_type, one in snapshot.published if about_type == type_ and one in book.acknowledged}
        more = (one for one in mine if snapshot.published[type_, one] > written[type_, one])
        yield from found("acts", f"more {type_} than anybody did", more)


def _least(type_: str, acknowledged: int) -> int:
    return min(acknowledged, 1) if type_ in AGAIN_IS_NO_HARM else acknowledged
