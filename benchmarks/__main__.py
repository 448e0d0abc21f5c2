"""Measure, keep what was found, and write it into the documents.

python -m benchmarks [--only ROW …] [--quick]
"""

import argparse
import importlib
import json
import sys
import time
import traceback
from collections.abc import Sequence

import uvloop

from benchmarks import report, results
from benchmarks.figures import Outcome

ROWS = ("accept", "events", "matching", "relay", "pipeline", "latency", "idle", "backlog", "million", "replicas")


async def measure(names: Sequence[str], quick: bool) -> tuple[dict[str, Outcome], list[str]]:
    """Run rows one after the other; return what each found, and those that broke: the others are not lost with them."""
    found: dict[str, Outcome] = {}
    broken: list[str] = []
    for name in names:
        began = time.monotonic()
        row = importlib.import_module(f"benchmarks.rows.{name}")
        try:
            found[name] = await row.run(quick)
        except Exception:  # noqa: BLE001 -- whatever it was is told, and in the exit code
            traceback.print_exc()
            broken.append(name)
            continue
        print(f"\n{name}: {time.monotonic() - began:.0f} s\n{results.told(found[name])}", flush=True)
    return found, broken


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ROWS, default=ROWS, metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="seconds a row, and figures that say nothing: for tests")
    given = parser.parse_args()
    outcomes, broken = uvloop.run(measure(given.only, given.quick))
    path = results.write(outcomes, quick=given.quick)
    print(f"\nwritten: {path.name}")
    if not given.quick and len(given.only) == len(ROWS):
        report.write(json.loads(path.read_text()))
    if broken:
        print(f"broken: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
