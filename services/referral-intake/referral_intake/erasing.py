"""Keep both copies of the erasure log alike, so that a restored database brings no erased person back."""

from referral_intake import storage
from referral_intake.config import Settings
from referral_intake.people import Vault
from shared.messaging import Cause, Database


class ErasureLog:
    """The worker that applies each copy of the log to the other side."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def __call__(self, database: Database, _settings: Settings) -> int:
        """Destroy keys that came back, and log erasures that the data has lost; return how many there were."""
        async with database.transaction(Cause.tick("erasure_log", "look")) as tx:
            logged = set(await storage.erased_people(tx))
        destroyed = set(await self._vault.keyring.destroyed())
        if came_back := logged - destroyed:
            await self._vault.keyring.destroy(came_back)
        async with database.transaction(Cause.tick("erasure_log", "data")) as tx:
            forgotten = await storage.forget_again(tx, sorted(destroyed - logged))
        return len(came_back) + forgotten
