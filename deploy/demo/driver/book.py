"""Keep the driver's own book, so that what Linkway says of itself can be compared with what others were told."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deploy.demo.driver.ledger import Fate, Held, LedgerPage

LATEST_KEPT = 200


@dataclass(frozen=True)
class Acknowledgement:
    """A 2xx answer about a referral: what was asked, under which request id, and when."""

    at_seconds: float
    act: str
    request_id: str
    status: int
    referral: str


@dataclass(frozen=True)
class Happening:
    """Something that somebody did, for whoever watches."""

    at_seconds: float
    who: str
    what: str
    reference: str


@dataclass
class Book:
    """What the driver was told and did, in order."""

    began: float = field(default_factory=time.monotonic)
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    latest: deque[Happening] = field(default_factory=lambda: deque(maxlen=LATEST_KEPT))
    surprises: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    # What the ledger said last, and why it does not say it now.
    ledger: LedgerPage | None = None
    ledger_away: str = ""
    # In whose hands the open referrals are at the end.
    held: list[Held] = field(default_factory=list)
    told: int = 0

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return time.monotonic() - self.began

    @property
    def referrals(self) -> tuple[str, ...]:
        """The ids of all referrals that were acknowledged, each once, in order."""
        return tuple(dict.fromkeys(entry.referral for entry in self.acknowledgements))

    def acknowledge(self, act: str, request_id: str, status: int, referral: str) -> None:
        """Note a 2xx answer."""
        self.acknowledgements.append(Acknowledgement(self.seconds, act, request_id, status, referral))

    def tell(self, who: str, what: str, referral: str = "") -> None:
        """Note what somebody did."""
        self.told += 1
        self.latest.append(Happening(self.seconds, who, what, reference(referral) if referral else ""))

    def wonder(self, about: str, what: str) -> None:
        """Note what should not have happened; the end names it."""
        self.surprises.append(f"{about}: {what}")


def reference(referral: str) -> str:
    """Write a referral's id as pages and mails do: LW-3F2A-9C1D."""
    plain = referral.replace("-", "").upper()
    return f"LW-{plain[:4]}-{plain[4:8]}"


def last_line(referrals: Iterable[str], fates: Mapping[str, Fate], seconds: float) -> dict[str, float]:
    """Compare, by id, what was acknowledged with the ledger; an id that it does not have is unaccounted for."""
    ids = list(dict.fromkeys(referrals))
    found = Counter(fates.get(referral, Fate.UNACCOUNTED) for referral in ids)
    return {
        "acknowledged": len(ids),
        **{fate.value: found[fate] for fate in (Fate.CLOSED, Fate.OPEN, Fate.PARKED, Fate.UNACCOUNTED)},
        "seconds": round(seconds, 1),
    }


def is_good(line: Mapping[str, float]) -> bool:
    """Whether everything is accounted for and something was closed."""
    return line["unaccounted"] == 0 and line["closed"] > 0
