"""A full disk under PostgreSQL: small file systems of its own, one for the data and one for the log."""

import asyncio
import contextlib
import ctypes
import os
import shutil
from pathlib import Path

import asyncpg

from deploy.local.guarded import Account
from deploy.local.postgres import Postgres
from tests.acceptance.books import looking
from tests.chaos.scene import NotInflicted, Scene
from tests.chaos.schedule import Planned

CLONE_NEWNS = 0x20000
ROOMY = "2g"
SPARE_BYTES = 64 * 1024
SHRINKS = 10
PARTS = {"disk-full-data": "base", "disk-full-log": "pg_wal"}
LOG_MEGABYTES = 400
"""More of the log than PostgreSQL keeps files ready for."""


def skipped() -> dict[str, str]:
    """Put this process into a mount namespace of its own; where that cannot be, return the faults that it stands for.

    Threads that were started before stay outside, so this comes first.
    """
    refused = _apart()
    return dict.fromkeys(PARTS, refused) if refused else {}


def _apart() -> str | None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        return f"no mount namespace: {os.strerror(ctypes.get_errno())}"
    # Else what is mounted here would be mounted for everybody.
    if libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None) != 0:
        return f"no private mounts: {os.strerror(ctypes.get_errno())}"
    return None


async def prepare(scene: Scene) -> str | None:
    """Move PostgreSQL's data and log onto file systems in memory; say why where that cannot be."""
    postgres = scene.stack.embedded.postgres
    assert postgres is not None, "a PostgreSQL of our own is what is broken"
    await scene.stack.stop("postgres")
    try:
        for part in PARTS.values():
            if refused := await _move(postgres, postgres.data / part):
                return refused
            scene.mounts.append(postgres.data / part)
    finally:
        await scene.stack.start("postgres")
    return None


async def _move(postgres: Postgres, folder: Path) -> str | None:
    """Copy a folder aside, cover it with a file system, and copy everything back."""
    aside = folder.with_name(f"{folder.name}.aside")
    await asyncio.to_thread(shutil.copytree, folder, aside)
    refused = await _mount("-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", str(folder))
    if not refused:
        await asyncio.to_thread(_fill, aside, folder, postgres.account)
    await asyncio.to_thread(shutil.rmtree, aside)
    return refused


def _fill(source: Path, target: Path, owner: Account | None) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        if owner:
            os.chown(path, owner.uid, owner.gid)
    target.chmod(0o700)


async def full(scene: Scene, fault: Planned) -> None:
    """Have no room left where PostgreSQL keeps its data, or its log."""
    postgres = scene.stack.embedded.postgres
    assert postgres is not None, "a PostgreSQL of our own is what is broken"
    folder = postgres.data / PARTS[fault.kind]
    if refused := await _shrink(folder):
        raise NotInflicted(refused)
    try:
        if fault.kind == "disk-full-log":
            await _use_up_the_log(scene)
        await asyncio.sleep(fault.seconds)
    finally:
        await _mount("-o", f"remount,size={ROOMY}", str(folder))


async def _shrink(folder: Path) -> str | None:
    """Make a file system as small as what it holds; once more where it grew meanwhile."""
    refused: str | None = None
    for _ in range(SHRINKS):
        used = os.statvfs(folder)
        size = (used.f_blocks - used.f_bfree) * used.f_frsize + SPARE_BYTES
        refused = await _mount("-o", f"remount,size={size}", str(folder))
        if refused is None:
            break
    return refused


async def _use_up_the_log(scene: Scene) -> None:
    """Write into the log what fills the files that lie ready; the room ends before the loop does."""
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # full is what it shall be
        async with looking(scene.world) as database:
            for _ in range(LOG_MEGABYTES):
                await database.execute("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000))")


async def _mount(*arguments: str) -> str | None:
    called = await asyncio.create_subprocess_exec(
        "mount", *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await called.communicate()
    return said.decode().strip() or f"mount ended with {called.returncode}" if called.returncode else None
