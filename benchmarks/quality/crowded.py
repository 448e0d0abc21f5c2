"""A large made-up directory: as many services as asked for, all over Scotland, each about one of the finer terms."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from matching.domain import Area, Capacity, Label, Listing, Point, Site
from matching.finding.bridge import Bridge
from matching.finding.described import texts_of
from matching.finding.meaning import DIMENSIONS
from matching.finding.part import Bytes, quantised
from shared.places import outward_centres

SENTENCES = 5


def listings_of(count: int, bridge: Bridge, seed: int = 5) -> Iterator[tuple[Listing, Bytes]]:
    """Yield made-up listings with vectors near their term's: what they would be encoded to, without the hours."""
    chance, noise = random.Random(seed), np.random.default_rng(seed)
    places = [(outward, centre) for outward, centre in outward_centres().items() if centre.council]
    for number in range(count):
        term = bridge.terms[chance.randrange(len(bridge.terms))]
        outward, centre = places[chance.randrange(len(places))]
        low = chance.choice([None, None, 16, 18, 50, 60])
        listing = Listing(
            id=f"service-{number}",
            name=f"{chance.choice((term.name, *term.also))} {outward}",
            organisation=f"organisation-{number // 3}",
            organisation_name=f"Organisation {number // 3}",
            status="active",
            description=". ".join(chance.choice(term.lay or (term.name,)) for _ in range(SENTENCES)) + ".",
            needs=(term.need,) if chance.random() < 0.7 else (),
            labels=(Label("made-up", term.code, term.name),) if chance.random() < 0.8 else (),
            minimum_age=low,
            areas=(Area("gss", centre.council, name=str(centre.council)),) if chance.random() < 0.6 else (),
            sites=(Site(point=Point(centre.latitude, centre.longitude)),),
            capacity=Capacity(chance.choice([None, 0, 3, 8])),
            checked_on=date(2026, 11, 1) - timedelta(days=chance.randrange(900)),
        )
        near = bridge.centre(term) + noise.normal(0, 0.04, (len(texts_of(listing)), DIMENSIONS)).astype(np.float32)
        yield listing, quantised(near / np.linalg.norm(near, axis=1, keepdims=True))
