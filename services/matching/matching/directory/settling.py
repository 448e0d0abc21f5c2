"""What people decide about records that may be one service: to join them, to keep them apart, to split a listing."""

from matching import storage
from matching.directory.changes import Changes
from matching.directory.imports.gathering import pair_of
from matching.directory.imports.local import LOCAL
from matching.directory.imports.recording import regroup
from matching.directory.imports.refreshing import refresh
from matching.directory.mending import NotListedError
from shared.messaging import Tx


async def join(tx: Tx, one: str, other: str, by: str) -> Changes:
    """Make one listing of two, by a person's word; the elder's id stays, and the other leads to it.

    Raises:
        NotListedError: one of them is not made of any record.
    """
    return await _settle_pair(tx, (await _eldest(tx, one), await _eldest(tx, other)), "joined", by)


async def keep_apart(tx: Tx, one: str, other: str, by: str) -> Changes:
    """Keep two records apart for good, by their own ids; if they are one listing now, it is split."""
    return await _settle_pair(tx, (one, other), "apart", by)


async def split(tx: Tx, service: str, own: str, by: str) -> Changes:
    """Take one record out of a listing, for good: it is kept apart from each of the others.

    Raises:
        NotListedError: the listing has no such record, or no other.
    """
    owns = await storage.pairing.get_owns(tx, service)
    others = [other for other in owns if other != own]
    if own not in owns or not others:
        raise NotListedError(own)
    for other in others[1:]:
        await storage.pairing.settle_pair(tx, pair_of(own, other), "apart", by)
    return await _settle_pair(tx, (own, others[0]), "apart", by)


async def _settle_pair(tx: Tx, pair: tuple[str, str], how: str, by: str) -> Changes:
    await storage.imports.allow_long(tx)
    version = await storage.lock_directory(tx)
    if pair[0] == pair[1] or len(await storage.imports.find_owned(tx, pair)) < len(pair):
        raise NotListedError(" ".join(pair))
    await storage.pairing.settle_pair(tx, pair_of(*pair), how, by)
    return (await refresh(tx, await regroup(tx, always=True), LOCAL.name, version))[0]


async def _eldest(tx: Tx, service: str) -> str:
    owns = await storage.pairing.get_owns(tx, service)
    if not owns:
        raise NotListedError(service)
    return owns[0]
