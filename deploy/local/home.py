"""Keep everything that running leaves behind in one folder, so that removing it removes every trace."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """The state folder of one stack; two stacks side by side have two homes and may share a cache."""

    root: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> Self:
        """Take `LINKWAY_HOME`, else `.linkway` in the clone; the user's home folder is never used."""
        root = Path(os.environ.get("LINKWAY_HOME") or PROJECT / ".linkway").resolve()
        return cls.at(root, cache=root / "cache")

    @classmethod
    def at(cls, root: Path, *, cache: Path) -> Self:
        """Make a home at `root`."""
        home = cls(root.resolve(), cache)
        for folder in (home.cache, home.data, home.log, home.run):
            folder.mkdir(parents=True, exist_ok=True)
        return home

    @classmethod
    @contextlib.contextmanager
    def temporary(cls) -> Iterator[Self]:
        """Make a home for tests inside the clone's own, whose downloads it shares, and remove it afterwards."""
        own = cls.from_environment()
        home = cls.at(own.root / "tmp" / uuid.uuid4().hex[:12], cache=own.cache)
        try:
            yield home
        finally:
            home.remove()

    @property
    def data(self) -> Path:
        """Kafka's and PostgreSQL's files, and the mails of the sink."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """One file a process, started anew with each stack."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """What is true only while a stack runs: its lock, its addresses."""
        return self.root / "run"

    @property
    def secrets(self) -> Path:
        """The keys that were made for this home, readable by its owner only."""
        return self.root / "secrets.env"

    @property
    def lock(self) -> Path:
        """What one runner holds at a time."""
        return self.run / "lock"

    @property
    def addresses(self) -> Path:
        """Where a running stack answers, for programs outside the runner."""
        return self.run / "addresses.json"

    @property
    def elsewhere(self) -> Path:
        """A link to the folder of what could not lie here; see `place.shelter`."""
        return self.data / "elsewhere"

    @property
    def identity(self) -> str:
        """Name this home for files that had to lie elsewhere; a new home has a new name."""
        path = self.data / "identity"
        if not path.exists():
            path.write_text(uuid.uuid4().hex[:16])
        return path.read_text()

    def remove(self) -> None:
        """Remove the home and what it has elsewhere; the cache stays."""
        if self.elsewhere.is_symlink():
            shutil.rmtree(self.elsewhere.resolve())
        shutil.rmtree(self.root)
