"""Outlive the parent by a moment and end its child, because a killed parent can end nothing itself.

A script of the standard library alone, started as `python -I -S guardian.py`: the order comes as one line of JSON on
standard input, which the parent then keeps open. End of file there means that the parent is gone or wants the end.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
HANDLED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Start the child, report its pid, wait for its end or for the parent's, report how it ended."""
    order = json.loads(read_line())
    if order["lock"] is not None:
        os.set_inheritable(order["lock"], False)
    wake, wake_write = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    for number in HANDLED:
        signal.signal(number, lambda *_: None)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    child = start(order)
    report(f"pid {child}")
    code = watch(child, wake, order["ends"])
    sweep(child)
    report(f"exit {code}")


def start(order: dict[str, Any]) -> int:
    """Fork the child into a session of its own, so that a Ctrl-C at the terminal reaches the parent only."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    child = os.fork()
    if child == 0:
        become(order, log)
    os.close(log)
    return child


def become(order: dict[str, Any], log: int) -> NoReturn:
    """Turn the forked copy into the ordered program; says in the log what stopped it, and exits 127."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        if order["uid"] is not None:
            os.setgroups([])
            os.setgid(order["gid"])
            os.setuid(order["uid"])
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # after setuid, which clears it: covers the guardian's own death
        os.chdir(order["cwd"])
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606 - the order is the parent's, no shell
    except OSError as error:
        os.write(2, f"{order['argv'][0]}: {error}\n".encode())
    finally:
        os._exit(127)


def watch(child: int, wake: int, ends: list[list[float]]) -> int:
    """Wait for the child; when the parent goes, send each signal of `ends` and wait its seconds, then kill."""
    code = wait(child, wake, None)
    for number, seconds in ends:
        if code is None:
            os.kill(child, int(number))
            code = wait(child, wake, time.monotonic() + seconds)
    if code is None:
        os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code


def wait(child: int, wake: int, deadline: float | None) -> int | None:
    """Give the child's exit code, or None at the deadline; without one, None once the parent is gone."""
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        watched = [wake] if deadline is not None else [wake, 0]
        ready, _, _ = select.select(watched, [], [], left)
        told_to_end = wake in ready and set(os.read(wake, 512)) - {signal.SIGCHLD}
        if 0 in ready or not ready or (deadline is None and told_to_end):
            return None


def sweep(child: int) -> None:
    """End what the child left: its group at once, adopted orphans (PostgreSQL's backends) if they do not end soon."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # an empty group, or only zombies in it
        os.killpg(child, signal.SIGKILL)
    patience = time.monotonic() + 2
    while True:
        try:
            waiting = os.waitpid(-1, os.WNOHANG) == (0, 0)
        except ChildProcessError:
            return
        if waiting and time.monotonic() > patience:
            kill_adopted()
        if waiting:
            time.sleep(0.01)


def kill_adopted() -> None:
    """Kill the processes that Linux made our children when their parents ended."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for pid in children.read_text().split():
        os.kill(int(pid), signal.SIGKILL)


def prctl(option: int, value: int) -> None:
    """Ask Linux for a favour; elsewhere the pipe alone must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def read_line() -> bytes:
    """Read one line without a buffer, so that nothing of the pipe is taken from `select`."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            sys.exit(0)
        line += piece
    return line


def report(line: str) -> None:
    """Tell the parent, if there still is one."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
