"""Postcodes as people type them, the middle of each outward code, and the codes of areas, for every service alike."""

from shared.places.codes import board_of, integration_authority_of, nation_of_code, present_code
from shared.places.outward import OutwardCentre, nation_of, outward_centre, outward_centres
from shared.places.postcode import Postcode, read_postcode

__all__ = [
    "OutwardCentre",
    "Postcode",
    "board_of",
    "integration_authority_of",
    "nation_of",
    "nation_of_code",
    "outward_centre",
    "outward_centres",
    "present_code",
    "read_postcode",
]
