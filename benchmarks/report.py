"""Write a run into docs/performance.md: the table, what each process spent, and a drawing of each row."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.figures import Goal, Outcome
from benchmarks.plot import draw, number

DOCUMENT = Path(__file__).resolve().parents[1] / "docs/performance.md"
BEGIN, END = "<!-- written by the bench -->", "<!-- written by hand -->"


def write(said: Mapping[str, Any]) -> None:
    """Put a run's figures in the place of those of the run before, and leave what people wrote."""
    outcomes = {name: results.from_json(row) for name, row in said["rows"].items()}
    drawings = DOCUMENT.with_name("performance")
    drawings.mkdir(exist_ok=True)
    for name, outcome in outcomes.items():
        (drawings / f"{name}.svg").write_text(draw(outcome))
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{figures(said, outcomes)}\n{END}{after}")


def figures(said: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> str:
    """Return everything that a run has to say, in Markdown."""
    machine = ", ".join(f"{name} {value}" for name, value in said["machine"].items())
    lines = [f"Measured on {said['date']} at commit `{said['commit']}`.", f"The machine: {machine}.", ""]
    lines += ["| row | figure | limit beside it | goal |", "|---|---|---|---|"]
    lines += [_row(outcome) for outcome in outcomes.values()]
    for name, outcome in outcomes.items():
        lines += ["", *_section(name, outcome)]
    return "\n".join((*lines, ""))


def _row(outcome: Outcome) -> str:
    figure, *limits = outcome.series
    beside = "<br>".join(f"{each.name}: {number(each.median)} {each.unit}" for each in limits)
    goals = "<br>".join(map(_goal, outcome.goals))
    return f"| {outcome.title} | {number(figure.median)} {figure.unit} | {beside or 'none'} | {goals} |"


def _goal(goal: Goal) -> str:
    side = "at least" if goal.at_least else "at most"
    wanted = f"{side} {number(goal.bound)} {goal.unit}".strip()
    return f"{'met' if goal.met else '**missed**'}: {goal.what} {number(goal.value)}, wanted {wanted}"


def _section(name: str, outcome: Outcome) -> Iterator[str]:
    yield from (f"### {outcome.title}", "", f"![{outcome.title}](performance/{name}.svg)", "")
    yield from outcome.notes
    yield from ("", "| measured | median | lowest | highest |", "|---|---|---|---|")
    for each in outcome.series:
        low, high = each.spread
        yield f"| {each.name} | {number(each.median)} {each.unit} | {number(low)} | {number(high)} |"
    spent = ", ".join(f"{part} {number(ms)}" for part, ms in outcome.processor_ms.items())
    yield from ("", f"Processor milliseconds a {outcome.per}: {spent}.")
    for heading, (head, *rows) in outcome.tables.items():
        yield from ("", f"{heading[:1].upper()}{heading[1:]}:", "")
        yield from (f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows))
