"""Turns the wall clock of one process, and leaves the monotonic clock alone."""

import time
from pathlib import Path


def turn(folder: Path, service: str) -> float:
    """Set this process's wall clock off by what the service's file says; return the seconds, 0 without a file."""
    try:
        seconds = float((folder / f"{service}.clock").read_text())
    except FileNotFoundError:
        return 0.0
    import time_machine  # noqa: PLC0415 -- only where a clock is turned

    time_machine.travel(time.time() + seconds, tick=True).start()
    return seconds
