"""Reads what the services' processes wrote into their logs."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tests.acceptance.world import SERVICES
from tests.chaos.snapshot.found import Line

_OF_EVERY_LINE = frozenset({"event", "timestamp", "service", "level"})


def read_logs(folder: Path) -> tuple[list[Line], dict[tuple[str, str], Line]]:
    """Return the lines, and for each service and event the first that says that it was handled."""
    lines: list[Line] = []
    handled: dict[tuple[str, str], Line] = {}
    for path in sorted(folder.glob("*.log")):
        if path.stem.rpartition("-")[0] in SERVICES:
            for line in _lines(path):
                if line.event == "message_handled" and line.told["outcome"] == "done":
                    about = (line.service, str(line.told["event_id"]))
                    if about not in handled or line.at < handled[about].at:
                        handled[about] = line
                else:
                    lines.append(line)
    return lines, handled


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as log:
        for raw in log:
            # What a killed process was writing ends in the middle; what Python itself says is no JSON.
            if raw.startswith(b"{") and raw.endswith(b"}\n") and (told := _json(raw)):
                at = datetime.fromisoformat(told["timestamp"]).timestamp() if "timestamp" in told else 0.0
                rest = {name: value for name, value in told.items() if name not in _OF_EVERY_LINE}
                yield Line(path.stem, at, str(told.get("event", "")), rest)


def _json(raw: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}  # two lines in one, of a process that was killed and the next
    return found
