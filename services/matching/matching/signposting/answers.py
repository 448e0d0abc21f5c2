"""Answers a question: finds, judges and counts, holding no connection while it computes and keeping no word of it."""

import asyncio
from dataclasses import dataclass, replace

from matching import storage
from matching.domain import Found, Wanted
from matching.domain import signposting as decide
from matching.domain.signposting import ASKED, Answer, Question
from matching.finding.finder import Finder
from matching.signposting.desk import Visit
from matching.storage import signposting as counting
from shared.clocks import PLACE
from shared.messaging import Cause
from shared.needs import NEEDS
from shared.needs.terms import Term


@dataclass(frozen=True, slots=True)
class _Looked:
    found: Found
    beyond: Found | None
    near: tuple[Term, ...]
    """Kinds of help that are near the question, nearest first."""
    others: tuple[str, ...] = ()
    """Where nothing fits: what those of them are called for which there is something."""

    @property
    def services(self) -> set[str]:
        """The services of all that was found."""
        parts = (self.found, self.beyond) if self.beyond else (self.found,)
        return {candidate.listing.id for part in parts for candidate in part.candidates}

    @property
    def need(self) -> str:
        """The need of the vocabulary that is nearest, as it may leave Linkway; empty where none is near."""
        need = NEEDS.get(self.near[0].need) if self.near else None
        return (need.shared_as or need.code) if need else ""


async def answer(visit: Visit, question: Question, *, counted: bool = True) -> Answer:
    """Answer a question.

    Raises:
        Busy: as many questions are answered already as this process works on at once.
    """
    with visit.desk.room.enter():
        async with visit.database.transaction(Cause.request("signpost", "find")) as tx:
            finder, today = await visit.desk.directory.finder(tx), tx.now.astimezone(PLACE).date()
        wanted = question.wanted(today)
        looked = await asyncio.to_thread(_look, finder, wanted, question.words)
        async with visit.database.transaction(Cause.request("signpost", "judge")) as tx:
            taken = await storage.get_taken(tx, looked.services)
            answered = decide.answer(wanted, looked.found, looked.beyond, taken, finder.weights)
            if counted:
                outward = (question.home.outward or "") if question.home.point else ""
                await counting.count_question(tx, today, outward, looked.need, answered=bool(answered.signposts))
    return replace(answered, other_words=looked.others)


def _look(finder: Finder, wanted: Wanted, words: str) -> _Looked:
    """Search, and beyond place and age where nothing fits; it computes, so it runs beside the loop."""
    texts = {ASKED: words}
    found = finder.find(wanted, texts)
    near = tuple(each.term for each in finder.question(words).near)
    if decide.fits_any(found, wanted):
        return _Looked(found, None, near)
    names = (term.name for term in near if term.name.lower() != words.lower())
    others = (name for name in names if decide.fits_any(finder.find(wanted, {ASKED: name}), wanted))
    return _Looked(found, finder.find(decide.anywhere(wanted), texts), near, tuple(others))
