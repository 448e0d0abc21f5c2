"""What matching decides: pure functions on values, the same answer for the same input."""

from matching.domain.allocation import Assigned, Awaited, Post, assign
from matching.domain.area import Area, Home, Point
from matching.domain.asking import Chain, answer, ask, chains, choose, expire, keeps_place
from matching.domain.constraints import Wanted
from matching.domain.listing import Capacity, Listing, Schedule, Site, Snapshot
from matching.domain.match import NotFound, Proposed, candidates, match
from matching.domain.offers import Asked, Exhausted, Made, NoEffect, Offer, Refused, Settled, Standing
from matching.domain.referral import Referral, codes_of
from matching.domain.rules import Rules

__all__ = [
    "Area",
    "Asked",
    "Assigned",
    "Awaited",
    "Capacity",
    "Chain",
    "Exhausted",
    "Home",
    "Listing",
    "Made",
    "NoEffect",
    "NotFound",
    "Offer",
    "Point",
    "Post",
    "Proposed",
    "Referral",
    "Refused",
    "Rules",
    "Schedule",
    "Settled",
    "Site",
    "Snapshot",
    "Standing",
    "Wanted",
    "answer",
    "ask",
    "assign",
    "candidates",
    "chains",
    "choose",
    "codes_of",
    "expire",
    "keeps_place",
    "match",
]
