"""The statements on what people report, confirm and agree about listings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from matching.domain import Finding, Judged, Stated
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class ContactCount:
    """How often somebody was in touch with an organisation, and when last."""

    organisation: str
    contacts: int
    visits: int
    last_on: date | None


async def save_availability(tx: Tx, service: str, stated: Stated) -> None:
    """Keep what an organisation said of its places, in place of what it said before."""
    said = stated.availability
    await tx.execute(
        """
        UPDATE service_capacity SET places = $2, counted_at = $3, state = $4, waiting_weeks = $5, stated_at = $3,
            valid_until = $6
        WHERE service = $1
        """,
        service,
        stated.places,
        said.stated_at,
        said.state,
        said.waiting_weeks,
        said.valid_until,
    )


async def find_lapsed(tx: Tx, limit: int) -> list[str]:
    """Return services of which a word on availability no longer holds."""
    rows = await tx.fetch(
        """
        SELECT service FROM service_capacity JOIN service ON service.id = service_capacity.service
        WHERE valid_until <= now() AND joined_into IS NULL ORDER BY valid_until, service LIMIT $1
        """,
        limit,
    )
    return [row["service"] for row in rows]


async def lapse(tx: Tx, service: str) -> bool:
    """Take back a word on availability whose time is over: nobody knows from then on."""
    tag = await tx.execute(
        """
        UPDATE service_capacity SET places = NULL, state = 'unknown', waiting_weeks = NULL, valid_until = NULL
        WHERE service = $1 AND valid_until <= now()
        """,
        service,
    )
    return tag == "UPDATE 1"


async def touch_listing(tx: Tx, service: str, version: int) -> None:
    """Let everybody who keeps the directory at hand read a listing again."""
    await tx.execute("UPDATE service SET changed_version = $2 WHERE id = $1", service, version)


async def find_findings(tx: Tx, service: str) -> list[Finding]:
    """Return what speaks against a listing and is not settled."""
    rows = await tx.fetch(
        "SELECT kind, found_at, asked_at FROM finding WHERE service = $1 AND settled IS NULL ORDER BY kind", service
    )
    return [Finding(row["kind"], row["found_at"], row["asked_at"]) for row in rows]


async def save_finding(tx: Tx, finding: UUID, service: str, kind: str, *, by: str, note: str) -> bool:
    """Keep that something speaks against a listing, and say whether that is new; one of a kind is enough."""
    tag = await tx.execute(
        """
        INSERT INTO finding (id, service, kind, by, note) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (service, kind) WHERE settled IS NULL DO NOTHING
        """,
        finding,
        service,
        kind,
        by,
        note,
    )
    return tag == "INSERT 0 1"


async def ask_about(tx: Tx, service: str) -> int:
    """Note that a listing's organisation is asked about all that speaks against it, and return how much that is."""
    tag = await tx.execute(
        "UPDATE finding SET asked_at = now() WHERE service = $1 AND settled IS NULL AND asked_at IS NULL", service
    )
    return int(tag.removeprefix("UPDATE "))


async def settle_findings(
    tx: Tx, service: str, how: str, *, kinds: Collection[str] | None = None, until: date | None = None
) -> None:
    """Settle what speaks against a listing: *confirmed*, *corrected* or *withdrawn*; some kinds, or up to a day."""
    await tx.execute(
        """
        UPDATE finding SET settled = $2, settled_at = now()
        WHERE service = $1 AND settled IS NULL AND ($3::text[] IS NULL OR kind = ANY ($3::text[]))
            AND ($4::date IS NULL OR found_at::date <= $4)
        """,
        service,
        how,
        None if kinds is None else list(kinds),
        until,
    )


async def save_accuracy(tx: Tx, service: str, judged: Judged) -> None:
    """Keep how far a listing can be trusted."""
    accuracy = judged.accuracy
    await tx.execute(
        """
        INSERT INTO service_accuracy (service, level, reasons, confirmed_on, lowered, due_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (service) DO UPDATE SET level = $2, reasons = $3, confirmed_on = $4, lowered = $5, due_at = $6
        """,
        service,
        accuracy.level,
        list(accuracy.reasons),
        accuracy.confirmed_on,
        accuracy.lowered,
        judged.due_at,
    )


async def find_judgements_due(tx: Tx, limit: int) -> list[str]:
    """Return the listings whose accuracy time alone has changed."""
    rows = await tx.fetch(
        """
        SELECT service FROM service_accuracy JOIN service ON service.id = service_accuracy.service
        WHERE due_at <= now() AND joined_into IS NULL ORDER BY due_at, service LIMIT $1
        """,
        limit,
    )
    return [row["service"] for row in rows]


async def save_contact(
    tx: Tx, contact: UUID, organisation: str, service: str | None, *, kind: str, held_on: date, by: str
) -> None:
    """Keep that somebody was in touch with an organisation; with whom is not kept."""
    await tx.execute(
        """
        INSERT INTO organisation_contact (id, organisation, service, kind, held_on, by)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING
        """,
        contact,
        organisation,
        service,
        kind,
        held_on,
        by,
    )


async def count_contacts(tx: Tx, organisations: Sequence[str], since: date) -> dict[str, ContactCount]:
    """Count contacts and visits of organisations since a day; one without any is left out."""
    rows = await tx.fetch(
        """
        SELECT organisation, count(*) AS contacts, count(*) FILTER (WHERE kind = 'visit') AS visits,
            max(held_on) AS last_on
        FROM organisation_contact WHERE organisation = ANY ($1::text[]) AND held_on >= $2 GROUP BY organisation
        """,
        list(organisations),
        since,
    )
    return {row["organisation"]: ContactCount(**dict(row)) for row in rows}


async def save_funding(tx: Tx, service: str, ends_on: date, by: str) -> None:
    """Keep when a service's funding ends."""
    await tx.execute(
        """
        INSERT INTO funding (service, ends_on, by) VALUES ($1, $2, $3)
        ON CONFLICT (service) DO UPDATE SET ends_on = $2, by = $3, set_at = now(), done_at = NULL
        """,
        service,
        ends_on,
        by,
    )


async def drop_funding(tx: Tx, service: str) -> None:
    """Forget when a service's funding ends, because it does not."""
    await tx.execute("DELETE FROM funding WHERE service = $1", service)


async def find_funding_ended(tx: Tx, limit: int) -> list[str]:
    """Return services whose funding has ended, and that nobody looked at since."""
    rows = await tx.fetch(
        """
        SELECT service FROM funding JOIN service ON service.id = funding.service
        WHERE done_at IS NULL AND ends_on < current_date AND joined_into IS NULL ORDER BY ends_on, service LIMIT $1
        """,
        limit,
    )
    return [row["service"] for row in rows]


async def end_funding(tx: Tx, service: str) -> bool:
    """Note that the end of a service's funding is dealt with; say whether it was still open."""
    tag = await tx.execute("UPDATE funding SET done_at = now() WHERE service = $1 AND done_at IS NULL", service)
    return tag == "UPDATE 1"


async def find_tasks(tx: Tx, funding_days: int, limit: int) -> list[Any]:
    """Return what somebody has to look at: funding that ends within days, findings to ask about, listings lost lately.

    Each has kind, service, name, organisation, on (a date) and about (the kinds of finding).
    """
    return await tx.fetch(
        """
        SELECT task.kind, task.on, task.about, service.id AS service, service.name, service.organisation
        FROM (
            SELECT 'funding-ends' AS kind, service, ends_on AS on, '{}'::text[] AS about FROM funding
            WHERE done_at IS NULL AND ends_on <= current_date + $1::integer
            UNION ALL
            SELECT 'ask-organisation', service, min(found_at)::date, array_agg(kind ORDER BY kind) FROM finding
            WHERE settled IS NULL AND asked_at IS NULL GROUP BY service
            UNION ALL
            SELECT 'lost-by-its-sources', record.service, max(record.missing_since)::date, '{}'::text[]
            FROM source_record AS record JOIN service ON service.id = record.service
            WHERE service.unlisted = 'missing' AND record.missing_since > now() - interval '90 days'
            GROUP BY record.service
        ) AS task JOIN service ON service.id = task.service
        ORDER BY task.on, task.kind, service.id LIMIT $2
        """,
        funding_days,
        limit,
    )


async def get_history(tx: Tx, service: str) -> list[Any]:
    """Return everything that ever spoke against a listing and how it ended, so that its organisation sees why."""
    return await tx.fetch(
        "SELECT kind, found_at, note, asked_at, settled, settled_at FROM finding WHERE service = $1 ORDER BY found_at",
        service,
    )


async def find_funding(tx: Tx, service: str) -> date | None:
    """Return when a service's funding ends, where somebody said so."""
    ends_on: date | None = await tx.fetchval("SELECT ends_on FROM funding WHERE service = $1", service)
    return ends_on
