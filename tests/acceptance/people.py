"""Invented people for the acceptance tests, and what of them must never be found outside what is sealed.

Numbers are of test ranges: NHS numbers 999…, telephone numbers 07700 900xxx of Ofcom's range for drama.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from lxml import etree

GIVEN = (
    "Torquhil", "Effric", "Murdina", "Iseabail", "Wystan", "Perpetua", "Ysolde", "Séaghdha", "Ottoline", "Bartilmew",
    "Clémence", "Ninian-Roy", "Euphan", "Gormelia", "Hesketh", "Zofija", "Lachlanina", "Marsaili", "Ruairidhean",
)  # fmt: skip
FAMILY = (
    "Auchinvole", "Drumlanrick", "Pitcarthie", "Quhitelaw", "Strathendry", "O'Glenfargue", "Tillyduke", "Invermaught",
    "Yarrowshiel", "Balquhandy", "Corstorfine", "Fettercoul", "Gartnavoil", "Kilspindle", "Logiemar", "Muckersey",
)  # fmt: skip
STREETS = ("Spurtle Wynd", "Whorlwood Brae", "Cundiehole Loan", "Trindle Gait", "Bawbee Knowes", "Peerie Close Gardens")
POSTCODES = ("DD2 3HS", "DD3 6LX", "DD4 9NW", "DD1 4BG", "DD5 2PA")
LETTERS = (
    "Thanks for meeting this hosiery mender. Her budgerigar, Ptolemy, is the one she talks to most evenings.",
    "He polishes tramway bells in a lock-up and says the silence after six is “like wearing a wet duffel”.",
    "Formerly an organ tuner; the stairwell has beaten him since February. Keeps sourdough in an airing cupboard.",
    "Jolly on the surface. Underneath, a marmalade of unpaid things; she hides the envelopes behind the samovar.",
    "Lives with three tortoises and a harmonium. Would go anywhere that a piebald cob could be brushed.",
    "Retired semaphore signaller, naïve about gadgets; his façade cracks when the café on Spurtle Wynd is shut.",
)

_numbers = itertools.count()


@dataclass(frozen=True)
class Input:
    """What was sent in about one person, or about nobody: fields whole, and texts of which any words count."""

    about: str
    fields: tuple[str, ...]
    texts: tuple[str, ...] = ()


def a_person(like: str = "", number: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return a person like no other of this run, but for age and postcode, which follow from `like` and decide much.

    The same number gives the same person again.
    """
    n, alike = next(_numbers) if number is None else number, crc32(like.encode())
    person = {
        "given_name": GIVEN[n % len(GIVEN)],
        "family_name": FAMILY[(n * 7) % len(FAMILY)],
        "birth_date": f"19{48 + alike % 40}-{1 + alike % 9:02}-{11 + alike % 17:02}",
        "nhs_number": nhs_number(999_070_000 + 10 * n),
        "address": {
            "lines": [f"{201 + n} {STREETS[n % len(STREETS)]}", "Dundee"],
            "postcode": POSTCODES[alike % len(POSTCODES)],
        },
        "phone": f"07700 900{500 + n % 100:03}",
        "email": f"sitter{n}.{'abcdefghjk'[n % 10]}@example.org",
        "contact_notes": f"Ring twice, then hum the {n}th verse through the letterbox.",
    }
    return {name: value for name, value in (person | changes).items() if value is not None}


def a_referral(
    *needs: str, person: dict[str, Any] | None = None, letter: str | None = None, **changes: Any
) -> dict[str, Any]:
    """Return a referral's body; the same needs give the same letter, and decisions that are alike."""
    like = " ".join(needs)
    return {
        "person": a_person(like) if person is None else person,
        "referrer": {"name": f"Dr Hieronyma Quaich-Tassell {next(_numbers)}", "role": "GP"},
        "letter": LETTERS[crc32(like.encode()) % len(LETTERS)] if letter is None else letter,
        "needs": list(needs),
        "agreement": {"referral": "agreed", "share_with_organisations": "ask"},
        **changes,
    }


def nhs_number(first_nine: int) -> str:
    """Return an NHS number with its check digit, modulus 11; the next one where there is none for these digits."""
    while True:
        digits = [int(digit) for digit in str(first_nine)]
        check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return f"{first_nine}{check % 11}"
        first_nine += 1


def input_of(body: dict[str, Any]) -> Input:
    """Return what of a JSON referral must be found nowhere."""
    person = body["person"]
    address = person.get("address", {})
    fields = [str(person[name]) for name in ("given_name", "family_name", "birth_date") if name in person]
    fields += [str(person[name]) for name in ("nhs_number", "chi_number", "phone", "email") if name in person]
    fields += [" ".join(fields[:2]), *address.get("lines", ()), address.get("postcode") or "", body["referrer"]["name"]]
    texts = (body.get("letter", ""), person.get("contact_notes", ""))
    return Input(" ".join(fields[:2]), tuple(filter(None, fields)), tuple(filter(None, texts)))


def input_of_message(message: bytes, media_type: str) -> Input:
    """Return what of a FHIR message must be found nowhere: of people their details, of all else what is prose."""
    values = list(values_of(message, media_type))
    fields = [value for path, value in values if PEOPLE & set(path) and _is_personal(path)]
    texts = [value for path, value in values if path[-1] in PROSE and len(value.split()) > 3]
    named = {part: [value for path, value in values if PEOPLE & set(path) and path[-1] == part] for part in PERSONAL}
    fields += [f"{given} {family}" for given in named["given"] for family in named["family"]]
    return Input("a FHIR message", tuple(dict.fromkeys(fields)), tuple(dict.fromkeys(texts)))


def values_of(message: bytes, media_type: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give every value of a FHIR message with its path: types of resources and names of elements."""
    return _of_xml(etree.fromstring(message)) if media_type.endswith("xml") else _of_json(json.loads(message))


PEOPLE = {"Patient", "Practitioner", "RelatedPerson"}
PERSONAL = {"given", "family", "line", "city", "district", "postalCode", "birthDate"}
PROSE = {"text", "description", "valueString", "contentString", "patientInstruction"}


def _is_personal(path: tuple[str, ...]) -> bool:
    told = path[-1] == "value" and {"telecom", "identifier"} & set(path)
    return path[-1] in PERSONAL or bool(told) or path[-2:] == ("name", "text")


def _of_xml(element: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for child in element.iterchildren(tag=etree.Element):
        here = (*path, etree.QName(child).localname)
        if value := child.get("value"):
            yield here, str(value)
        yield from _of_xml(child, here)


def _of_json(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(part, dict):
        path = (*path, part["resourceType"]) if "resourceType" in part else path
        for name, value in part.items():
            yield from _of_json(value, (*path, name))
    elif isinstance(part, list):
        for item in part:
            yield from _of_json(item, path)
    else:
        yield path, str(part)
