"""The directory in memory, so that a match is a pure function of values and asks the database one cheap question."""

from matching import storage
from matching.domain import Snapshot
from shared.messaging import Tx


class DirectoryCache:
    """The directory as this process saw it last."""

    def __init__(self) -> None:
        self._snapshot = Snapshot.of(0, ())

    async def latest(self, tx: Tx) -> Snapshot:
        """Return the directory as it stands in this transaction, reading only what changed; after a restore, all."""
        version = await storage.get_version(tx)
        if version < self._snapshot.version:
            self._snapshot = Snapshot.of(0, ())
        if version > self._snapshot.version:
            self._snapshot = self._snapshot.changed(*await storage.get_changed(tx, self._snapshot.version))
        return self._snapshot
