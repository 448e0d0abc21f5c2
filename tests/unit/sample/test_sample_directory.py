"""The sample directory is a sound Open Referral UK feed in which nothing is real but the postcodes."""

import csv
import gzip
import json
import re
from math import hypot
from pathlib import Path
from typing import Any

import jsonschema

from shared.needs import NEEDS

FORMATS = {"group", "drop-in", "one-to-one", "home-visit", "phone", "online"}
DRAMA = re.compile(r"01632 960\d{3}")
"""Ofcom keeps these numbers for drama: nobody has them."""


def words(service: dict[str, Any], kind: str) -> list[str]:
    return [each["value"] for each in service["attributes"] if each["link_type"] == kind]


def test_there_are_enough_services_and_the_page_counts_them_right(directory: dict[str, Any]) -> None:
    assert len(directory["contents"]) >= 120
    assert directory["total_items"] == directory["size"] == len(directory["contents"])


def test_city_and_country_are_both_there(services: list[dict[str, Any]]) -> None:
    councils = {
        code: sum(any(area.get("extent") == code for area in service["service_areas"]) for service in services)
        for code in ("S12000042", "S12000041", "S12000048")
    }
    assert councils["S12000042"] >= 80
    assert councils["S12000041"] + councils["S12000048"] >= 40


def test_everything_says_that_it_is_a_sample(directory: dict[str, Any], services: list[dict[str, Any]]) -> None:
    assert directory["metadata"]["sample"] is True
    assert [service["name"] for service in services if words(service, "sample") != ["true"]] == []


def test_each_service_answers_needs_of_the_vocabulary(services: list[dict[str, Any]]) -> None:
    unknown = {(service["name"], code) for service in services for code in words(service, "need") if code not in NEEDS}
    assert unknown == set()
    assert [service["name"] for service in services if not words(service, "need")] == []


def test_each_service_says_how_it_is_given(services: list[dict[str, Any]]) -> None:
    wrong = [s["name"] for s in services if not words(s, "format") or not set(words(s, "format")) <= FORMATS]
    assert wrong == []


def test_no_identifier_is_used_twice(services: list[dict[str, Any]]) -> None:
    ids = [service["id"] for service in services]
    for part in ("attributes", "schedules", "service_areas", "contacts", "phones", "service_at_locations"):
        ids += [each["id"] for service in services for each in service.get(part, [])]
    assert len(ids) == len(set(ids))


def test_an_organisation_is_the_same_wherever_it_stands(services: list[dict[str, Any]]) -> None:
    written = {json.dumps(service["organization"], sort_keys=True) for service in services}
    assert len(written) == len({service["organization"]["id"] for service in services}) >= 70


def test_nobody_can_be_written_to_or_rung(services: list[dict[str, Any]]) -> None:
    text = json.dumps(services)
    assert {each for each in re.findall(r"@([\w.-]+)", text) if not each.endswith("example.org")} == set()
    assert {each for each in re.findall(r"https?://([\w.-]+)", text)
            if not each.endswith("example.org") and each != "statistics.gov.scot"} == set()  # fmt: skip
    assert all(DRAMA.fullmatch(phone["number"]) for service in services for phone in service["phones"])


def test_some_services_are_full_closed_paused_or_for_few(services: list[dict[str, Any]]) -> None:
    places = [capacity for service in services for capacity in service.get("capacities", [])]
    assert all(0 <= each["available"] <= each["maximum"] for each in places)
    assert sum(each["available"] == 0 for each in places) >= 3
    assert {"active", "inactive", "temporarily closed", "defunct"} == {service["status"] for service in services}
    assert any(s.get("maximum_age", 200) - s.get("minimum_age", 0) <= 15 for s in services)


def test_ages_and_hours_run_forwards(services: list[dict[str, Any]]) -> None:
    assert all(service.get("minimum_age", 0) < service.get("maximum_age", 200) for service in services)
    hours = [schedule for service in services for schedule in service.get("schedules", [])]
    assert all(each["opens_at"] < each["closes_at"] for each in hours)
    assert all(re.fullmatch(r"([1-5]?(MO|TU|WE|TH|FR|SA|SU),?)+", each["byday"]) for each in hours)


def test_each_service_obeys_the_uk_profile(services: list[dict[str, Any]], shared_data: Path) -> None:
    schema = json.loads((shared_data / "oruk" / "uk-profile-service.schema.json").read_text("utf-8"))
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    faults = [(service["name"], fault.message) for service in services for fault in checker.iter_errors(service)]
    assert faults == []


def test_postcodes_exist_and_points_lie_at_them(services: list[dict[str, Any]], shared_data: Path) -> None:
    with gzip.open(shared_data / "geography" / "scottish-postcodes.csv.gz", "rt", encoding="utf-8") as file:
        known = {row["postcode"]: row for row in csv.DictReader(file)}
    for service in services:
        for location in (each["location"] for each in service.get("service_at_locations", [])):
            row = known[location["addresses"][0]["postal_code"]]
            off = hypot(location["latitude"] - float(row["latitude"]), location["longitude"] - float(row["longitude"]))
            assert off < 0.005, location["name"]
