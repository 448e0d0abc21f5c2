"""The statements on what people do to the directory, and on what its pages show of that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from matching.domain import Listing
from matching.storage.listings import find_listings
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did: what, who by role and opaque id, when, what they said, and their note."""

    act: str
    by: str
    at: datetime
    said: Mapping[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the offers that a service was made since some day."""

    made: int
    accepted: int
    declined: int
    expired: int
    open: int
    answer_seconds: float | None
    """Half of the answers came within so many."""
    reasons: Mapping[str, int]
    """Why offers were declined, and how often."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A visit to an organisation or a word with it."""

    kind: str
    held_on: date
    by: str
    service: str | None
    service_name: str | None


async def claim_act(
    tx: Tx,
    form_id: UUID,
    act: str,
    by: str,
    *,
    service: str | None = None,
    organisation: str | None = None,
    said: Mapping[str, Any] | None = None,
    note: str = "",
) -> bool:
    """Note what is done by a form, and say whether this is its first time."""
    tag = await tx.execute(
        """
        INSERT INTO mending_act (id, act, by, service, organisation, said, note) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO NOTHING
        """,
        form_id,
        act,
        by,
        service,
        organisation,
        dict(said or {}),
        note,
    )
    return tag == "INSERT 0 1"


async def name_service(tx: Tx, form_id: UUID, service: str) -> None:
    """Note which listing came of an act."""
    await tx.execute("UPDATE mending_act SET service = $2 WHERE id = $1", form_id, service)


async def find_service_of(tx: Tx, form_id: UUID) -> str | None:
    """Return which listing came of an act."""
    found: str | None = await tx.fetchval("SELECT service FROM mending_act WHERE id = $1", form_id)
    return found


async def find_acts(tx: Tx, services: Sequence[str], limit: int) -> list[Act]:
    """Return what was done to listings, the latest first."""
    rows = await tx.fetch(
        """
        SELECT act, by, at, said, note FROM mending_act WHERE service = ANY ($1::text[])
        ORDER BY at DESC, id LIMIT $2
        """,
        list(services),
        limit,
    )
    return [Act(**dict(row)) for row in rows]


async def find_contacts(tx: Tx, organisation: str, limit: int) -> list[Contact]:
    """Return visits to an organisation and words with it, the latest first."""
    rows = await tx.fetch(
        """
        SELECT contact.kind, contact.held_on, contact.by, contact.service, service.name AS service_name
        FROM organisation_contact AS contact LEFT JOIN service ON service.id = contact.service
        WHERE contact.organisation = $1 ORDER BY contact.held_on DESC, contact.told_at DESC LIMIT $2
        """,
        organisation,
        limit,
    )
    return [Contact(**dict(row)) for row in rows]


async def get_figures(tx: Tx, service: str, since: datetime) -> Figures:
    """Count what became of a service's offers since some day."""
    row = await tx.fetchrow(
        """
        SELECT count(*) AS made,
            count(*) FILTER (WHERE state = 'accepted') AS accepted,
            count(*) FILTER (WHERE state = 'declined') AS declined,
            count(*) FILTER (WHERE state = 'expired') AS expired,
            count(*) FILTER (WHERE state = 'open') AS open,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM settled_at - made_at)::float8)
                FILTER (WHERE state IN ('accepted', 'declined')) AS answer_seconds
        FROM offer WHERE service = $1 AND made_at >= $2
        """,
        service,
        since,
    )
    reasons = await tx.fetch(
        """
        SELECT coalesce(reason, 'other') AS reason, count(*) AS times FROM offer
        WHERE service = $1 AND made_at >= $2 AND state = 'declined' GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        service,
        since,
    )
    assert row is not None, "counts have one row"
    return Figures(**dict(row), reasons={each["reason"]: each["times"] for each in reasons})


async def find_named(tx: Tx, words: Sequence[str], limit: int) -> list[Listing]:
    """Return listings whose name, or whose organisation's, has all of these words, the shortest names first."""
    patterns = ["%" + word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%" for word in words]
    rows = await tx.fetch(
        """
        SELECT service.id FROM service JOIN organisation ON organisation.id = service.organisation
        WHERE service.joined_into IS NULL
            AND concat_ws(' ', service.name, service.alternate_name, organisation.name) ILIKE ALL ($1::text[])
        ORDER BY length(service.name), service.id LIMIT $2
        """,
        patterns,
        limit,
    )
    return await _in_order(tx, [row["id"] for row in rows])


async def find_of_organisation(tx: Tx, organisation: str, limit: int) -> list[Listing]:
    """Return the listings of an organisation, in the order of their names."""
    rows = await tx.fetch(
        """
        SELECT id FROM service WHERE organisation = $1 AND joined_into IS NULL ORDER BY name, id LIMIT $2
        """,
        organisation,
        limit,
    )
    return await _in_order(tx, [row["id"] for row in rows])


async def find_area_code(tx: Tx, name: str) -> str | None:
    """Return the GSS code of an area that the directory calls so; the one that most listings mean."""
    found: str | None = await tx.fetchval(
        """
        SELECT code FROM service_area WHERE kind = 'gss' AND code IS NOT NULL AND lower(name) = lower($1)
        GROUP BY code ORDER BY count(*) DESC, code LIMIT 1
        """,
        name,
    )
    return found


async def find_records(tx: Tx, owns: Collection[str]) -> dict[str, Any]:
    """Return records by their own ids: source, own, service and what they read."""
    rows = await tx.fetch(
        "SELECT source, own, service, read FROM source_record WHERE own = ANY ($1::text[])", list(owns)
    )
    return {row["own"]: row for row in rows}


async def find_doubt(tx: Tx, one: str, other: str) -> Any | None:
    """Return what is known of two records that may be one service."""
    return await tx.fetchrow("SELECT * FROM pairing WHERE one = $1 AND other = $2", min(one, other), max(one, other))


async def count_doubts(tx: Tx) -> int:
    """Return how many pairs of records nobody has settled."""
    count: int = await tx.fetchval("SELECT count(*) FROM pairing WHERE state = 'doubt'")
    return count


async def find_joined(tx: Tx, service: str) -> list[str]:
    """Return the ids that lead to a listing: its own, and those of the listings that were joined to it."""
    rows = await tx.fetch("SELECT id FROM service WHERE id = $1 OR joined_into = $1 ORDER BY id", service)
    return [row["id"] for row in rows]


async def _in_order(tx: Tx, services: Sequence[str]) -> list[Listing]:
    found = await find_listings(tx, services)
    return [found[each] for each in services]
