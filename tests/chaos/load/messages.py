"""The requests themselves: the same seed and number give the same bytes, about a person like no other."""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from deploy.demo.driver.samples import FHIR_JSON, JSON, XML, Sample, read_samples
from tests.acceptance.bad_bodies import FAMILY, GIVEN, PRACTICE, SAMPLES, Bad
from tests.acceptance.people import Input, a_person, a_referral, input_of, input_of_message, values_of
from tests.chaos.book import Door
from tests.reliability.traffic import NEEDS, PRACTICES

FIRST_NUMBER = 10_000
"""People of a fault run have numbers from here on, and nobody else's."""
MEDIA_TYPES: Mapping[Door, str] = {"json": JSON, "fhir-json": FHIR_JSON, "fhir-xml": XML}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NAMED = {
    "given": "given_name",
    "family": "family_name",
    "birthDate": "birth_date",
    "line": "line",
    "postalCode": "postcode",
}
"""A Patient's elements, by what an invented person has in their place."""


@dataclass(frozen=True)
class Message:
    """One request: who sends it to which path, and what must be found nowhere afterwards."""

    practice: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    personal: Input | None = None

    @property
    def digest(self) -> str:
        """The body's."""
        return hashlib.sha256(self.body).hexdigest()


def referral(seed: int, number: int, door: Door, request_id: str) -> Message:
    """Write the request that refers the person of this number."""
    chance = random.Random(f"referral {seed} {number}")
    born = f"{chance.randrange(1938, 2000)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    person = a_person(chance.choice(NEEDS), FIRST_NUMBER + number, birth_date=born)
    if door == "json":
        practice, body, personal = _json(chance, number, person)
    else:
        practice, body, personal = _fhir(chance, MEDIA_TYPES[door], person)
    path = "/referrals" if door == "json" else "/fhir/$process-message"
    return Message(practice, path, _headers(request_id, MEDIA_TYPES[door]), body, personal)


def mistake(bad: Bad, request_id: str) -> Message:
    """Write a request that cannot be taken in."""
    headers = {**_headers(request_id, bad.media_type), **bad.headers}
    return Message(PRACTICE, bad.path, headers, bad.body, Input("a bad body", (GIVEN, FAMILY, f"{GIVEN} {FAMILY}")))


def door_of(bad: Bad) -> Door:
    """Say by which door a bad body comes; what is in no form of FHIR's counts as JSON."""
    return "json" if bad.path == "/referrals" else "fhir-xml" if bad.media_type == XML else "fhir-json"


def _headers(request_id: str, media_type: str) -> dict[str, str]:
    return {"X-Request-ID": request_id, "X-Correlation-ID": request_id, "Content-Type": media_type}


def _json(chance: random.Random, number: int, person: dict[str, Any]) -> tuple[str, bytes, Input]:
    needs = chance.sample(NEEDS, chance.choice((1, 1, 2)))
    referrer = {"name": f"Dr Hieronyma Quaich-Tassell {FIRST_NUMBER + number}", "role": "GP"}
    body = a_referral(*needs, person=person, referrer=referrer)
    return chance.choice(PRACTICES), json.dumps(body).encode(), input_of(body)


def _fhir(chance: random.Random, media_type: str, person: dict[str, Any]) -> tuple[str, bytes, Input]:
    """Put an invented person and fresh ids into a sample message, whatever its form."""
    sample, text, personal = chance.choice(_templates(media_type))
    fresh: dict[str, str] = {}

    def put(found: re.Match[str]) -> str:
        old = found[0]
        if old in personal:
            return str(person[personal[old]])
        return fresh.setdefault(old, str(UUID(int=chance.getrandbits(128), version=4)))

    person = person | {"line": person["address"]["lines"][0], "postcode": person["address"]["postcode"]}
    body = _pattern(frozenset(personal)).sub(put, text).encode()
    return sample.practice, body, input_of_message(body, media_type)


@cache
def _templates(media_type: str) -> list[tuple[Sample, str, Mapping[str, str]]]:
    """Return the sample messages of a form, each with the personal words in it and what they are."""
    samples = [sample for sample in read_samples(SAMPLES) if sample.media_type == media_type]
    return [(sample, sample.body.decode(), dict(_personal(sample))) for sample in samples]


def _personal(sample: Sample) -> Iterator[tuple[str, str]]:
    """Give each word of a sample's patient that is replaced, and what it is."""
    for path, value in values_of(sample.body, sample.media_type):
        if "Patient" not in path:
            continue
        if path[-1] in NAMED:
            yield value, NAMED[path[-1]]
        elif path[-2:] == ("identifier", "value"):
            yield value, "nhs_number"
        elif path[-2:] == ("telecom", "value"):
            yield value, "email" if "@" in value else "phone"


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    # The longest first, so that no word is taken for a part of another.
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)|{ID.pattern}")
