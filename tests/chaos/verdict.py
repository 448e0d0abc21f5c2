"""The last word of a run: one JSON object, and whether Linkway held."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.book import Book, Fault, last
from tests.chaos.checks import Finding
from tests.chaos.sabotage import Sabotage

SOUND, UNSOUND = "sound", "not sound"
WELL_WITHIN_SECONDS = 60.0
NO_FAULT = "poison-only"
"""The kind of the phase without a fault, which the book keeps among them."""
KILLS = frozenset({"kill", "point", "clock", "broker-leader", "controller", "two-brokers", "all-brokers"})
"""Kinds of fault that end a process by signal 9."""
LOST = frozenset({"lost", "requests", "acts", "positions"})


def of(
    book: Book,
    findings: Sequence[Finding],
    missing: Sequence[str],
    sabotaged: Sabotage | None,
    repeats: Mapping[str, int],
) -> dict[str, Any]:
    """Return the object; `sound` only if nothing was found or is missing, all healed in time, and sabotage was named.

    Faults overlap, so that the whole may not be well until the last has ended; from then it has its minute.
    Without sabotage (None) a run is judged by the rest.
    """
    faults = [fault for fault in book.faults if fault.kind != NO_FAULT]
    ended = max((fault.healed for fault in faults), default=book.load_ended)
    unhealed = [
        f"{fault.kind} {fault.target}"
        for fault in faults
        if last(fault.well_again, fault.caught_up) > ended + WELL_WITHIN_SECONDS
    ]
    quiet_seconds = _quiet_seconds(book, ended)
    wanting = [*findings, *missing, *unhealed, *book.surprises]
    held = not wanting and quiet_seconds <= WELL_WITHIN_SECONDS
    return {
        "seed": book.seed,
        "referrals": len(book.acknowledged),
        "faults": dict(sorted(Counter(fault.kind for fault in faults).items())),
        "kills": sum(fault.kind in KILLS for fault in faults),
        "lost": sum(finding.count for finding in findings if finding.check in LOST),
        "doubled": sum(finding.count for finding in findings if finding.check == "doubled"),
        "wire_repeats": repeats["topics"],
        "worst_recovery_seconds": _rounded(max(map(recovery_seconds, faults), default=0.0)),
        "p50": _rounded(book.latency(0.5)),
        "p99": _rounded(book.latency(0.99)),
        "sometimes_missing": list(missing),
        "findings": [str(finding) for finding in findings],
        "mails_repeated": repeats["mails"],
        "webhooks_repeated": repeats["webhooks"],
        "recovery_seconds": _by_kind(faults),
        "quiet_seconds": _rounded(quiet_seconds),
        "unhealed": unhealed,
        "skipped": dict(book.skipped),
        "unfired": list(book.unfired),
        "surprises": list(book.surprises),
        "sabotage": None if sabotaged is None else sabotaged.told(),
        "verdict": SOUND if held and (sabotaged is None or sabotaged.is_named) else UNSOUND,
    }


def recovery_seconds(fault: Fault) -> float:
    """Return how long it took from the mending until all was well and had caught up; endless where it never was."""
    return max(0.0, last(fault.well_again, fault.caught_up) - fault.healed)


def _quiet_seconds(book: Book, ended: float) -> float:
    """Return how long after the last fault, and the last request, nothing was on its way any more; endless if never."""
    return book.quiet - max(ended, book.load_ended) if book.quiet else math.inf


def _by_kind(faults: Sequence[Fault]) -> dict[str, float | None]:
    """Return the longest recovery of each kind of fault."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for fault in faults:
        found[fault.kind].append(recovery_seconds(fault))
    return {kind: _rounded(max(seconds)) for kind, seconds in sorted(found.items())}


def _rounded(seconds: float | None) -> float | None:
    """Return what JSON can say: it knows no endless time."""
    return None if seconds is None or not math.isfinite(seconds) else round(seconds, 3)
