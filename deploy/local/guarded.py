"""Start programs so that none can outlive this process: each runs under a guardian that holds a pipe to us."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

GUARDIAN = Path(__file__).with_name("guardian.py")


@dataclass(frozen=True)
class Account:
    """The unprivileged user under which a program runs that refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Launch:
    """How to start one program, and the signals with which it ends, each with the seconds it is given."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    ends: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    account: Account | None = None

    def order(self, lock: int | None) -> bytes:
        """Write the line that the guardian reads; a pipe and not arguments, for arguments can be seen by anybody."""
        account = self.account or Account(-1, -1)
        order = {
            "argv": self.argv,
            "env": dict(self.env),
            "cwd": str(self.cwd),
            "log": str(self.log),
            "ends": [(int(number), seconds) for number, seconds in self.ends],
            "uid": account.uid if self.account else None,
            "gid": account.gid if self.account else None,
            "lock": lock,
        }
        return json.dumps(order).encode() + b"\n"


class Guarded:
    """One running program; it ends with `stop`, with `kill`, by itself, or with this process."""

    def __init__(self, name: str, pid: int, guardian: asyncio.subprocess.Process) -> None:
        self.name = name
        self.pid = pid
        self._guardian = guardian
        self._end = asyncio.create_task(self._watch())

    @classmethod
    async def start(cls, launch: Launch, *, lock: int | None = None) -> Self:
        """Start the program; `lock` is a file descriptor that stays open until nothing of the program is left."""
        guardian = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", str(GUARDIAN)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if lock is None else (lock,),
        )
        pipe, reports = ends_of(guardian)
        pipe.write(launch.order(lock))
        await pipe.drain()
        line = await reports.readline()
        if not line.startswith(b"pid "):
            raise RuntimeError(f"the guardian of {launch.name} did not start it")
        return cls(launch.name, int(line.split()[1]), guardian)

    @property
    def running(self) -> bool:
        """Whether the program has not ended, as far as we were told."""
        return not self._end.done()

    async def wait(self) -> int:
        """Wait until the program and all it started are gone; the exit code, negative for a signal."""
        return await asyncio.shield(self._end)

    async def stop(self) -> int:
        """End the program with the signals of its launch."""
        ends_of(self._guardian)[0].close()
        return await self.wait()

    def kill(self) -> None:
        """Take the program's life without a warning, as a fault would."""
        if self.running:
            os.kill(self.pid, signal.SIGKILL)

    async def _watch(self) -> int:
        pipe, reports = ends_of(self._guardian)
        line = await reports.readline()
        pipe.close()
        await self._guardian.wait()
        return int(line.split()[1]) if line else -signal.SIGKILL


def ends_of(guardian: asyncio.subprocess.Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    """Give our ends of the guardian's two pipes, which were asked for at its start."""
    if guardian.stdin is None or guardian.stdout is None:
        raise RuntimeError("a guardian without its pipes")
    return guardian.stdin, guardian.stdout
