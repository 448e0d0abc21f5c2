"""Draw a row as SVG: a line for each series, a dot for each run, a bar at the median; readable without scripts."""

from collections.abc import Sequence
from html import escape

from benchmarks.figures import Outcome, Series

WIDTH, LEFT, RIGHT, LINE, TOP = 760, 330, 90, 30, 34
MOST_LINES = 6


def draw(outcome: Outcome) -> str:
    """Return the drawing of those series that share the figure's unit, from nought to the greatest value."""
    unit = outcome.series[0].unit
    drawn = [each for each in outcome.series if each.unit == unit][:MOST_LINES]
    most = max(max(each.values) for each in drawn) or 1.0
    height = TOP + LINE * len(drawn) + 10
    body = [_text(8, 20, f"{outcome.title}, {unit}", weight="bold")]
    for number, each in enumerate(drawn):
        body += _line(each, TOP + LINE * number + LINE / 2, most, first=number == 0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif">'
    )
    title = f"<title>{escape(outcome.title)}</title>"
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join((head, title, ground, *body, "</svg>", ""))


def _line(series: Series, y: float, most: float, *, first: bool) -> Sequence[str]:
    colour = "#0b5394" if first else "#777"
    end = _x(most, most)
    dots = [
        f'<circle cx="{_x(value, most):.1f}" cy="{y}" r="4" fill="{colour}" opacity="0.6"/>' for value in series.values
    ]
    middle = _x(series.median, most)
    return (
        _text(LEFT - 10, y + 4, series.name, anchor="end"),
        f'<line x1="{LEFT}" y1="{y}" x2="{end:.1f}" y2="{y}" stroke="#ddd"/>',
        *dots,
        f'<line x1="{middle:.1f}" y1="{y - 9}" x2="{middle:.1f}" y2="{y + 9}" stroke="{colour}" stroke-width="3"/>',
        _text(end + 10, y + 4, number(series.median)),
    )


def _x(value: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / most


def _text(x: float, y: float, said: str, *, anchor: str = "start", weight: str = "normal") -> str:
    place = f'x="{x:.0f}" y="{y:.0f}" font-size="12" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text {place} fill="#222">{escape(said)}</text>'


def number(value: float) -> str:
    """Write a figure with about three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
