"""Which fault comes when: from a seed alone, so that a run that found something can be had again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random

from tests.acceptance.world import SERVICES
from tests.chaos.failpoints import POINTS
from tests.chaos.profile import CAP_SECONDS, SCALED, Profile

REFERRALS_A_FAULT = 45
"""So many referrals come to one fault, unless the kinds alone are more."""
CALM_SHARE, LAST_SHARE = 0.03, 0.94
"""Between these parts of the time under load faults begin and end."""
REST_SECONDS = 3.0
"""Between two faults of one thing."""
ATTEMPTS = 1000
SPEAKING = ("referral-intake", "casework")
"""The services whose requests publish, and are answered after their commit."""


@dataclass(frozen=True)
class Planned:
    """A fault to come: when, counted from the beginning of the load, what, to whom, and for how long."""

    at_seconds: float
    kind: str
    target: str
    seconds: float


@dataclass(frozen=True)
class Kind:
    """One kind of fault: whom it befalls, for how long, and what it takes hold of.

    Each of `targets` is hit at least once; those in `any_of` take turns, by chance.
    """

    name: str
    targets: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    seconds: tuple[float, float] = (0.0, 0.0)
    holds: str = ""
    """The thing that only one fault may have at a time; where empty, the service of the target."""

    def thing(self, target: str) -> str:
        """Return what nothing else may befall at the same time."""
        return self.holds or service_of(target)


def service_of(target: str) -> str:
    """Return the service of `matching-2`, of `matching.in-a-rebalance`, of `matching`."""
    name, _, number = target.partition(".")[0].rpartition("-")
    return name if number.isdecimal() else target.partition(".")[0]


def kinds(profile: Profile) -> Sequence[Kind]:
    """Return every kind of fault that a run of this size knows."""
    return [*_short_kinds(profile)] if profile.short else [*_all_kinds(profile)]


def _replicas(profile: Profile) -> tuple[str, ...]:
    return tuple(f"{name}-{number}" for name, count in profile.replicas.items() for number in range(1, count + 1))


def _points(*points: str) -> Iterator[str]:
    for service, point in product(SERVICES, points):
        # Operations tells nobody anything, and the rest are not asked from outside.
        speaks = service in SPEAKING if point == "after-commit-before-answer" else service != "operations"
        if speaks or point in {"after-effect-before-position", "in-a-rebalance"}:
            yield f"{service}.{point}"


def _short_kinds(profile: Profile) -> Iterator[Kind]:
    yield Kind("kill", ("postgres", "kafka-1"), _replicas(profile))
    points = tuple(f"referral-intake.{point}" for point in POINTS[:3]) + tuple(f"{SCALED}.{p}" for p in POINTS[3:])
    yield Kind("point", points, seconds=(6, 6))
    yield Kind("pg-terminate", holds="postgres", targets=("postgres",))
    yield Kind("pg-lock", holds="lock", any_of=SERVICES[1:3], seconds=(3, 3))
    yield Kind("net-reset", holds="net", any_of=SERVICES)
    yield Kind("smtp-4xx", ("mail",), holds="smtp", seconds=(3, 3))
    yield Kind("webhook-500", ("webhook",), holds="webhook", seconds=(3, 3))


def _all_kinds(profile: Profile) -> Iterator[Kind]:
    replicas = _replicas(profile)
    firsts = tuple(f"{name}-1" for name in SERVICES)
    yield Kind("kill", (*firsts, "postgres", "keys", "mail"), replicas)
    yield Kind("kill", (), tuple(f"kafka-{number}" for number in range(1, profile.kafka_nodes + 1)), holds="kafka")
    for point in POINTS:
        yield Kind("point", (), tuple(_points(point)), seconds=(8, 8))
    yield Kind("freeze", (), replicas, seconds=(2 * CAP_SECONDS, 2 * CAP_SECONDS))
    yield Kind("freeze-all", (), ("casework", "notifications", "matching"), seconds=(2 * CAP_SECONDS, 2 * CAP_SECONDS))
    yield Kind(
        "stall", ("matching", "casework", "notifications", "operations"), seconds=(4 * CAP_SECONDS, 4 * CAP_SECONDS)
    )
    yield Kind("slow-batch", (), ("casework", "matching", "notifications"), seconds=(4, 4))
    yield Kind("handler-error", ("casework", "operations"), seconds=(8, 8))
    yield Kind("lagging-topic", ("notifications", "casework"), seconds=(4, 6))
    yield Kind("rolling", (), SERVICES)
    yield Kind("scale", (SCALED,), seconds=(6, 8))
    yield Kind("clock", (), tuple(f"{name}-2" for name in SERVICES), seconds=(8, 12))
    for name in ("broker-leader", "controller", "two-brokers", "all-brokers"):
        yield Kind(name, ("kafka",), seconds=(3, 8))
    yield Kind("leader-move", ("kafka",))
    yield Kind("pg-immediate", ("postgres",))
    yield Kind("pg-terminate", ("postgres",))
    yield Kind("pg-lock", (), SERVICES, seconds=(10, 30), holds="lock")
    yield Kind("disk-full-data", ("postgres",), seconds=(4, 8))
    yield Kind("disk-full-log", ("postgres",), seconds=(4, 8))
    for name in ("net-latency", "net-reset", "net-half-open", "net-black-hole"):
        yield Kind(name, (), (*SERVICES, "all"), seconds=(4, 10), holds="net")
    for name in ("smtp-4xx", "smtp-hang", "smtp-reset"):
        yield Kind(name, ("mail",), seconds=(4, 10), holds="smtp")
    for name in ("webhook-500", "webhook-hang"):
        yield Kind(name, ("webhook",), seconds=(4, 10), holds="webhook")


@dataclass(frozen=True)
class _Drawn:
    """A fault that has no time yet."""

    kind: str
    target: str
    seconds: float
    thing: str


def plan(profile: Profile) -> list[Planned]:
    """Return the faults of a run, in the order in which they begin; the same profile gives the same ones.

    Raises:
        ValueError: there is no room for so many faults in so little time.
    """
    chance = Random(profile.seed)
    for _ in range(ATTEMPTS):
        planned = _place(_draw(profile, chance), CALM_SHARE * profile.seconds, LAST_SHARE * profile.seconds, chance)
        if max(fault.at_seconds + fault.seconds for fault in planned) <= LAST_SHARE * profile.seconds:
            return planned
    raise ValueError(f"{len(planned)} faults have no room in {profile.seconds:.0f} s")


def _place(drawn: list[_Drawn], first: float, last: float, chance: Random) -> list[Planned]:
    """Give each fault its time: one a step, the next one whose thing is free, or that whose thing is free soonest."""
    step = (last - first - max(each.seconds for each in drawn)) / len(drawn)
    free: defaultdict[str, float] = defaultdict(float)
    planned = []
    for number in range(len(drawn)):
        wanted = first + (number + chance.random()) * step
        fault = min(drawn, key=lambda each: max(wanted, free[each.thing]))
        drawn.remove(fault)
        at = max(wanted, free[fault.thing])
        free[fault.thing] = at + fault.seconds + REST_SECONDS
        planned.append(Planned(round(at, 2), fault.kind, fault.target, round(fault.seconds, 2)))
    return sorted(planned, key=lambda fault: fault.at_seconds)


@dataclass
class _Turns:
    """Targets by chance, each as often as the others."""

    chance: Random
    left: list[str] = field(default_factory=list)

    def next(self, targets: Sequence[str]) -> str:
        if not self.left:
            self.left = self.chance.sample(targets, len(targets))
        return self.left.pop()


def _draw(profile: Profile, chance: Random) -> list[_Drawn]:
    """Draw every kind once for each target that must be hit, then any, until there are enough; in any order."""
    every = kinds(profile)
    turns = [_Turns(chance) for _ in every]
    hits = [(number, target) for number, kind in enumerate(every) for target in kind.targets]
    hits += [(number, turns[number].next(kind.any_of)) for number, kind in enumerate(every) if kind.any_of]
    while len(hits) < -(-profile.referrals // REFERRALS_A_FAULT):
        number = chance.randrange(len(every))
        hits.append((number, turns[number].next(every[number].any_of or every[number].targets)))
    chance.shuffle(hits)
    return [
        _Drawn(every[number].name, target, chance.uniform(*every[number].seconds), every[number].thing(target))
        for number, target in hits
    ]
