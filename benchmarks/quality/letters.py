"""Read letters as triage does, write what was read in each, and hold it against what people expect of it.

A line of LETTERS has `id` and `text`, and may have `codes` ([{system, code, display}]) and expectations: `needs` and
`ruled_out` ([{code, …}]), `acceptable` (codes that count neither for nor against) and `risks` ([{kind, standing}]).
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.figures import percentile
from benchmarks.quality.counting import Counts, tally
from deploy.local.home import PROJECT, Home
from referral_intake.triage.reader import read
from referral_intake.triage.reading import Coding, Reading

CORPUS = PROJECT / "tests/letters"
EXPECTED = ("needs", "ruled_out", "risks")


def run(given: argparse.Namespace) -> int:
    """Read a file of letters, or each half of the project's own; return 1 where there are none.

    With a file and without `out` the letters' objects go to stdout, one a line. Figures go to stderr.
    """
    letters, out = given.letters, given.out
    files = [letters] if letters else sorted(CORPUS.glob("*.jsonl"))
    if not files:
        print(f"no letters: {CORPUS} is empty, and LETTERS names no file", file=sys.stderr)
        return 1
    kept = {file.stem: measure(_lines(file)) for file in files}
    path = out or Home.from_environment().root / "bench" / "letters.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if letters and not out:
        for each in kept[letters.stem]["letters"]:
            print(json.dumps(each, ensure_ascii=False))
    for name, found in kept.items():
        print("\n".join(told(name, found["figures"])), file=sys.stderr)
    print(f"written: {path}", file=sys.stderr)
    return 0


def measure(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Read each letter, and return the figures with what was read in each."""
    answers = [answer(line) for line in lines]
    times = [each["milliseconds"] for each in answers]
    figures: dict[str, Any] = {
        "letters": len(lines),
        "milliseconds": {"p50": percentile(times, 0.5), "p95": percentile(times, 0.95)} if times else {},
    }
    expected = [(line, each) for line, each in zip(lines, answers, strict=True) if any(key in line for key in EXPECTED)]
    if expected:
        figures |= against(expected)
    return {"figures": figures, "letters": answers}


def answer(line: Mapping[str, Any]) -> dict[str, Any]:
    """Read one letter, and return what a JSON line says of it."""
    codes = tuple(Coding(code["system"], code["code"], code.get("display", "")) for code in line.get("codes") or ())
    began = time.perf_counter()
    reading = read(line["text"], codes)
    took = (time.perf_counter() - began) * 1000
    return {"id": line["id"], **as_json(reading), "milliseconds": round(took, 3)}


def as_json(reading: Reading) -> dict[str, Any]:
    """Return a reading in the words of the answer."""
    wishes = asdict(reading.wishes)
    return {
        "needs": [{**asdict(need), "standing": "current"} for need in reading.needs],
        "ruled_out": [asdict(out) for out in reading.ruled_out],
        "preferences": {name: wishes[name] for name in ("company", "language", "access")},
        "interests": wishes["interests"],
        "risk": [asdict(risk) for risk in reading.risks],
        "nothing_usable": reading.nothing_usable,
        "refusal": reading.refusal,
    }


def against(pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, Any]:
    """Hold what was read against what people expect, per need and per kind of risk."""
    needs, risks, out = Counts(), Counts(), Counts()
    calm = alarmed = 0
    for line, found in pairs:
        read_needs = {need["code"] for need in found["needs"]}
        tally(needs, read_needs, {need["code"] for need in line.get("needs", ())}, set(line.get("acceptable", ())))
        ruled = {each["code"] for each in line.get("ruled_out", ())}
        tally(out, {each["code"] for each in found["ruled_out"]} & ruled, ruled, set())
        current = {risk["kind"] for risk in found["risk"] if risk["standing"] == "current"}
        wanted = {risk["kind"] for risk in line.get("risks", ()) if risk["standing"] == "current"}
        tally(risks, current, wanted, set())
        calm += not wanted
        alarmed += not wanted and bool(current)
    return {
        "needs": needs.as_json(),
        "current_risks": risks.as_json(),
        "ruled_out_found": out.as_json()["all"]["recall"],
        "false_alarms": {"letters": alarmed, "of": calm, "share": alarmed / calm if calm else 0.0},
    }


def told(name: str, figures: Mapping[str, Any]) -> list[str]:
    """Return figures as lines of text."""
    times = figures["milliseconds"]
    lines = [f"{name}: {figures['letters']} letters"]
    if times:
        lines.append(f"  milliseconds a letter: p50 {times['p50']:.1f}, p95 {times['p95']:.1f}")
    for what in ("needs", "current_risks"):
        for code, row in figures.get(what, {}).items():
            counts = f"found {row['found']}, too many {row['too_many']}, missed {row['missed']}"
            lines.append(
                f"  {what} {code}: precision {_share(row['precision'])}, recall {_share(row['recall'])} ({counts})"
            )
    if alarms := figures.get("false_alarms"):
        lines.append(f"  false alarms: {alarms['letters']} of {alarms['of']} letters without a current risk")
    return lines


def _share(share: float | None) -> str:
    return "none" if share is None else f"{share:.2f}"


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
