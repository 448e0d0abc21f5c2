"""The statements on lists of services that practices keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.messaging import Tx

MOST_ENTRIES = 30


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A list under its address, with the digest of the key that changes it."""

    id: str
    name: str
    key_digest: bytes


async def count_made(tx: Tx, since: datetime) -> int:
    """Return how many lists were made since then, over all."""
    made: int = await tx.fetchval("SELECT count(*) FROM shortlist WHERE made_at >= $1", since)
    return made


async def save_shortlist(tx: Tx, shortlist: Shortlist) -> None:
    """Keep a new list."""
    await tx.execute(
        "INSERT INTO shortlist (id, name, key_digest) VALUES ($1, $2, $3)",
        shortlist.id,
        shortlist.name,
        shortlist.key_digest,
    )


async def find_shortlist(tx: Tx, shortlist: str, *, lock: bool = False) -> Shortlist | None:
    """Return a list, or None; locked, where it is about to be changed."""
    row = await tx.fetchrow(
        f"SELECT id, name, key_digest FROM shortlist WHERE id = $1 {'FOR UPDATE' if lock else ''}",  # noqa: S608
        shortlist,
    )
    return Shortlist(**dict(row)) if row else None


async def get_entries(tx: Tx, shortlist: str) -> list[str]:
    """Return a list's services in its order; in the place of one that was joined with another, that one."""
    rows = await tx.fetch(
        """
        SELECT coalesce(service.joined_into, service.id) AS id
        FROM shortlist_entry AS entry JOIN service ON service.id = entry.service
        WHERE entry.shortlist = $1 ORDER BY entry.rank, entry.service
        """,
        shortlist,
    )
    return list(dict.fromkeys(row["id"] for row in rows))


async def save_entries(tx: Tx, shortlist: str, services: Sequence[str]) -> None:
    """Make these a list's services, in this order, at most thirty; what is in no directory is left out."""
    await tx.execute("DELETE FROM shortlist_entry WHERE shortlist = $1", shortlist)
    await tx.execute(
        """
        INSERT INTO shortlist_entry (shortlist, service, rank)
        SELECT $1, service.id, wanted.rank FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, rank)
        JOIN service ON service.id = wanted.id
        """,
        shortlist,
        list(dict.fromkeys(services))[:MOST_ENTRIES],
    )


async def rename(tx: Tx, shortlist: str, name: str) -> None:
    """Give a list another name."""
    await tx.execute("UPDATE shortlist SET name = $2 WHERE id = $1", shortlist, name)


async def drop_shortlist(tx: Tx, shortlist: str) -> None:
    """Forget a list."""
    await tx.execute("DELETE FROM shortlist WHERE id = $1", shortlist)
