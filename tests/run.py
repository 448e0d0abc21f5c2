"""Runs the tests tier by tier and refuses to call a run good that ran fewer than it should.

python -m tests.run [unit|integration|acceptance|reliability|chaos …] [-- pytest's own arguments]
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent
TIERS = ("unit", "integration", "acceptance", "reliability", "chaos")
AT_ONCE = {"unit": 2, "integration": 3}
"""Tiers whose files run in several processes, each with a Kafka and a PostgreSQL of its own: many of them wait."""
TESTS_FAILED = 1
"""Pytest's exit code when it ran to its end and a test failed."""
LOOKED_AT_AGAIN = ("unit", "integration", "acceptance")
"""Not the tiers of faults: a loss that shows once is a loss."""
MOST_UNSTEADY, AGAIN = 2, 3
"""So many failed tests of a tier are looked at again, so many times by themselves."""
NO_DATA = "needs ../shared/data, which is not here"
"""Why a test that reads real data beside the project is skipped where there is none."""
NOT_ROOT = "needs root"
FORGIVEN = ("../shared/data", NOT_ROOT)
"""A test may be skipped only for a reason that holds one of these words."""


def minimums() -> dict[str, int]:
    """Return the committed minimum of passed tests of each tier, from tests/minimum.txt."""
    lines = (ROOT / "minimum.txt").read_text().splitlines()
    pairs = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return {tier: int(count) for tier, count in pairs}


def faults(tier: str, report: Path, minimum: int) -> list[str]:
    """Return what makes a run no good although no test failed: too few passed, or one skipped for another reason.

    A forgiven skip is no fault, and no passed test either.
    """
    cases = list(ET.parse(report).iter("testcase"))
    reasons = [(case, skip.get("message", "")) for case in cases for skip in case.iter("skipped")]
    wanting = [
        f"{case.get('classname')}.{case.get('name')} was skipped: {reason}"
        for case, reason in reasons
        if not any(words in reason for words in FORGIVEN)
    ]
    passed = sum(not {"skipped", "failure", "error"} & {part.tag for part in case} for case in cases)
    if passed < minimum:
        wanting.append(f"{tier}: {passed} tests passed, at least {minimum} are expected (tests/minimum.txt)")
    return wanting


def failed(report: Path) -> list[str]:
    """Return the tests of a report that failed, as pytest is asked for them; our tests are functions of a file."""
    cases = [case for case in ET.parse(report).iter("testcase") if {"failure", "error"} & {part.tag for part in case}]
    names = (f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}" for case in cases)
    return sorted(dict.fromkeys(names))


def is_unsteady(names: Sequence[str], run: Callable[[Sequence[str]], int]) -> bool:
    """Say whether the few tests that failed pass by themselves each time (docs/decisions/unsteady-tests.md)."""
    if not 0 < len(names) <= MOST_UNSTEADY:
        return False
    return all(run(names) == 0 for _ in range(AGAIN))


@dataclass(frozen=True)
class Runner:
    """Runs pytest with everything that it keeps in one folder."""

    home: Path

    def pytest(self, arguments: Sequence[str]) -> int:
        """Run pytest and return its exit code."""
        environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(self.home / "cache" / "hypothesis")}
        cache = f"cache_dir={self.home / 'cache' / 'pytest'}"
        command = [sys.executable, "-m", "pytest", "-q", "-o", cache, *arguments]
        return subprocess.run(command, check=False, cwd=ROOT.parent, env=environment).returncode

    def tier(self, tier: str, minimum: int) -> tuple[bool, list[str]]:
        """Run a tier; return whether it is good, and which of its tests are unsteady."""
        report = self.home / "reports" / f"{tier}.xml"
        side_by_side = ["-n", str(AT_ONCE[tier]), "--dist", "loadfile"] if tier in AT_ONCE else []
        ended = self.pytest([str(ROOT / tier), f"--junitxml={report}", *side_by_side])
        again = failed(report) if ended == TESTS_FAILED and tier in LOOKED_AT_AGAIN else []
        unsteady = again if is_unsteady(again, self.pytest) else []
        wanting = faults(tier, report, minimum - len(unsteady))
        for fault in wanting:
            sys.stdout.write(f"NOT GOOD  {fault}\n")
        return (not ended or bool(unsteady)) and not wanting, unsteady


def main(arguments: list[str]) -> int:
    """Run the tiers that were named, or all, and return the exit code."""
    names = [name for name in arguments if name in TIERS] or TIERS
    runner = Runner(Path(os.environ.get("LINKWAY_HOME", ROOT.parent / ".linkway")).resolve())
    (runner.home / "reports").mkdir(parents=True, exist_ok=True)
    if "--" in arguments:
        return runner.pytest([*(str(ROOT / tier) for tier in names), *arguments[arguments.index("--") + 1 :]])
    all_good, unsteady, least = True, list[str](), minimums()
    for tier in names:
        began = time.monotonic()
        good, found = runner.tier(tier, least.get(tier, 1))
        all_good &= good
        unsteady += found
        sys.stdout.write(f"{tier}: {time.monotonic() - began:.0f} s\n")
    for name in unsteady:
        sys.stdout.write(f"UNSTEADY  {name} failed, and then passed {AGAIN} times by itself: mend it\n")
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
