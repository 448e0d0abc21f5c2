"""Holds reasons to their word: each cites what its field says, and without that field it would be another reason."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from matching.domain import Capacity, Listing
from matching.domain.trust import Accuracy
from matching.finding.described import fields_of, labels_of
from shared.contracts import Proposal, ScorePart

WITHOUT: Mapping[str, Mapping[str, Any]] = {
    "name": {"name": "-"},
    "alternate-name": {"alternate_name": ""},
    "description": {"description": ""},
    "organisation-name": {"organisation_name": "-"},
    "organisation-description": {"organisation_description": ""},
    "keywords": {"keywords": ""},
    "eligibility": {"eligibility": None},
    "labels": {"labels": (), "needs": (), "needs_by_label": ()},
    "needs": {"needs": (), "needs_by_label": ()},
    "sites": {"sites": ()},
    "minimum-age": {"minimum_age": None, "maximum_age": None},
    "access": {"access": (), "languages": ()},
    "formats": {"formats": ()},
    "checked-on": {"checked_on": None},
    "capacity": {"capacity": Capacity()},
    "accuracy": {"accuracy": Accuracy()},
}
"""What a listing is like without a field."""

Again = Callable[[Listing], Proposal | None]
"""Asks the same question with another listing in a listing's place; None where it is proposed no more."""


def unfaithful(listing: Listing, proposal: Proposal, again: Again) -> list[str]:
    """Return the reasons of a proposal that do not hold, with what is wrong."""
    wrong = []
    for part in proposal.parts:
        if part.value == 0:
            continue
        if part.field is None or not _cites(listing, part):
            wrong.append(f"{proposal.service} {part.name}: cites what its field does not say")
            continue
        other = again(replace(listing, **WITHOUT[part.field]))
        if other is not None and _part(other, part.name) == (part.value, part.reason):
            wrong.append(f"{proposal.service} {part.name}: stays the same without its field")
    return wrong


def _cites(listing: Listing, part: ScorePart) -> bool:
    if part.cited is None:
        return True
    if part.field == "needs":
        return all(code in listing.needs for code in part.cited.split(", "))
    if part.field == "labels" and part.name == "label":
        return part.cited in labels_of(listing)
    return part.cited.rstrip("…").lower() in fields_of(listing)[(part.field or "").replace("-", "_")].lower()


def _part(proposal: Proposal, name: str) -> tuple[float, str] | None:
    return next(((part.value, part.reason) for part in proposal.parts if part.name == name), None)
