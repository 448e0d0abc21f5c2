"""Where postcodes lie, and what is known of the data zones that they lie in."""

from collections.abc import Sequence
from dataclasses import fields

from referral_intake.geography.records import PostcodeRecord, ZoneRecord
from referral_intake.places import Located
from shared.messaging import Tx


async def find_located(tx: Tx, postcode: str) -> Located | None:
    """Return where a postcode lies, if the table has it; what its own row leaves out, its data zone may say."""
    row = await tx.fetchrow(
        """
        SELECT here.latitude, here.longitude, here.ward,
            coalesce(here.council, zone.council, new_zone.council) AS council,
            coalesce(here.health_board, zone.health_board, new_zone.health_board) AS health_board,
            coalesce(here.integration_authority, zone.integration_authority, new_zone.integration_authority)
                AS integration_authority,
            coalesce(here.urban_rural, zone.urban_rural, new_zone.urban_rural) AS urban_rural,
            coalesce(new_zone.simd_quintile, zone.simd_quintile) AS simd_quintile,
            here.approximate OR here.retired_on IS NOT NULL AS approximate
        FROM postcode AS here
        LEFT JOIN data_zone AS new_zone ON new_zone.code = here.data_zone_2022
        LEFT JOIN data_zone AS zone ON zone.code = coalesce(here.data_zone_2011, new_zone.zone_2011)
        WHERE here.postcode = $1
        """,
        postcode,
    )
    return Located(**row) if row else None


async def save_postcodes(tx: Tx, records: Sequence[PostcodeRecord]) -> int:
    """Store records, each postcode at most once, where `yields_to` lets them, and return how many changed something."""
    tag = await tx.execute(
        """
        INSERT INTO postcode AS held (postcode, latitude, longitude, council, ward, health_board, integration_authority,
            urban_rural, data_zone_2011, data_zone_2022, introduced_on, retired_on, approximate)
        SELECT * FROM unnest($1::text[], $2::float8[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::smallint[], $9::text[], $10::text[], $11::date[], $12::date[], $13::boolean[])
        ON CONFLICT (postcode) DO UPDATE
        SET latitude = excluded.latitude, longitude = excluded.longitude, council = excluded.council,
            ward = excluded.ward, health_board = excluded.health_board,
            integration_authority = excluded.integration_authority, urban_rural = excluded.urban_rural,
            data_zone_2011 = excluded.data_zone_2011, data_zone_2022 = excluded.data_zone_2022,
            introduced_on = excluded.introduced_on, retired_on = excluded.retired_on,
            approximate = excluded.approximate
        WHERE held.* IS DISTINCT FROM excluded.*
            AND CASE WHEN excluded.retired_on IS NULL THEN true
                WHEN held.retired_on IS NULL THEN excluded.retired_on > coalesce(held.introduced_on, '-infinity')
                ELSE excluded.retired_on >= held.retired_on END
        """,
        *_columns(PostcodeRecord, records),
    )
    return int(tag.rpartition(" ")[2])


async def save_zones(tx: Tx, records: Sequence[ZoneRecord]) -> int:
    """Store what is said of data zones, each at most once, keeping what is not spoken of; return how many changed."""
    tag = await tx.execute(
        """
        INSERT INTO data_zone AS held (code, council, health_board, integration_authority, urban_rural, zone_2011,
            simd_edition, simd_rank, simd_quintile)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[],
            $8::integer[], $9::smallint[])
        ON CONFLICT (code) DO UPDATE
        SET council = coalesce(excluded.council, held.council),
            health_board = coalesce(excluded.health_board, held.health_board),
            integration_authority = coalesce(excluded.integration_authority, held.integration_authority),
            urban_rural = coalesce(excluded.urban_rural, held.urban_rural),
            zone_2011 = coalesce(excluded.zone_2011, held.zone_2011),
            simd_edition = coalesce(excluded.simd_edition, held.simd_edition),
            simd_rank = coalesce(excluded.simd_rank, held.simd_rank),
            simd_quintile = coalesce(excluded.simd_quintile, held.simd_quintile)
        WHERE to_jsonb(held) <> to_jsonb(held) || jsonb_strip_nulls(to_jsonb(excluded))
        """,
        *_columns(ZoneRecord, records),
    )
    return int(tag.rpartition(" ")[2])


def _columns(kind: type[PostcodeRecord] | type[ZoneRecord], records: Sequence[object]) -> list[list[object]]:
    """Turn records into the columns that `unnest` takes, in the order of their fields."""
    return [[getattr(record, field.name) for record in records] for field in fields(kind)]
