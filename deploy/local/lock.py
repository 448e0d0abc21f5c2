"""Let one stack run in a home at a time, and know when nothing of it is left."""

import asyncio
import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil

END_SECONDS = 40.0


class AlreadyRunning(RuntimeError):
    """A stack runs in this home: end it by `down`, or choose another home by LINKWAY_HOME."""


class Lock:
    """A lock that the runner shares with every guardian, so that it is free only when all of them have ended."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    @classmethod
    async def take(cls, path: Path) -> Self:
        """Take the lock, after the remains of a runner that was killed have ended.

        Raises:
            AlreadyRunning: its runner lives, or its remains do not end.
        """
        lock = cls(path)
        if not await lock.wait(lambda: runner(path) is not None):
            lock.release()
            raise AlreadyRunning(AlreadyRunning.__doc__)
        me = psutil.Process()
        os.truncate(lock.descriptor, 0)
        os.pwrite(lock.descriptor, json.dumps({"pid": me.pid, "started": me.create_time()}).encode(), 0)
        return lock

    async def wait(self, give_up: Callable[[], bool] = lambda: False) -> bool:
        """Take the lock as soon as it is free; False when told to give up, or after END_SECONDS."""
        deadline = time.monotonic() + END_SECONDS
        while not self._try():
            if give_up() or time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    def release(self) -> None:
        """Let go; the guardians may still hold it."""
        os.close(self.descriptor)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def runner(path: Path) -> psutil.Process | None:
    """Find the process that runs a stack under this lock, if it still lives."""
    try:
        found = json.loads(path.read_text())
        process = psutil.Process(found["pid"])
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    return process if process.create_time() == found["started"] else None


async def ended(path: Path) -> bool:
    """Wait until nothing of the stack under this lock is left; False if that takes too long."""
    lock = Lock(path)
    try:
        return await lock.wait()
    finally:
        lock.release()
