"""Named places at which a process of Linkway kills itself once, or worse, armed from outside by a file."""

from pathlib import Path

POINTS = (
    "after-commit-before-answer",
    "after-commit-before-send",
    "after-send-before-mark",
    "after-effect-before-position",
    "in-a-rebalance",
)
"""In a request that committed events; in the relay before the broker has them, and after; at the end of a batch's
transaction, before its commit; in a consumer that has partitions and is about to lose them."""


BEFORE_COMMIT = "before-commit"
"""In a request that publishes: all is written, and not committed."""
BEFORE_BATCH = "before-a-batch"
"""In a consumer that has records in hand: their transaction is about to begin."""
LAGGING_TOPIC = "lagging-topic"
"""In a consumer, before it polls: the referrals' own topic comes some seconds after the others, whose events follow
from it."""
HANDLING = "handling-"
"""Followed by a type: in the consumer's transaction, just before this type's handler is called."""
_BETWEEN = (BEFORE_COMMIT, BEFORE_BATCH, LAGGING_TOPIC)
ACTS = ("kill", "stop", "raise", "wait")
"""Die by SIGKILL, stop by SIGSTOP until somebody continues it, raise an error, wait some seconds."""


def arm(folder: Path, service: str, point: str, act: str = "kill", seconds: float = 0) -> None:
    """Have the next process of this service that passes the point do this there, once; all others pass.

    Raises:
        ValueError: no such point, or no such act.
    """
    if point not in (*POINTS, *_BETWEEN) and not point.startswith(HANDLING):
        raise ValueError(f"{point} is none of {', '.join(POINTS)}")
    if act not in ACTS:
        raise ValueError(f"{act} is none of {', '.join(ACTS)}")
    _mark(folder, service, point).unlink(missing_ok=True)
    unfinished = folder / f"unfinished.{service}.{point}"
    unfinished.write_text(f"{act} {seconds}")
    unfinished.rename(folder / f"{service}.{point}")


def disarm(folder: Path, service: str, point: str) -> bool:
    """Take the file back; True when no process had passed the point."""
    try:
        (folder / f"{service}.{point}").unlink()
    except FileNotFoundError:
        return False
    return True


def fired(folder: Path, service: str, point: str) -> bool:
    """Say whether a process has passed the point, and done as it was told, since it was last armed."""
    return fired_by(folder, service, point) is not None


def fired_by(folder: Path, service: str, point: str) -> int | None:
    """Return the process that has passed the point since it was last armed, None when none has."""
    try:
        return int(_mark(folder, service, point).read_text())
    except FileNotFoundError:
        return None


def fire(folder: Path, service: str, point: str, pid: int) -> tuple[str, float] | None:
    """Let a process pass a point; return what it shall do there and for how long, None where it may go on."""
    taken = folder / f"taken.{service}.{point}.{pid}"
    try:
        (folder / f"{service}.{point}").rename(taken)  # of several processes one succeeds
    except FileNotFoundError:
        return None
    act, seconds = taken.read_text().split()
    taken.write_text(str(pid))
    taken.rename(_mark(folder, service, point))
    return act, float(seconds)


def set_clock(folder: Path, service: str, seconds: float) -> None:
    """Have the wall clock of each process of this service that starts from now on be off by so much; 0: right again."""
    path = folder / f"{service}.clock"
    if seconds:
        path.write_text(str(seconds))
    else:
        path.unlink(missing_ok=True)


def _mark(folder: Path, service: str, point: str) -> Path:
    return folder / f"{service}.{point}.fired"
