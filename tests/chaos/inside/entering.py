"""Decides what a service's process gets: fail-points, another clock, a known mistake."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = "LINKWAY_CHAOS_DIR"
MUTANT = "LINKWAY_CHAOS_MUTANT"

_APP = re.compile(r"(?:[a-z_.]+\.)?(?P<package>[a-z_]+)\.app:app")


def service_of(arguments: Sequence[str]) -> str | None:
    """Return the service that a command line runs (`faststream run <package>.app:app`), or None."""
    for program, verb, app in zip(arguments, arguments[1:], arguments[2:], strict=False):
        if Path(program).name == "faststream" and verb == "run" and (found := _APP.fullmatch(app)):
            return found["package"].replace("_", "-")
    return None


def enter(service: str, environment: Mapping[str, str]) -> None:
    """Prepare this process; the imports are here so that no other process pays for them."""
    told: dict[str, object] = {"event": "chaos_inside", "service": service}
    if folder := environment.get(FOLDER):
        from tests.chaos.inside import clock, failing  # noqa: PLC0415 - only where a run asks for it

        told["clock_seconds"] = clock.turn(Path(folder), service)
        failing.install(Path(folder), service)
    if mutant := environment.get(MUTANT):
        from tests.chaos.inside import mutating  # noqa: PLC0415 - likewise

        mutating.install(mutant, service)
        told["mutant"] = mutant
    sys.stderr.write(json.dumps(told) + "\n")
