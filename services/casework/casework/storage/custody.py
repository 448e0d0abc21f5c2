"""Who holds a case and until when, for clocks and for the ledger."""

from datetime import datetime
from uuid import UUID

import asyncpg

from shared.messaging import Tx
from shared.service import Custody


async def find_reviews_due(tx: Tx, limit: int) -> list[tuple[UUID, datetime]]:
    """Return cases whose review date has passed and was not told, with that date."""
    rows = await tx.fetch(
        """
        SELECT referral, review_at FROM cases
        WHERE state = 'open' AND review_at <= now() AND review_told_at IS DISTINCT FROM review_at
        ORDER BY review_at LIMIT $1
        """,
        limit,
    )
    return [(row["referral"], row["review_at"]) for row in rows]


async def custody(tx: Tx, keys: list[str]) -> dict[str, Custody]:
    """Say of each referral what casework holds; before it has a link worker, matching answers for it."""
    rows = await tx.fetch(_CUSTODY, keys)
    return {row["key"]: _custody(row) for row in rows}


def _custody(row: asyncpg.Record) -> Custody:
    if row["state"] == "open":
        return Custody("open", row["stage"], owner=row["link_worker"], deadline=row["review_at"])
    return Custody("closed", row["state"], next_service="referral-intake")


_CUSTODY = """
    SELECT cases.referral::text AS key, state, link_worker, review_at,
        CASE
            WHEN EXISTS (
                SELECT FROM answers JOIN offers ON offers.id = answers.offer
                WHERE offers.referral = cases.referral AND answer = 'accepted'
            ) THEN 'accepted'
            WHEN exhausted_at IS NOT NULL THEN 'choices-exhausted'
            WHEN EXISTS (SELECT FROM offers WHERE offers.referral = cases.referral) THEN 'offered'
            WHEN EXISTS (SELECT FROM contacts WHERE contacts.referral = cases.referral) THEN 'conversation'
            ELSE 'first-contact'
        END AS stage
    FROM cases
    WHERE state <> 'awaiting' AND cases.referral IN (
        SELECT key::uuid FROM unnest($1::text[]) AS key WHERE pg_input_is_valid(key, 'uuid')
    )
"""
