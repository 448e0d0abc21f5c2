"""Directories to be searched, and a stand-in for the model by which texts of the same words lie near each other."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from random import Random

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from matching.domain import Area, Home, Label, Listing, NotFound, Point, Proposed, Site, Wanted, match
from matching.finding.bridge import Bridge
from matching.finding.finder import Finder
from matching.finding.index import Index
from matching.finding.meaning import DIMENSIONS
from matching.finding.meanings import made
from matching.finding.part import Bytes
from matching.finding.words import words_of
from shared.needs.terms import terms
from tests.unit.matching.builders import ANGUS, CITY, DUNDEE, a_listing

Floats = NDArray[np.float32]


WORDS = (
    "Debt advice", "bailiffs and arrears", "free and confidential", "Bereavement group", "grief", "for the widowed",
    "walking football", "Memory café", "people with dementia", "benefits advice", "form-filling", "tea & a chat",
    "people's kitchen", "at St Mary's", "on Tuesdays.", "Call us!", "counselling", "for young people",
    "2 hours a week.",
)  # fmt: skip
CODES = ("debt-advice", "benefits-advice", "bereavement", "dementia", "social-groups", "physical-activity")
GSS = (DUNDEE, ANGUS, "S12000024", "S12000048", "S13002962", "S08000030", "S37000007", "E06000023", "E54000039",
       "E07000026", "W06000015", "S92000003", "E92000001", "K02000001", "K03000001", "X00000001", "", None)  # fmt: skip
OUTWARDS = ("DD1", "DD4", "BS1", "", None)


class BagOfStems:
    """Gives each stem a direction of its own by its hash, and a text the sum of its stems'."""

    digest = "bag-of-stems"

    def of(self, text: str) -> Floats:
        return _vector(text)

    def encode(self, text: str) -> Floats:
        return _vector(text)


@lru_cache(maxsize=20_000)
def _vector(text: str) -> Floats:
    total = np.sum([_direction(stem) for stem in words_of(text) or [""]], axis=0)
    vector: Floats = (total / np.linalg.norm(total)).astype(np.float32)
    return vector


@cache
def _direction(stem: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(stem.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(DIMENSIONS)


@cache
def a_bridge(*, with_meaning: bool = True, whole: bool = False) -> Bridge:
    """The bridge over the real terms, laid out once: the whole of it, or to the needs of `CODES` alone, for speed."""
    kept = {code: term for code, term in terms().items() if whole or term.need in CODES}
    return Bridge(kept, BagOfStems() if with_meaning else None)


def vectors_of(listings: Iterable[Listing]) -> Mapping[str, Bytes]:
    return {listing.id: made(listing, BagOfStems()) for listing in listings}


def an_index(*listings: Listing, with_meaning: bool = True, whole: bool = False) -> Index:
    vectors = vectors_of(listings) if with_meaning else {}
    return Index.of(listings, vectors, a_bridge(with_meaning=with_meaning, whole=whole))


def a_finder(*listings: Listing, with_meaning: bool = True) -> Finder:
    """Search these listings over the whole bridge."""
    return Finder(an_index(*listings, with_meaning=with_meaning, whole=True), version=7)


def answers(finder: Finder, wants: Wanted, **texts: str) -> tuple[Proposed | NotFound, ...]:
    return match(wants, finder.find(wants, texts), {})


def services(finder: Finder, wants: Wanted, **texts: str) -> list[str]:
    """The ids of what is proposed, best first."""
    outcomes = answers(finder, wants, **texts)
    proposals = next((outcome.proposals for outcome in outcomes if isinstance(outcome, Proposed)), ())
    return [proposal.service for proposal in proposals]


EDGE_KM = st.floats(29.8, 30.2) | st.floats(0, 60)
points = (
    EDGE_KM.map(lambda km: Point(CITY.latitude + km / 111.195, CITY.longitude))
    | EDGE_KM.map(lambda km: Point(CITY.latitude, CITY.longitude - km / 61.43))
    | st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
)
areas = st.one_of(
    st.sampled_from([Area("gss", code) for code in GSS]),
    st.sampled_from([Area("outward", code) for code in OUTWARDS]),
    st.builds(
        Area, st.just("circle"), centre=st.none() | points, radius_km=st.sampled_from((None, 0, 5.0, 30.0, 2000.0))
    ),
    st.just(Area("words", name="The coast")),
)
homes = st.builds(
    Home,
    council=st.sampled_from((None, DUNDEE, ANGUS, "E06000023", "W06000015")),
    ward=st.sampled_from((None, "S13002962", "E05001234")),
    outward=st.sampled_from(OUTWARDS),
    point=st.none() | st.just(CITY) | points,
    exact=st.booleans(),
    health_board=st.sampled_from((None, "S08000030", "E54000039")),
    integration_authority=st.sampled_from((None, "S37000007")),
)
ages = st.none() | st.integers(0, 90)
limits = st.sampled_from((None, None, 0, 16, 18, 25, 65, 89, 90, 91, 120))

whereabouts = st.builds(
    a_listing,
    st.uuids().map(str),
    status=st.sampled_from(("active", "unknown", "temporarily-closed")),
    minimum_age=limits,
    maximum_age=limits,
    areas=st.lists(areas, max_size=3).map(tuple),
    sites=st.lists(st.none() | points, max_size=2).map(lambda found: tuple(Site(point=point) for point in found)),
)
"""Services that differ in whom they are for."""

IN_REACH = (Site(point=CITY),), (Site(point=Point(56.5, -2.7)), Site()), (Site(point=Point(57.2, -2.1)),), ()


def a_club(service: str, chance: Random, *, listed: bool = True) -> Listing:
    """Any service by what it says, for people here or elsewhere; one that need not be listed may have left."""
    said = [" ".join(chance.choices(WORDS, k=chance.randrange(8))) for _ in range(2)]
    return Listing(
        id=service,
        name=chance.choice(WORDS),
        organisation=chance.choice(("first", "second")),
        organisation_name=chance.choice(("Tayside Help", "The Debt People")),
        alternate_name=chance.choice(("", "", "DAD")),
        status=chance.choice(("active", "active", "unknown", *(() if listed else ("inactive", "defunct")))),
        unlisted=None if listed else chance.choice((None, None, "missing", "joined")),
        description=said[0],
        organisation_description=said[1],
        keywords=chance.choice(("", "money;bills")),
        eligibility=chance.choice((None, "Carers only")),
        needs=tuple(chance.sample(CODES, k=chance.randrange(3))),
        labels=tuple(Label("own", "", name) for name in chance.choices(WORDS, k=chance.randrange(3))),
        minimum_age=chance.choice((None, 16, 65)),
        areas=chance.choice(((), (Area("gss", DUNDEE),), (Area("outward", "DD1"),), (Area("gss", ANGUS),))),
        sites=chance.choice(IN_REACH),
    )


@st.composite
def directories(draw: st.DrawFn, *, listed: bool = True) -> list[Listing]:
    """Up to a dozen services, each with an id of its own, in any order."""
    ids = draw(st.lists(st.sampled_from("abcdefghijkl"), unique=True))
    chance = draw(st.randoms(use_true_random=True))
    return [a_club(service, chance, listed=listed) for service in ids]
