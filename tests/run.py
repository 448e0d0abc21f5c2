"""Runs the tests tier by tier and refuses to call a run good that ran fewer than it should.

python -m tests.run [unit|integration|acceptance|reliability|chaos …] [-- pytest's own arguments]
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent
TIERS = ("unit", "integration", "acceptance", "reliability", "chaos")
BY_NAME_ONLY = ("chaos",)
"""The short fault run: it runs when it is named, until the rest of a run leaves it room in ten minutes."""
TWO_AT_ONCE = ("unit", "integration")
"""Tiers whose files run in two processes, each with a Kafka and a PostgreSQL of its own."""
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


def main(arguments: list[str]) -> int:
    """Run the tiers that were named, or all, and return the exit code."""
    names = [name for name in arguments if name in TIERS] or [
        tier for tier in TIERS if tier not in BY_NAME_ONLY and any((ROOT / tier).rglob("test_*.py"))
    ]
    extra = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    home = Path(os.environ.get("LINKWAY_HOME", ROOT.parent / ".linkway")).resolve()
    (home / "reports").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(home / "cache" / "hypothesis")}
    always = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={home / 'cache' / 'pytest'}"]
    code, least = 0, minimums()
    for tier in names:
        began = time.monotonic()
        report = home / "reports" / f"{tier}.xml"
        side_by_side = ["-n", "2", "--dist", "loadfile"] if tier in TWO_AT_ONCE else []
        command = [*always, str(ROOT / tier), f"--junitxml={report}", *side_by_side, *extra]
        code |= subprocess.run(command, check=False, cwd=ROOT.parent, env=environment).returncode
        wanting = [] if extra else faults(tier, report, least.get(tier, 1))
        for fault in wanting:
            sys.stdout.write(f"NOT GOOD  {fault}\n")
        code |= bool(wanting)
        sys.stdout.write(f"{tier}: {time.monotonic() - began:.0f} s\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
