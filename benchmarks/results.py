"""Keep what a run found as JSON, one file a run, and say it in words."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.figures import Goal, Outcome, Series
from benchmarks.plot import number
from deploy.local.home import Home

FOLDER = Path(__file__).parent / "results"


def write(outcomes: Mapping[str, Outcome], *, quick: bool) -> Path:
    """Write a run's file and return its path; a quick one says nothing and goes to the state folder."""
    at = datetime.now(UTC)
    said = {
        "date": at.date().isoformat(),
        "commit": machine.commit(),
        "quick": quick,
        "machine": machine.facts(),
        "rows": {name: as_json(outcome) for name, outcome in outcomes.items()},
    }
    folder = Home.from_environment().root / "bench" if quick else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y-%m-%dT%H%M%SZ}.json"
    path.write_text(json.dumps(said, indent=2) + "\n")
    return path


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome with what is worked out from it, so that a reader needs no arithmetic."""
    said = asdict(outcome)
    said["series"] = [
        {**asdict(each), "median": each.median, "lowest": each.spread[0], "highest": each.spread[1]}
        for each in outcome.series
    ]
    said["goals"] = [{**asdict(goal), "met": goal.met} for goal in outcome.goals]
    return said


def from_json(said: Mapping[str, Any]) -> Outcome:
    """Read an outcome back."""
    series = tuple(Series(each["name"], each["unit"], tuple(each["values"])) for each in said["series"])
    kept = ("what", "value", "bound", "at_least", "unit")
    goals = tuple(Goal(**{name: goal[name] for name in kept}) for goal in said["goals"])
    notes, tables = tuple(said["notes"]), said["tables"]
    return Outcome(said["title"], series, goals, said["per"], said["processor_ms"], notes, tables)


def told(outcome: Outcome) -> str:
    """Return an outcome as lines of text."""
    lines = [outcome.title]
    for each in outcome.series:
        low, high = each.spread
        lines.append(f"  {each.name}: {number(each.median)} {each.unit} ({number(low)} to {number(high)})")
    for goal in outcome.goals:
        sign = "at least" if goal.at_least else "at most"
        verdict = "met" if goal.met else "MISSED"
        lines.append(
            f"  {verdict}: {goal.what}: {number(goal.value)}, wanted {sign} {number(goal.bound)} {goal.unit}".rstrip()
        )
    spent = ", ".join(f"{part} {ms:.2f}" for part, ms in outcome.processor_ms.items())
    lines.append(f"  processor ms a {outcome.per}: {spent}")
    for heading, rows in outcome.tables.items():
        lines += [f"  {heading}", *(f"    {' | '.join(row)}" for row in rows)]
    return "\n".join(lines)


def newest() -> dict[str, Any] | None:
    """Return the last run's file, None where none was kept."""
    files = sorted(FOLDER.glob("*.json"))
    said: dict[str, Any] | None = json.loads(files[-1].read_text()) if files else None
    return said
