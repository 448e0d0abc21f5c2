"""What the person agrees to, as intake says it: it owns the agreement, and this is what pages and offers need of it."""

from uuid import UUID

from shared.messaging import Tx


async def save_sharing(tx: Tx, referral: UUID, sharing: str) -> None:
    """Keep sharing as it was recorded anew, in place of all that was taken back; who has an older page is told."""
    await tx.execute(
        """
        UPDATE cases SET sharing = $2, revoked = '{}', version = version + 1
        WHERE referral = $1 AND state <> 'erased' AND (sharing IS DISTINCT FROM $2 OR revoked <> '{}')
        """,
        referral,
        sharing,
    )


async def save_revoked(tx: Tx, referral: UUID, organisation: str | None) -> None:
    """Keep that the person took their agreement to an organisation back, or to all; again changes nothing."""
    await tx.execute(
        """
        UPDATE cases SET
            sharing = CASE WHEN $2::text IS NULL THEN 'declined' ELSE sharing END,
            revoked = CASE WHEN $2::text IS NULL THEN '{}' ELSE array_append(revoked, $2::text) END,
            version = version + 1
        WHERE referral = $1 AND state <> 'erased' AND sharing IS DISTINCT FROM 'declined'
            AND ($2::text IS NULL OR $2::text <> ALL (revoked))
        """,
        referral,
        organisation,
    )


async def stop(tx: Tx, referral: UUID, organisation: str | None) -> None:
    """Take back an organisation's part in a referral, or every organisation's; what is chosen later stands."""
    for table in ("choices", "offers"):
        await tx.execute(
            f"""
            UPDATE {table} SET revoked_at = now()
            WHERE referral = $1 AND ($2::text IS NULL OR organisation = $2) AND revoked_at IS NULL
            """,  # noqa: S608 - one of two names of ours
            referral,
            organisation,
        )


async def list_organisations(tx: Tx, referral: UUID) -> dict[str, str]:
    """Return the names of all organisations that were chosen or asked, by their ids."""
    rows = await tx.fetch(
        """
        SELECT organisation, max(organisation_name) AS name FROM (
            SELECT organisation, organisation_name FROM choices WHERE referral = $1
            UNION ALL
            SELECT organisation, organisation_name FROM offers WHERE referral = $1
        ) AS part GROUP BY organisation ORDER BY name
        """,
        referral,
    )
    return {row["organisation"]: row["name"] for row in rows}
