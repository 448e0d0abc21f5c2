"""Nothing in the sample is said twice: it was written, and not generated from templates."""

import re
from collections import Counter
from typing import Any


def sentences(text: str) -> set[str]:
    parts = re.split(r"(?<=[.!?])[\"')]*\s+|\n+", text)
    return {words for part in parts if (words := re.sub(r"[^a-z0-9]+", " ", part.lower()).strip())}


def said_twice(texts: list[str]) -> list[str]:
    return [sentence for sentence, times in Counter(s for text in texts for s in sentences(text)).items() if times > 1]


def test_a_sentence_counts_as_the_same_whatever_its_case_and_punctuation() -> None:
    assert said_twice(["Tea, and toast.", "Come in! Tea and TOAST"]) == ["tea and toast"]


def test_no_two_services_share_a_sentence(services: list[dict[str, Any]]) -> None:
    assert said_twice([service["description"] for service in services]) == []


def test_no_two_organisations_share_a_sentence(services: list[dict[str, Any]]) -> None:
    described = {service["organization"]["id"]: service["organization"]["description"] for service in services}
    assert said_twice(list(described.values())) == []


def test_a_description_has_two_to_four_sentences(services: list[dict[str, Any]]) -> None:
    wrong = [service["name"] for service in services if not 2 <= len(sentences(service["description"])) <= 4]
    assert wrong == []


def test_no_two_letters_share_a_sentence(referrals: dict[str, Any]) -> None:
    own = [r["request"]["letter"] for r in referrals.values() if "request" in r and "repeat_of" not in r]
    assert said_twice(own) == []


def test_letters_are_as_short_and_as_long_as_real_ones(referrals: dict[str, Any]) -> None:
    lengths = {name: len(r["request"]["letter"].split()) for name, r in referrals.items() if "request" in r}
    assert {name: words for name, words in lengths.items() if not 15 <= words <= 220} == {}
    assert min(lengths.values()) < 25
    assert max(lengths.values()) > 180
