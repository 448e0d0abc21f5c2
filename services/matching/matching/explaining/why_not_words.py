"""How it is said why a service is not proposed."""

from collections.abc import Iterator

from matching.domain.score import needs_named
from matching.explaining.why_not import ForNeed, WhyNot
from matching.explaining.words import ruled

STANDINGS = {
    "found": "was found",
    "harmful": "is near in words or meaning and could hurt who asks, so it is kept away",
    "not-about-it": "is not about it: it states other needs, or none and is not plainly about this one",
    "outscored": "is about it, and comes behind as many as are kept",
    "about-it": "is about it",
}


def why(found: WhyNot) -> Iterator[str]:
    """Tell why a service is not proposed, or that it is."""
    yield ""
    yield f"Why not {found.service_name} ({found.service})" if found.service_name else f"Why not {found.service}"
    for each in found.why:
        yield from (f"  {line}" for line in _SAID[each](found))
    yield from (f"  {line}" for line in map(_for_need, found.needs))
    yield from (f"  {line}" for line in _beside(found))


def _proposed(found: WhyNot) -> Iterator[str]:
    yield f"It is proposed, at place {found.rank}."


def _not_listed(_found: WhyNot) -> Iterator[str]:
    yield "It is not in the directory."


def _ruled_out(found: WhyNot) -> Iterator[str]:
    yield f"It is ruled out. {' '.join(map(ruled, found.ruled_out_by))}"


def _harmful(_found: WhyNot) -> Iterator[str]:
    yield "It is kept away from who asks for this (finding/apart.yaml)."


def _not_found(_found: WhyNot) -> Iterator[str]:
    yield "It was found for none of the needs."


def _third_branch(found: WhyNot) -> Iterator[str]:
    yield f"It fits, {_placed(found)}, and is one thing with {' and '.join(found.branches)}, which come before it."
    yield "Of branches of one thing no more are proposed."


def _ranked_below(found: WhyNot) -> Iterator[str]:
    yield f"It fits, {_placed(found)}, and others come before it."


_SAID = {
    "proposed": _proposed,
    "not-listed": _not_listed,
    "ruled-out": _ruled_out,
    "harmful": _harmful,
    "not-found": _not_found,
    "third-branch": _third_branch,
    "ranked-below": _ranked_below,
}


def _placed(found: WhyNot) -> str:
    return f"at place {found.rank} of {found.of}"


def _for_need(each: ForNeed) -> str:
    (need,) = needs_named([each.need])
    place = f", at place {each.rank} of {each.of} that fit" if each.rank else ""
    least = "" if each.last_kept is None else f", the last that was kept {each.last_kept:g}"
    return f"For {need} it {STANDINGS[each.standing]}{place}; in the search it has {each.points:g} points{least}."


def _beside(found: WhyNot) -> Iterator[str]:
    """Set the parts of its score beside those of the last proposal's."""
    if found.beside is None or not found.parts or found.beside == found.service:
        return
    total, beside = (round(sum(getattr(part, of) for part in found.parts), 3) for of in ("points", "beside"))
    condition = "" if found.rank else " if it counted"
    yield f"Its points{condition} beside those of {found.beside}, the last that is proposed: {total:g} and {beside:g}"
    for part in found.parts:
        yield f"  {part.points:+8.3f} {part.beside:+8.3f}  {part.name}{f': {part.reason}' if part.reason else ''}"
