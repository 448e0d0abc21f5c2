"""What matching decides: pure functions on values, the same answer for the same input."""

from matching.domain.allocation import Assigned, Awaited, Post, Times, assign, give, urgencies_met
from matching.domain.area import Area, Home, Point
from matching.domain.asking import Chain, answer, ask, chains, choose, expire, keeps_place
from matching.domain.constraints import Wanted
from matching.domain.found import Candidate, Evidence, Found, stated
from matching.domain.listing import Capacity, Label, Listing, Schedule, Site, Snapshot
from matching.domain.made import Answers, Configuration, Inquiry, MatchMade, RuledOut, make_match
from matching.domain.match import NotFound, Proposed, match
from matching.domain.offers import Asked, Exhausted, Made, NoEffect, Offer, Refused, Settled, Standing
from matching.domain.programme import Programme
from matching.domain.referral import Referral, codes_of
from matching.domain.rota import Rota, week_of
from matching.domain.rules import Rules
from matching.domain.trust import Accuracy, Availability, Finding, Judged, Stated, judge, state_availability
from matching.domain.weights import AS_TUNED, Weights

__all__ = [
    "AS_TUNED",
    "Accuracy",
    "Answers",
    "Area",
    "Asked",
    "Assigned",
    "Availability",
    "Awaited",
    "Candidate",
    "Capacity",
    "Chain",
    "Configuration",
    "Evidence",
    "Exhausted",
    "Finding",
    "Found",
    "Home",
    "Inquiry",
    "Judged",
    "Label",
    "Listing",
    "Made",
    "MatchMade",
    "NoEffect",
    "NotFound",
    "Offer",
    "Point",
    "Post",
    "Programme",
    "Proposed",
    "Referral",
    "Refused",
    "Rota",
    "RuledOut",
    "Rules",
    "Schedule",
    "Settled",
    "Site",
    "Snapshot",
    "Standing",
    "Stated",
    "Times",
    "Wanted",
    "Weights",
    "answer",
    "ask",
    "assign",
    "chains",
    "choose",
    "codes_of",
    "expire",
    "give",
    "judge",
    "keeps_place",
    "make_match",
    "match",
    "state_availability",
    "stated",
    "urgencies_met",
    "week_of",
]
