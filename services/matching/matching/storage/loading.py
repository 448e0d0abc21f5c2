"""The statements by which a load changes the directory; all of one load are one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from matching.domain import Area, Listing, Site
from shared.messaging import Tx


async def lock_directory(tx: Tx) -> int:
    """Let one load change the directory at a time, and return its version."""
    version: int = await tx.fetchval("SELECT version FROM directory FOR UPDATE")
    return version


async def save_version(tx: Tx, version: int) -> None:
    """Move the directory's version."""
    await tx.execute("UPDATE directory SET version = $1, changed_at = now()", version)


async def save_organisations(tx: Tx, listings: Iterable[Listing], version: int) -> None:
    """Keep organisations' names and descriptions; a changed one touches every listing of that organisation.

    No description is none told, and leaves the one that is there.
    """
    names: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    for listing in listings:
        names[listing.organisation] = listing.organisation_name
        descriptions[listing.organisation] = listing.organisation_description or descriptions.get(
            listing.organisation, ""
        )
    await tx.execute(
        """
        WITH changed AS (
            INSERT INTO organisation (id, name, description)
            SELECT id, name, description
            FROM unnest($1::text[], $2::text[], $4::text[]) AS given (id, name, description) ORDER BY id
            ON CONFLICT (id) DO UPDATE SET name = excluded.name,
                description = coalesce(nullif(excluded.description, ''), organisation.description)
            WHERE organisation.name <> excluded.name OR excluded.description NOT IN ('', organisation.description)
            RETURNING id
        )
        UPDATE service SET changed_version = $3 WHERE organisation IN (SELECT id FROM changed)
        """,
        list(names),
        list(names.values()),
        version,
        list(descriptions.values()),
    )


async def save_listings(tx: Tx, listings: Sequence[Listing], source: str, version: int) -> None:
    """Keep listings as they are now."""
    await tx.executemany(
        """
        INSERT INTO service (id, organisation, name, status, description, url, email, phone, fees, costs, alert,
            eligibility, minimum_age, maximum_age, needs, formats, access, languages, checked_on, source,
            changed_version, alternate_name, keywords, interpretation_services, labels, needs_by_label, licence,
            attribution, source_url)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24, $25, $26, $27, $28, $29)
        ON CONFLICT (id) DO UPDATE SET organisation = $2, name = $3, status = $4, description = $5, url = $6,
            email = $7, phone = $8, fees = $9, costs = $10, alert = $11, eligibility = $12, minimum_age = $13,
            maximum_age = $14, needs = $15, formats = $16, access = $17, languages = $18, checked_on = $19,
            changed_version = $21, alternate_name = $22, keywords = $23, interpretation_services = $24, labels = $25,
            needs_by_label = $26, licence = $27, attribution = $28, source_url = $29
        """,
        [
            (
                *(listing.id, listing.organisation, listing.name, listing.status, listing.description, listing.url),
                *(listing.email, listing.phone, listing.fees, listing.costs, listing.alert, listing.eligibility),
                *(listing.minimum_age, listing.maximum_age, list(listing.needs), list(listing.formats)),
                *(list(listing.access), list(listing.languages), listing.checked_on, source, version),
                *(listing.alternate_name, listing.keywords, listing.interpretation_services),
                *([asdict(label) for label in listing.labels], list(listing.needs_by_label)),
                *(listing.licence, listing.attribution, listing.source_url),
            )
            for listing in listings
        ],
    )


async def save_areas(tx: Tx, listings: Sequence[Listing]) -> None:
    """Keep the areas of listings in place of the earlier ones."""
    await tx.execute("DELETE FROM service_area WHERE service = ANY ($1::text[])", [each.id for each in listings])
    await tx.executemany(
        "INSERT INTO service_area VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (each.id, n, area.kind, area.code, *_degrees(area), area.radius_km, area.name)
            for each in listings
            for n, area in enumerate(each.areas)
        ],
    )


async def save_sites(tx: Tx, listings: Sequence[Listing]) -> None:
    """Keep the sites of listings in place of the earlier ones."""
    await tx.execute("DELETE FROM site WHERE service = ANY ($1::text[])", [each.id for each in listings])
    await tx.executemany(
        "INSERT INTO site VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (each.id, n, site.name, site.postcode, *_degrees(site))
            for each in listings
            for n, site in enumerate(each.sites)
        ],
    )


async def save_schedules(tx: Tx, listings: Sequence[Listing]) -> None:
    """Keep the schedules of listings in place of the earlier ones."""
    await tx.execute("DELETE FROM schedule WHERE service = ANY ($1::text[])", [each.id for each in listings])
    await tx.executemany(
        "INSERT INTO schedule VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (each.id, n, schedule.days, schedule.opens_at, schedule.closes_at, schedule.description)
            for each in listings
            for n, schedule in enumerate(each.schedules)
        ],
    )


async def save_capacities(tx: Tx, listings: Sequence[Listing]) -> list[str]:
    """Keep what organisations counted and said, and return the services for which that is new, locked in order."""
    rows = await tx.fetch(
        """
        INSERT INTO service_capacity AS held
            (service, places, counted_at, state, waiting_weeks, stated_at, valid_until)
        SELECT service, places, counted_at, state, waiting_weeks, stated_at, valid_until
        FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[], $5::integer[], $6::timestamptz[],
            $7::timestamptz[]) AS given (service, places, counted_at, state, waiting_weeks, stated_at, valid_until)
        ORDER BY service
        ON CONFLICT (service) DO UPDATE SET places = excluded.places, counted_at = excluded.counted_at,
            state = excluded.state, waiting_weeks = excluded.waiting_weeks, stated_at = excluded.stated_at,
            valid_until = excluded.valid_until
        WHERE (held.places, held.counted_at, held.state, held.waiting_weeks, held.stated_at, held.valid_until)
            IS DISTINCT FROM (excluded.places, excluded.counted_at, excluded.state, excluded.waiting_weeks,
                excluded.stated_at, excluded.valid_until)
        RETURNING service
        """,
        [each.id for each in listings],
        [each.capacity.places for each in listings],
        [each.capacity.counted_at for each in listings],
        [each.availability.state for each in listings],
        [each.availability.waiting_weeks for each in listings],
        [each.availability.stated_at for each in listings],
        [each.availability.valid_until for each in listings],
    )
    return [row["service"] for row in rows]


async def release_counted(tx: Tx, services: Sequence[str]) -> None:
    """Stop counting accepted offers that the organisation's new figure has already counted."""
    await tx.execute(
        """
        UPDATE offer SET place = NULL
        FROM service_capacity AS capacity
        WHERE capacity.service = offer.service AND offer.service = ANY ($1::text[])
            AND offer.place = 'used' AND offer.settled_at <= coalesce(capacity.counted_at, now())
        """,
        list(services),
    )


async def save_quarantine(tx: Tx, source: str, reasons: dict[str, str]) -> None:
    """Keep which records of a source could not be loaded, in place of the earlier ones."""
    await tx.execute(
        "DELETE FROM quarantine WHERE source = $1 AND NOT record = ANY ($2::text[])", source, list(reasons)
    )
    await tx.execute(
        """
        INSERT INTO quarantine AS held (source, record, reason)
        SELECT $1, record, reason FROM unnest($2::text[], $3::text[]) AS given (record, reason)
        ON CONFLICT (source, record) DO UPDATE SET reason = excluded.reason, seen_at = now()
        WHERE held.reason <> excluded.reason
        """,
        source,
        list(reasons),
        list(reasons.values()),
    )


def _degrees(located: Area | Site) -> tuple[float | None, float | None]:
    point = located.centre if isinstance(located, Area) else located.point
    return (point.latitude, point.longitude) if point else (None, None)
