"""The statements that read the directory."""

from collections.abc import Collection

from asyncpg import Record

from matching.domain import Accuracy, Area, Availability, Capacity, Label, Listing, Point, Schedule, Site
from shared.messaging import Tx

_CHANGED = """
    SELECT service.*, organisation.name AS organisation_name,
        organisation.description AS organisation_description, capacity.places, capacity.counted_at,
        capacity.state AS availability, capacity.waiting_weeks, capacity.stated_at, capacity.valid_until,
        accuracy.level, accuracy.reasons, accuracy.confirmed_on, accuracy.lowered,
        (SELECT coalesce(jsonb_agg(to_jsonb(area) ORDER BY area.n), '[]')
            FROM service_area AS area WHERE area.service = service.id) AS areas,
        (SELECT coalesce(jsonb_agg(to_jsonb(site) ORDER BY site.n), '[]')
            FROM site WHERE site.service = service.id) AS sites,
        (SELECT coalesce(jsonb_agg(to_jsonb(schedule) ORDER BY schedule.n), '[]')
            FROM schedule WHERE schedule.service = service.id) AS schedules
    FROM service
    JOIN organisation ON organisation.id = service.organisation
    JOIN service_capacity AS capacity ON capacity.service = service.id
    LEFT JOIN service_accuracy AS accuracy ON accuracy.service = service.id
"""


async def get_version(tx: Tx) -> int:
    """Return the directory's version."""
    version: int = await tx.fetchval("SELECT version FROM directory")
    return version


async def get_changed(tx: Tx, since: int) -> tuple[int, list[Listing]]:
    """Return the directory's version and the listings that changed after `since`, those that left it included.

    One statement, so that version and listings are of the same moment.
    """
    rows = await tx.fetch(
        f"""
        SELECT directory.version AS directory_version, listing.*
        FROM directory LEFT JOIN ({_CHANGED} WHERE service.changed_version > $1) AS listing ON true
        ORDER BY listing.id
        """,  # noqa: S608 - the text of a constant of ours
        since,
    )
    return rows[0]["directory_version"], [listing_of(row) for row in rows if row["id"] is not None]


async def find_listing(tx: Tx, service: str) -> Listing | None:
    """Return a listing, also one that has left the directory, or None; for one that was joined, what it is part of."""
    home = await tx.fetchval("SELECT coalesce(joined_into, id) FROM service WHERE id = $1", service)
    row = await tx.fetchrow(f"{_CHANGED} WHERE service.id = $1", home)
    return listing_of(row) if row else None


async def find_listings(tx: Tx, services: Collection[str]) -> dict[str, Listing]:
    """Return listings by id, those that have left the directory included."""
    rows = await tx.fetch(f"{_CHANGED} WHERE service.id = ANY ($1::text[])", list(services))
    return {row["id"]: listing_of(row) for row in rows}


def listing_of(row: Record) -> Listing:
    """Turn a row into a record."""
    return Listing(
        id=row["id"],
        name=row["name"],
        organisation=row["organisation"],
        organisation_name=row["organisation_name"],
        status=row["status"],
        alternate_name=row["alternate_name"],
        description=row["description"],
        organisation_description=row["organisation_description"],
        keywords=row["keywords"],
        interpretation_services=row["interpretation_services"],
        url=row["url"],
        email=row["email"],
        phone=row["phone"],
        fees=row["fees"],
        costs=row["costs"],
        alert=row["alert"],
        eligibility=row["eligibility"],
        minimum_age=row["minimum_age"],
        maximum_age=row["maximum_age"],
        needs=tuple(row["needs"]),
        needs_by_label=tuple(row["needs_by_label"]),
        labels=tuple(Label(each["scheme"], each["code"], each["name"]) for each in row["labels"]),
        formats=tuple(row["formats"]),
        access=tuple(row["access"]),
        languages=tuple(row["languages"]),
        areas=tuple(
            Area(area["kind"], area["code"], _point(area), area["radius_km"], area["name"]) for area in row["areas"]
        ),
        sites=tuple(Site(site["name"], site["postcode"], _point(site)) for site in row["sites"]),
        schedules=tuple(
            Schedule(each["days"], each["opens_at"], each["closes_at"], each["description"])
            for each in row["schedules"]
        ),
        capacity=Capacity(row["places"], row["counted_at"]),
        checked_on=row["checked_on"],
        licence=row["licence"],
        attribution=row["attribution"],
        source_url=row["source_url"],
        availability=Availability(row["availability"], row["waiting_weeks"], row["stated_at"], row["valid_until"]),
        accuracy=_accuracy(row),
        unlisted=row["unlisted"],
    )


def _accuracy(row: Record) -> Accuracy:
    if row["level"] is None:
        return Accuracy()
    return Accuracy(row["level"], tuple(row["reasons"]), row["confirmed_on"], row["lowered"])


def _point(row: dict[str, float | None]) -> Point | None:
    latitude, longitude = row["latitude"], row["longitude"]
    return None if latitude is None or longitude is None else Point(latitude, longitude)
