"""Everything of one run in one place: the running Linkway, what stands between its parts, and the driver's book."""

import asyncio
import base64
import contextlib
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from deploy.demo.driver.book import Book as Counts
from deploy.local.home import PROJECT, Home
from deploy.local.plan import Options
from deploy.local.ports import free_port
from deploy.local.replica import StartFailed
from deploy.local.stack import Stack
from tests.acceptance.everything import everything
from tests.acceptance.world import PROGRAMME, World, lived_in
from tests.acceptance.world import settings as acceptance_settings
from tests.chaos.book import Book
from tests.chaos.profile import SETTINGS, Profile
from tests.chaos.proxy import Proxy, Troubles
from tests.chaos.receiver import Receiver

INSIDE = PROJECT / "tests/chaos/inside"
ROOM = 100_000
"""How many people each link worker may have."""
PRACTICE_KEYS = "practice-keys.json"
MAIL_REFUSED, MAIL_TAKEN = b"421 4.3.2 not now\r\n", b"250 kept"


class NotInflicted(Exception):
    """A fault did not come about: what it should befall was not there, or did not come by."""


@dataclass
class Scene:
    """One run; `folder` is what processes of Linkway look into for what they shall suffer from inside."""

    profile: Profile
    book: Book
    world: World
    receiver: Receiver
    folder: Path
    network: Troubles
    mail: Troubles
    mounts: list[Path]
    """File systems of this run's own, which end with it."""
    began: float = field(default_factory=time.monotonic)

    @property
    def stack(self) -> Stack:
        """The processes."""
        return self.world.stack

    def say(self, what: str) -> None:
        """Tell whoever watches."""
        sys.stderr.write(f"{time.monotonic() - self.began:7.1f} {what}\n")

    def running(self, service: str) -> list[str]:
        """Return the replicas of a service that shall run."""
        return [f"{service}-{number}" for number in range(1, self.profile.replicas[service] + 1)]

    async def bring(self, *names: str) -> None:
        """Start what shall run again; that it is not well yet, because of another fault, is for the watch to see."""
        for outcome in await asyncio.gather(*map(self.stack.start, names), return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, StartFailed):
                raise outcome

    async def set_up(self, *, extra: bool) -> None:
        """Have the replicas that are only for a while running, or not."""
        for service, count in self.profile.planned_replicas.items():
            for number in range(self.profile.replicas[service] + 1, count + 1):
                await (self.bring if extra else self.stack.stop)(f"{service}-{number}")


@dataclass
class Wires:
    """Where the run stands between the parts: the ports of its proxies and of the webhooks' receiver."""

    secret: str
    data: int = field(default_factory=free_port)
    keys: int = field(default_factory=free_port)
    smtp: int = field(default_factory=free_port)
    hook: int = field(default_factory=free_port)

    def settings(self, folder: Path) -> dict[str, str]:
        """Return what every process is told, so that it goes through the proxies and looks into the folder."""
        return {
            **acceptance_settings(self.hook, self.secret),
            **SETTINGS,
            "LINKWAY_POSTGRES": f"postgresql://127.0.0.1:{self.data}/linkway",
            "LINKWAY_KEYS_POSTGRES": f"postgresql://127.0.0.1:{self.keys}/linkway_keys",
            "LINKWAY_SMTP": f"127.0.0.1:{self.smtp}",
            "LINKWAY_CHAOS_DIR": str(folder),
            "PYTHONPATH": str(INSIDE),
        }


@contextlib.asynccontextmanager
async def staged(profile: Profile, book: Book) -> AsyncIterator[Scene]:
    """Give a running Linkway with everything in place that will break it, and remove it afterwards."""
    with Home.temporary() as home, kept_logs(home, profile.log), dismounted() as mounts:
        wires = Wires(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
        (folder := home.root / "inside").mkdir()
        stack = Stack(home, options(profile, home, {**wires.settings(folder), **profile.settings}))
        network, mail, counts = Troubles(), Troubles(refusal=MAIL_REFUSED, taken=MAIL_TAKEN), Counts()
        async with (
            Proxy(wires.data, lambda: server(stack.addresses.postgres), network, speaks_postgres=True),
            Proxy(wires.keys, lambda: server(stack.addresses.keys), network, speaks_postgres=True),
            Proxy(wires.smtp, lambda: stack.addresses.smtp, mail),
            stack,
        ):
            with Receiver(wires.hook, wires.secret, counts) as receiver:
                async with lived_in(stack, receiver, counts, home.root / PRACTICE_KEYS) as world:
                    world.before = await everything(world)
                    scene = Scene(profile, book, world, receiver, folder, network, mail, mounts)
                    await scene.set_up(extra=False)
                    yield scene


def options(profile: Profile, home: Home, settings: Mapping[str, str]) -> Options:
    """Return what is asked of the stack."""
    programme = home.root / "programme.yaml"
    programme.write_text(roomy_programme(), "utf-8")
    return Options(
        replicas=profile.planned_replicas,
        settings=settings,
        variables={
            "LINKWAY_PRACTICE_KEYS_FILE": str(home.root / PRACTICE_KEYS),
            "LINKWAY_PROGRAMME_FILE": str(programme),
        },
        ephemeral=True,
        kafka_nodes=profile.kafka_nodes,
    )


@contextlib.contextmanager
def dismounted() -> Iterator[list[Path]]:
    """Give a list of file systems, and take them away in the end."""
    mounts: list[Path] = []
    try:
        yield mounts
    finally:
        for mount in mounts:
            subprocess.run(["umount", "--lazy", str(mount)], check=True)


@contextlib.contextmanager
def kept_logs(home: Home, folder: Path | None) -> Iterator[None]:
    """Keep what the processes logged, where that is wanted."""
    try:
        yield
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(home.log, folder)


def server(address: str) -> str:
    """Return host and port of `postgresql://host:port/database`."""
    return address.removeprefix("postgresql://").partition("/")[0]


def roomy_programme() -> str:
    """Return the sample's programme, whose link workers can take on everybody."""
    said = yaml.safe_load(PROGRAMME.read_text("utf-8"))
    for worker in said["link_workers"]:
        worker["caseload_limit"] = ROOM
    return yaml.safe_dump(said)
