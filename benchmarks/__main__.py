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
from pathlib import Path

import uvloop

from benchmarks import report, results
from benchmarks.figures import Outcome

ROWS = (
    *("accept", "events", "routing", "allocation", "relay", "pipeline"),
    *("latency", "idle", "backlog", "million", "replicas"),
)
QUALITY = ("letters", "matching", "growth")
"""Rows that measure how good answers are, each with inputs of its own, and that write their own results."""


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
    parser.add_argument("--only", nargs="+", choices=(*ROWS, *QUALITY), default=ROWS, metavar="ROW")
    parser.add_argument("--quick", action="store_true", help="seconds a row, and figures that say nothing: for tests")
    parser.add_argument("--letters", type=Path, help="letters: JSON lines of id and text; left out, the project's own")
    parser.add_argument("--directory", type=Path, help="matching: a directory in any format that the importer reads")
    parser.add_argument(
        "--queries", type=Path, help="matching: JSON lines of id, kind, text or codes, place, age, relevant"
    )
    parser.add_argument("--hide-labels", action="store_true", help="matching: as if nothing was filed under anything")
    parser.add_argument("--judged-labels", action="store_true", help="matching: the queries' own terms as labels")
    parser.add_argument("--words-alone", action="store_true", help="matching: without the model of meaning")
    parser.add_argument("--out", type=Path, help="where the answer of a row of quality goes, as JSON")
    given = parser.parse_args()
    if quality := [name for name in given.only if name in QUALITY]:
        return max(int(importlib.import_module(f"benchmarks.quality.{name}").run(given)) for name in quality)
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
