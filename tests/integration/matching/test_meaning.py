"""The real model: what nobody said in the same words is found, and a directory learns what its listings mean."""

from pathlib import Path
from types import MappingProxyType

import pytest

from deploy.local.home import Home
from deploy.local.model import model_folder
from matching.finding.bridge import Bridge
from matching.finding.finder import Finder
from matching.finding.index import Index
from matching.finding.meaning import MiniLm
from matching.finding.meanings import made
from shared.needs.terms import terms
from tests.unit.matching.builders import a_listing

FEW = MappingProxyType({code: terms()[code] for code in list(terms())[::60]})
LISTINGS = (
    a_listing("tea", name="Tuesday Tea", description="Older people meet for tea and company.", needs=()),
    a_listing("bills", name="Kirk Street Desk", description="Advisers deal with creditors for you.", needs=()),
    a_listing("hills", name="Stravaigers", description="Walks in the hills every Sunday.", needs=()),
)


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return model_folder(Home.from_environment().cache)
    except RuntimeError as error:
        pytest.skip(f"the model cannot be had: {error}")


def found(finder: Finder, words: str) -> str:
    search = finder.search("asked", words)
    return finder.index.listing(max(range(len(LISTINGS)), key=search.points_closely)).id


def test_what_is_said_in_other_words_is_found_and_the_same_text_gives_the_same_vector(folder: Path) -> None:
    meaning = MiniLm(folder)
    assert (meaning.encode("bailiffs at the door") == meaning.encode("bailiffs at the door")).all()
    index = Index.of(LISTINGS, {listing.id: made(listing, meaning) for listing in LISTINGS}, Bridge(FEW, meaning))
    finder = Finder(index, 1)
    assert found(finder, "I owe money and they keep ringing me up about it") == "bills"
    assert found(finder, "my gran is lonely and misses having somebody to chat to") == "tea"
    assert found(finder, "he would love to get out into the mountains") == "hills"
