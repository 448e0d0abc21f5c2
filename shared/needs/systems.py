"""The code lists of others that needs are crossed with, and the shape of their codes, so that slips are found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# SDOH Clinical Care 3.0.0, categories of CodeSystem SDOHCC-CodeSystemTemporaryCodes.
_GRAVITY_CATEGORIES = (
    "digital-access digital-literacy educational-attainment elder-abuse employment-status financial-insecurity "
    "food-insecurity health-insurance-coverage-status homelessness housing-instability inadequate-housing "
    "incarceration-status intimate-partner-violence language-access material-hardship medical-cost-burden "
    "personal-health-literacy sdoh-category-unspecified social-connection stress transportation-insecurity "
    "utility-insecurity veteran-status"
)


@dataclass(frozen=True)
class System:
    """A code list: its short name with us, the URIs by which messages name it, and what its codes look like."""

    name: str
    uris: tuple[str, ...]
    shape: re.Pattern[str]
    looks_like: str


SYSTEMS: Mapping[str, System] = MappingProxyType(
    {
        system.name: system
        for system in (
            System(
                "aliss",
                ("https://www.aliss.org",),
                re.compile(r"(?P<code>[1-9]\d*) (?P<alias>[a-z0-9]+(-[a-z0-9]+)*)"),
                "the number and the short name of a category, as in “157 money-advice”",
            ),
            System(
                "gravity",
                ("http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes",),
                re.compile(f"(?P<code>{_GRAVITY_CATEGORIES.replace(' ', '|')})"),
                "one of Gravity's domains, as in “food-insecurity”",
            ),
            System(
                "open-eligibility",
                ("http://terminology.hl7.org/CodeSystem/OpenEligibilityTaxonomy",),
                re.compile(r"(?P<code>human_(services|situations)(:[a-z0-9]+(_[a-z0-9]+)*)+)"),
                "a path of Open Eligibility, as in “human_services:food:food_pantry”",
            ),
            System(
                "snomed",
                ("http://snomed.info/sct",),
                re.compile(r"(?P<code>[1-9]\d{5,17})"),
                "6 to 18 digits, the last of which fits the others",
            ),
            System(
                "read-v2",
                ("http://read.info/readv2", "urn:oid:2.16.840.1.113883.2.1.6.2"),
                re.compile(r"(?P<code>(?=.{5}$)[0-9A-Za-z]+\.*)"),
                "five characters, filled up with full stops, as in “137R.”",
            ),
        )
    }
)
_BY_URI = {uri: system.name for system in SYSTEMS.values() for uri in system.uris}


def system_named(name_or_uri: str) -> str:
    """Give the short name of a code list for its short name or one of its URIs; what is unknown stays as it is."""
    return _BY_URI.get(name_or_uri, name_or_uri)


def split_code(system: str, written: str) -> tuple[str, str] | None:
    """Split a code as the file has it into code and alias (""); None where it does not look like one of the list."""
    match = SYSTEMS[system].shape.fullmatch(written)
    if not match or (system == "snomed" and not has_check_digit(written)):
        return None
    return match["code"], match.groupdict().get("alias") or ""


# Verhoeff's dihedral scheme, as the SNOMED CT Release File Specification (6, SCTID check-digit) defines it.
_D5 = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
       "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")  # fmt: skip
_SHIFT = "1576283094"


def has_check_digit(digits: str) -> bool:
    """Say whether a SNOMED CT identifier's last digit fits the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        shifted = int(digit)
        for _ in range(place % 8):
            shifted = int(_SHIFT[shifted])
        check = int(_D5[check][shifted])
    return check == 0
