"""What the load will do, worked out from a seed before anything is sent: who is referred when, and what comes of it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.contracts import TOPICS
from tests.acceptance.bad_bodies import BAD
from tests.acceptance.poison import POISONED as TOPICS_POISONED
from tests.acceptance.poison import poison
from tests.chaos.book import Door

DOORS: dict[Door, float] = {"json": 0.5, "fhir-json": 0.25, "fhir-xml": 0.25}
CALM_NUMBER = 50_000
"""People who are referred while nothing breaks have numbers from here on."""
REPEATED, INVALID, POISONED = 0.05, 0.02, 0.01
"""Shares beside the referrals: requests sent again, wrong ones, and records that no service would write."""
KILLED_FROM = 500
"""A load of so many has one record that kills each worker that handles it: the workers need the time to come back."""
TALKED = 0.35
"""Of conversations; each costs the system some fifteen pages, and these two cores carry no more beside the rest."""
WITHDRAWN, REVOKED = 0.1, 0.1
LIFE_SECONDS = 20.0
"""Within this time after the acknowledgement it is withdrawn or revoked: before, during and after the conversation."""
LATE_SECONDS = (5.5, 9.0)
"""After the time to answer, 5 s under the caps of a fault run, is over."""

PARTITIONS = min(topic.partitions for topic in TOPICS if topic.name in TOPICS_POISONED)

Said = Literal["accepted", "declined", "silent"]
Again = Literal["", "same", "otherwise"]


@dataclass(frozen=True)
class Reply:
    """What an organisation answers: what, after how long, and whether it answers twice (the same, or otherwise)."""

    said: Said
    after_seconds: float
    again: Again = ""


@dataclass(frozen=True)
class Life:
    """What people do about a referral; what is missing does not happen. `dice` decides what pages must show first."""

    talked: bool = False
    replies: tuple[Reply, ...] = ()
    """As many services are chosen."""
    closed: bool = False
    withdrawn_after: float | None = None
    revoked_after: float | None = None
    dice: int = 0


@dataclass(frozen=True)
class Sending:
    """A request to refer the person of this number; a repeat is the same request once more."""

    at_seconds: float
    number: int
    door: Door
    request_id: str
    life: Life = Life()
    repeat: bool = False


@dataclass(frozen=True)
class Mistake:
    """A request that cannot be taken in, by its name among the bad bodies."""

    at_seconds: float
    name: str
    request_id: str


@dataclass(frozen=True)
class Poisoning:
    """A record that a stranger puts on a topic; the load has them in an order of its own.

    Two have their time: one that kills, and one that comes before what it follows from, which never comes.
    """

    at_seconds: float
    kills: bool = False
    early: bool = False


Planned = Sending | Mistake | Poisoning


def make_plan(seed: int, referrals: int, rate_per_second: float) -> list[Planned]:
    """Return all that is sent, in the order of its times: the same seed gives the same."""
    chance = random.Random(f"load {seed}")
    news = [_referral(chance, number, number / rate_per_second) for number in range(referrals)]
    again = [_again(chance, sending) for sending in chance.sample(news, round(REPEATED * referrals))]
    end = referrals / rate_per_second
    mistakes = [
        Mistake(chance.uniform(0, end), chance.choice(sorted(BAD)), _id(chance))
        for _ in range(round(INVALID * referrals))
    ]
    poisonings = [Poisoning(chance.uniform(0, end)) for _ in range(round(POISONED * referrals))]
    if referrals >= KILLED_FROM:
        poisonings.append(Poisoning(chance.uniform(0.1, 0.4) * end, kills=True))
        poisonings.append(Poisoning(0.0, early=True))
    return sorted([*news, *again, *mistakes, *poisonings], key=lambda planned: planned.at_seconds)


def good(seed: int, referrals: int, rate_per_second: float) -> list[Sending]:
    """Return referrals about which nothing is done, for a phase in which only something else matters."""
    chance = random.Random(f"good {seed}")
    return [Sending(n / rate_per_second, CALM_NUMBER + n, _door(chance), _id(chance)) for n in range(referrals)]


def poisonings(seed: int, seconds: float) -> list[Poisoning]:
    """Return as many as there are kinds, at any time within these seconds."""
    chance = random.Random(f"poisonings {seed}")
    return [Poisoning(chance.uniform(0, seconds)) for _ in poison(chance)]


def figures(planned: Sequence[Planned]) -> dict[str, int]:
    """Count what is planned, for whoever reads along."""
    sendings = [each for each in planned if isinstance(each, Sending)]
    lives = [each.life for each in sendings if not each.repeat]
    return {
        "new": len(lives),
        "repeats": len(sendings) - len(lives),
        "mistakes": sum(isinstance(each, Mistake) for each in planned),
        "poison": sum(isinstance(each, Poisoning) for each in planned),
        "conversations": sum(life.talked for life in lives),
        "withdrawals": sum(life.withdrawn_after is not None for life in lives),
        "revocations": sum(life.revoked_after is not None for life in lives),
    }


def _referral(chance: random.Random, number: int, at_seconds: float) -> Sending:
    return Sending(at_seconds, number, _door(chance), _id(chance), _life(chance))


def _door(chance: random.Random) -> Door:
    return chance.choices(list(DOORS), list(DOORS.values()))[0]


def _id(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def _again(chance: random.Random, first: Sending) -> Sending:
    """Send a request again: at the same moment, at once (the first may be under way or answered), or later."""
    after = chance.choice((0.0, chance.uniform(0.02, 0.3), chance.uniform(3, 30)))
    return Sending(first.at_seconds + after, first.number, first.door, first.request_id, repeat=True)


def _life(chance: random.Random) -> Life:
    talked = chance.random() < TALKED
    return Life(
        talked=talked,
        replies=tuple(_replies(chance)) if talked else (),
        closed=talked and chance.random() < 0.4,
        withdrawn_after=_moment(chance, WITHDRAWN),
        revoked_after=_moment(chance, REVOKED),
        dice=chance.getrandbits(32),
    )


def _moment(chance: random.Random, share: float) -> float | None:
    return chance.uniform(0, LIFE_SECONDS) if chance.random() < share else None


def _replies(chance: random.Random) -> Iterator[Reply]:
    """Give the answers of those who are asked; one that answers late is overtaken by who is asked after them."""
    for _ in range(chance.choice((1, 2, 2, 3))):
        said: Said = chance.choices(("accepted", "declined", "silent"), (5, 3, 2))[0]
        late = chance.random() < 0.25
        again: Again = chance.choices(("", "same", "otherwise"), (7, 2, 1))[0]
        yield Reply(said, chance.uniform(*LATE_SECONDS) if late else chance.uniform(0, 1.5), again)
