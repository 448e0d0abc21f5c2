"""The statements on what listings mean."""

from collections.abc import Collection, Mapping

from shared.messaging import Tx


async def get_meanings(tx: Tx, services: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Return the digests and vectors that are kept of services."""
    rows = await tx.fetch(
        "SELECT service, digest, vectors FROM listing_meaning WHERE service = ANY ($1::text[])", list(services)
    )
    return {row["service"]: (row["digest"], row["vectors"]) for row in rows}


async def save_meanings(tx: Tx, version: int, meanings: Mapping[str, tuple[str, bytes]]) -> None:
    """Keep vectors, and mark their listings as changed in a version, so that every replica reads them."""
    await tx.execute(
        """
        INSERT INTO listing_meaning (service, digest, vectors)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
        ON CONFLICT (service) DO UPDATE SET digest = excluded.digest, vectors = excluded.vectors
        """,
        list(meanings),
        [digest for digest, _ in meanings.values()],
        [vectors for _, vectors in meanings.values()],
    )
    await tx.execute("UPDATE service SET changed_version = $2 WHERE id = ANY ($1::text[])", list(meanings), version)
