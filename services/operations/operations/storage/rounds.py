"""What services told at each round: their counts, the referrals that they have seen, and the history of the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from operations.domain import Window
from shared.messaging import Tx


async def save_answer(
    tx: Tx, service: str, counts: Mapping[str, Any] | None, lag: Mapping[str, int] | None
) -> datetime | None:
    """Keep what a service told, or that it did not answer; return until when its ids were compared."""
    compared: datetime | None = await tx.fetchval(
        """
        INSERT INTO peer (service, asked_at, answered_at, counts, lag)
        VALUES ($1, now(), CASE WHEN $2::jsonb IS NOT NULL THEN now() END, $2, $3)
        ON CONFLICT (service) DO UPDATE SET
            asked_at = now(), answered_at = coalesce(excluded.answered_at, peer.answered_at),
            counts = coalesce(excluded.counts, peer.counts), lag = coalesce(excluded.lag, peer.lag)
        RETURNING compared_until
        """,
        service,
        counts,
        lag,
    )
    return compared


async def save_compared(tx: Tx, service: str, until: datetime) -> None:
    """Note until when a service's ids were compared."""
    await tx.execute("UPDATE peer SET compared_until = $2 WHERE service = $1", service, until)


async def list_peers(tx: Tx) -> list[asyncpg.Record]:
    """Return what each service told last; `answers` says whether it answered when it was asked last."""
    return await tx.fetch(
        """
        SELECT service, asked_at, answered_at, coalesce(answered_at = asked_at, false) AS answers, counts, lag
        FROM peer ORDER BY service
        """
    )


async def get_seen(tx: Tx, service: str, window: Window) -> set[UUID]:
    """Return the referrals that a service is known to have seen first in a window."""
    rows = await tx.fetch(
        "SELECT referral FROM seen WHERE service = $1 AND since >= $2 AND since < $3",
        service,
        window.since,
        window.until,
    )
    return {row["referral"] for row in rows}


async def save_seen(tx: Tx, service: str, window: Window, new: Iterable[UUID], gone: Sequence[UUID]) -> None:
    """Bring what a service has seen in a smallest window up to date."""
    await tx.execute(
        "INSERT INTO seen (service, since, referral) SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT DO NOTHING",
        service,
        window.since,
        sorted(new),
    )
    await tx.execute(
        "DELETE FROM seen WHERE service = $1 AND since = $2 AND referral = ANY ($3::uuid[])",
        service,
        window.since,
        gone,
    )


async def save_round(
    tx: Tx, began_at: datetime, looked_at: int, silent: Sequence[str], states: Mapping[str, int]
) -> None:
    """Write a round into the history, and forget what is over 90 days old."""
    await tx.execute(
        """
        INSERT INTO round (began_at, looked_at, silent, unaccounted, states) VALUES ($1, $2, $3, $4, $5)
        """,
        began_at,
        looked_at,
        silent,
        states.get("unaccounted", 0),
        states,
    )
    await tx.execute("DELETE FROM round WHERE ended_at < now() - interval '90 days'")


async def find_last_round(tx: Tx) -> asyncpg.Record | None:
    """Return the last round, with its number and how many seconds ago it began."""
    return await tx.fetchrow(
        """
        SELECT id, began_at, ended_at, looked_at, silent, unaccounted,
            extract(epoch FROM now() - began_at)::float8 AS age_seconds
        FROM round ORDER BY id DESC LIMIT 1
        """
    )


async def list_alarms(tx: Tx, limit: int) -> list[asyncpg.Record]:
    """Return the rounds at which the number of unaccounted referrals changed, the last first."""
    return await tx.fetch(
        """
        SELECT ended_at, unaccounted FROM (
            SELECT id, ended_at, unaccounted, lag(unaccounted, 1, 0::bigint) OVER (ORDER BY id) AS before FROM round
            WHERE ended_at > now() - interval '35 days'
        ) AS history
        WHERE unaccounted <> before ORDER BY id DESC LIMIT $1
        """,
        limit,
    )
