"""The statements on which records are one service, and which may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matching.storage.imports import ROWS_AT_ONCE
from shared.messaging import Tx

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two records of which a person has to say whether they are one service, the lesser own id first."""

    one: str
    other: str
    score: float
    reasons: tuple[str, ...]
    found_at: datetime


async def count_sources(tx: Tx) -> int:
    """Return how many sources there are records of."""
    count: int = await tx.fetchval(
        "SELECT count(*) FROM source WHERE EXISTS (SELECT FROM source_record WHERE source_record.source = source.name)"
    )
    return count


async def get_traits(tx: Tx) -> list[Any]:
    """Return what every record is known by, with the listing that it is part of now."""
    return await tx.fetch("SELECT own, service, first_seen, traits FROM source_record ORDER BY own")


async def get_traits_like(tx: Tx, words: Sequence[str], least: int, limit: int) -> list[Any]:
    """Return what records are known by whose names have so many of these words, those with the most first."""
    return await tx.fetch(
        """
        SELECT own, service, traits FROM source_record
        CROSS JOIN LATERAL (
            SELECT count(*) AS shared FROM jsonb_array_elements_text(traits->'name') AS word
            WHERE word = ANY ($1::text[])
        ) AS counted
        WHERE traits->'name' ?| $1::text[] AND shared >= $2 ORDER BY shared DESC, own LIMIT $3
        """,
        list(words),
        least,
        limit,
    )


async def save_doubt(tx: Tx, pair: Pair, score: float, reasons: Sequence[str]) -> None:
    """Keep one pair that is in doubt, unless a person settled it."""
    await tx.execute(
        """
        INSERT INTO pairing (one, other, state, score, reasons) VALUES ($1, $2, 'doubt', $3, $4)
        ON CONFLICT (one, other) DO NOTHING
        """,
        *pair,
        score,
        list(reasons),
    )


async def get_settled(tx: Tx) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs that people joined, and those that they keep apart."""
    rows = await tx.fetch("SELECT one, other, state FROM pairing WHERE state IN ('joined', 'apart')")
    joined = {(row["one"], row["other"]) for row in rows if row["state"] == "joined"}
    return joined, {(row["one"], row["other"]) for row in rows} - joined


async def save_services(tx: Tx, services: Mapping[str, str]) -> None:
    """Keep which listing records are part of, by own id."""
    await tx.execute(
        """
        UPDATE source_record SET service = given.service
        FROM unnest($1::text[], $2::text[]) AS given (own, service) WHERE source_record.own = given.own
        """,
        list(services),
        list(services.values()),
    )


async def drop_doubts(tx: Tx, doubts: Mapping[Pair, Any]) -> None:
    """Forget the doubts that are none any more."""
    await tx.execute(
        """
        DELETE FROM pairing WHERE state = 'doubt' AND NOT EXISTS (
            SELECT FROM unnest($1::text[], $2::text[]) AS given (one, other)
            WHERE given.one = pairing.one AND given.other = pairing.other)
        """,
        [one for one, _ in doubts],
        [other for _, other in doubts],
    )


async def save_doubts(tx: Tx, doubts: Mapping[Pair, tuple[float, list[str]]]) -> None:
    """Keep the pairs that are in doubt; what a person settled stays."""
    rows = [(*pair, *found) for pair, found in doubts.items()]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await tx.executemany(
            """
            INSERT INTO pairing AS held (one, other, state, score, reasons) VALUES ($1, $2, 'doubt', $3, $4)
            ON CONFLICT (one, other) DO UPDATE SET score = $3, reasons = $4
            WHERE held.state = 'doubt' AND (held.score, held.reasons) IS DISTINCT FROM ($3, $4)
            """,
            rows[start : start + ROWS_AT_ONCE],
        )


async def find_doubts(tx: Tx, limit: int) -> list[Doubt]:
    """Return the doubts that nobody settled, the surest first."""
    rows = await tx.fetch("SELECT * FROM pairing WHERE state = 'doubt' ORDER BY score DESC, one, other LIMIT $1", limit)
    return [Doubt(row["one"], row["other"], row["score"], tuple(row["reasons"]), row["at"]) for row in rows]


async def settle_pair(tx: Tx, pair: Pair, state: str, by: str) -> None:
    """Keep what a person says of two records: *joined* or *apart*."""
    await tx.execute(
        """
        INSERT INTO pairing (one, other, state, by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (one, other) DO UPDATE SET state = $3, by = $4, at = now()
        """,
        *pair,
        state,
        by,
    )


async def get_owns(tx: Tx, service: str) -> list[str]:
    """Return the own ids of the records that a listing is made of, the eldest first."""
    rows = await tx.fetch("SELECT own FROM source_record WHERE service = $1 ORDER BY first_seen, own", service)
    return [row["own"] for row in rows]
