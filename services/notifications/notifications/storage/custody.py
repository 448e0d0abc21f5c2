"""What staff and the ledger ask of deliveries, and what a person does about one that did not get through."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from shared.messaging import Tx
from shared.service import Custody


async def custody(tx: Tx, keys: list[str]) -> dict[str, Custody]:
    """Say how far telling people about each referral has come; the case itself is casework's."""
    rows = await tx.fetch(
        """
        SELECT key, count(delivery.id) AS deliveries,
            count(delivery.id) FILTER (WHERE status = 'permanent-failure' AND taken_up_at IS NULL) AS undelivered,
            count(delivery.id) FILTER (WHERE settled_at IS NULL) AS unsent,
            min(due_at) FILTER (WHERE settled_at IS NULL) AS due_at
        FROM unnest($1::text[]) AS key LEFT JOIN delivery ON delivery.referral = key::uuid
        GROUP BY key
        """,
        keys,
    )
    return {row["key"]: _custody(row) for row in rows}


async def get_deliveries(tx: Tx, referral: UUID) -> Sequence[asyncpg.Record]:
    """Return a referral's deliveries, oldest first, with what staff may see of them."""
    return await tx.fetch(
        """
        SELECT id, template, channel, recipient_kind, recipient, status, reason, created_at, due_at, settled_at,
            attempts, taken_up_at, taken_up_by
        FROM delivery WHERE referral = $1 ORDER BY seq
        """,
        referral,
    )


async def retry(tx: Tx, delivery: UUID) -> UUID | None:
    """Make an undelivered delivery due again under its old id, and return its referral; None where it is not one."""
    referral: UUID | None = await tx.fetchval(
        """
        UPDATE delivery SET
            status = 'created', due_at = now(), settled_at = NULL,
            taken_up_at = NULL, taken_up_by = NULL, taken_up = NULL
        WHERE id = $1 AND status = 'permanent-failure' AND reason <> 'superseded'
        RETURNING referral
        """,
        delivery,
    )
    return referral


async def take_up(tx: Tx, delivery: UUID, by: str, what: str) -> datetime | None:
    """Note that a person found another way, and return when; None where there is nothing to take up."""
    at: datetime | None = await tx.fetchval(
        """
        UPDATE delivery SET taken_up_at = now(), taken_up_by = $2, taken_up = $3
        WHERE id = $1 AND status = 'permanent-failure' AND taken_up_at IS NULL
        RETURNING taken_up_at
        """,
        delivery,
        by,
        what,
    )
    return at


def _custody(row: asyncpg.Record) -> Custody:
    stage = "nothing-to-tell"
    if row["undelivered"]:
        stage = "undelivered"
    elif row["deliveries"]:
        stage = "telling" if row["unsent"] else "told"
    return Custody("handed-on", stage, deadline=row["due_at"], next_service="casework", deliveries=row["deliveries"])
