"""Turn a typed postcode into a place that is as coarse as events may carry."""

from dataclasses import dataclass

from shared.contracts import Place
from shared.places import Postcode, board_of, integration_authority_of, outward_centre, present_code

__all__ = ["Located", "place_of"]


@dataclass(frozen=True, slots=True)
class Located:
    """What the table of postcodes says of one: degrees north and east, and codes where they are known.

    `approximate` is a postcode that is retired, or whose point or areas the table itself only reckons.
    """

    latitude: float
    longitude: float
    council: str | None = None
    ward: str | None = None
    health_board: str | None = None
    integration_authority: str | None = None
    urban_rural: int | None = None
    simd_quintile: int | None = None
    approximate: bool = False


def place_of(postcode: Postcode | None, located: Located | None) -> Place:
    """Return the place of a postcode, `located` being its row in the table of postcodes if there is one.

    A mended postcode that the table has is *approximate*: mending O for 0 or I for 1 leads to the one that was meant.
    One that the table has not, and an outward part alone, are told by the middle of their outward code.
    """
    if postcode is None:
        return Place()
    if located is None:
        return _by_outward(postcode.outward)
    council = located.council and present_code(located.council)
    board = located.health_board or board_of(council)
    authority = located.integration_authority or integration_authority_of(council)
    return Place(
        outward=postcode.outward,
        latitude=round(located.latitude, 2),
        longitude=round(located.longitude, 2),
        council=council,
        ward=located.ward,
        health_board=board and present_code(board),
        integration_authority=authority and present_code(authority),
        urban_rural=located.urban_rural,
        simd_quintile=located.simd_quintile,
        precision="approximate" if postcode.repaired or located.approximate else "postcode",
    )


def _by_outward(outward: str) -> Place:
    centre = outward_centre(outward)
    if centre is None:
        return Place(outward=outward, precision="outward")
    return Place(
        outward=outward,
        latitude=centre.latitude,
        longitude=centre.longitude,
        council=centre.council,
        health_board=centre.health_board,
        integration_authority=integration_authority_of(centre.council),
        precision="outward",
    )
