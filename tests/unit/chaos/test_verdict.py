"""A run is sound only if nothing at all speaks against it, and its last line is JSON with what the run is judged by."""

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos import verdict
from tests.chaos.book import Book, Fault
from tests.chaos.checks import Finding
from tests.chaos.sabotage import REASONS, Sabotage
from tests.unit.chaos.quiet_days import NOON, a_book

REPEATS = {"topics": 3, "mails": 2, "webhooks": 1}
NAMED = Sabotage(dict.fromkeys(REASONS, "referral"), dict.fromkeys(REASONS, 4.0))
ASKED_FOR = {
    "seed", "referrals", "faults", "kills", "lost", "doubled", "wire_repeats", "worst_recovery_seconds", "p50", "p99",
    "sometimes_missing", "verdict",
}  # fmt: skip


def test_a_run_against_which_nothing_speaks_is_sound() -> None:
    told = verdict.of(a_book(), [], [], NAMED, REPEATS)
    assert told["verdict"] == "sound"
    assert set(told) >= ASKED_FOR
    assert (told["seed"], told["referrals"], told["faults"], told["kills"]) == (7, 1, {"kill": 1}, 1)
    assert (told["wire_repeats"], told["p50"], told["worst_recovery_seconds"]) == (3, 0.5, 4.0)
    assert told["recovery_seconds"] == {"kill": 4.0}
    assert json.loads(json.dumps(told)) == told


def test_findings_are_counted_by_whom_they_concern() -> None:
    findings = [Finding("lost", "x", ("a",), 3), Finding("positions", "y", ("b",)), Finding("doubled", "z", ("c",), 2)]
    told = verdict.of(a_book(), findings, [], NAMED, REPEATS)
    assert (told["lost"], told["doubled"], told["verdict"]) == (4, 2, "not sound")
    assert told["findings"][0] == "lost: x (3): a and 2 more"


def late(book: Book) -> None:
    """Have the last fault's consequences outlast a minute."""
    book.faults[-1] = replace(book.faults[-1], caught_up=NOON + 91)


def never_well(book: Book) -> None:
    """Have something never be well again."""
    book.faults.append(Fault("pg-lock", "casework", NOON + 40, NOON + 50))


def never_quiet(book: Book) -> None:
    """Have it never come to rest."""
    book.quiet = 0.0


def quiet_late(book: Book) -> None:
    """Have it come to rest more than a minute after the load and the last fault."""
    book.quiet = book.load_ended + 61


def surprised(book: Book) -> None:
    """Have the driver meet what it was not made for."""
    book.surprises.append("IndexError: list index out of range")


@pytest.mark.parametrize("spoil", [late, never_well, never_quiet, quiet_late, surprised])
def test_what_does_not_heal_in_a_minute_is_not_sound(spoil: Callable[[Book], None]) -> None:
    book = a_book()
    spoil(book)
    told = verdict.of(book, [], [], NAMED, REPEATS)
    assert told["verdict"] == "not sound"
    assert "Infinity" not in json.dumps(told)


@pytest.mark.parametrize(
    ("findings", "missing", "sabotaged"),
    [
        ([Finding("wire", "twice", ("e",))], [], NAMED),
        ([], ["redelivery"], NAMED),
        ([], [], replace(NAMED, named={})),
        ([], [], replace(NAMED, others={"somebody": "no reason"})),
    ],
)
def test_whatever_is_found_missing_or_not_named_is_not_sound(
    findings: list[Finding], missing: list[str], sabotaged: Sabotage
) -> None:
    assert verdict.of(a_book(), findings, missing, sabotaged, REPEATS)["verdict"] == "not sound"


def test_a_run_without_sabotage_is_judged_by_the_rest() -> None:
    assert verdict.of(a_book(), [], [], None, REPEATS)["verdict"] == "sound"


def test_sabotage_tells_what_the_ledger_did_not_name() -> None:
    told = replace(NAMED, named={"delivery": 3.21}, others={"x": "y"}).told()
    assert told["named_seconds"] == {"delivery": 3.2}
    assert set(told["unnamed"]) == set(REASONS) - {"delivery"}
    assert told["named_besides"] == {"x": "y"}


def test_a_fault_that_was_well_before_it_was_mended_took_no_time() -> None:
    assert verdict.recovery_seconds(Fault("kill", "x", NOON, NOON + 3, NOON + 1, NOON + 2)) == 0
    assert verdict.recovery_seconds(Fault("kill", "x", NOON, NOON + 3, NOON + 1)) == math.inf
