"""`/signposting`: a need in one's own words and a postcode, and on the same page what there is for it.

The words may tell about a person, so they come in the body of a POST and stand in no address, history or log.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from matching import storage
from matching.domain import Home
from matching.domain import signposting as decide
from matching.domain.constraints import distance_km
from matching.domain.signposting import Question
from matching.signposting import answers, words
from matching.signposting.desk import Here
from matching.signposting.words import Card
from matching.storage import signposting as counting
from shared.clocks import PLACE
from shared.messaging import Cause
from shared.web.pages import PageRoute

router = APIRouter(prefix="/signposting", route_class=PageRoute, include_in_schema=False)

MOST_WORDS = 400
MOST_TOGETHER = 10
NOWHERE = Home()

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_WORDS, pattern=r"^[^\x00]*$")]
Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)]
Age = Annotated[int | None, BeforeValidator(lambda typed: typed or None), Field(ge=0, le=120)]
ServiceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class AskForm(BaseModel):
    """What is asked; it changes nothing, so the form needs no token."""

    need: Words = ""
    place: Place = ""
    age: Age = None

    def question(self) -> Question:
        """Return it as a question."""
        return decide.read_question(self.need, self.place, self.age)


@router.get("")
async def show(visit: Here) -> Response:
    """Show the form alone; words in the address are not read."""
    return visit.desk.pages.render("ask.html", form=AskForm(), answer=None, faulty=False)


@router.post("")
async def ask(visit: Here, form: Annotated[AskForm, Form()]) -> Response:
    """Answer a question, under the form with what was typed."""
    question = form.question()
    if not question.words:
        return visit.desk.pages.render("ask.html", 422, form=form, answer=None, faulty=True)
    answer = await answers.answer(visit, question)
    return visit.desk.pages.render(
        "ask.html",
        form=form,
        faulty=False,
        answer=answer,
        question=question,
        note=words.PLACE_NOTES.get(question.place),
        **_take_with(visit, words.cards_of(answer), question),
    )


def _take_with(visit: Here, cards: list[Card], question: Question) -> dict[str, object]:
    """Return the cards with the address under which they are shown without the question."""
    fields = [("service", card.listing.id) for card in cards]
    near = [("near", question.home.outward)] if question.home.point else []
    address = f"{visit.desk.public_url}/signposting/these?{urlencode([*fields, *near])}"
    return {"cards": cards, **to_self(cards, address)}


def to_self(cards: list[Card], address: str) -> dict[str, object]:
    """Return what a page needs so that one can take services with oneself."""
    return {
        "address": address,
        "mail": words.mail_to_self(cards, address),
        "text": words.text_to_self(cards, address),
    }


@router.get("/these")
async def show_these(
    visit: Here, service: Annotated[list[ServiceId], Query(max_length=MOST_TOGETHER)], near: Place = ""
) -> Response:
    """Show some services together: the address on a print or in a message, which holds no word of any question."""
    home, _read = decide.read_place(near)
    cards = await cards_for(visit, service, home)
    fields = [("service", card.listing.id) for card in cards] + ([("near", home.outward or "")] if near else [])
    address = f"{visit.desk.public_url}/signposting/these?{urlencode(fields)}"
    return visit.kept(
        visit.desk.pages.render("these.html", cards=cards, missing=len(service) - len(cards), **to_self(cards, address))
    )


async def cards_for(visit: Here, services: list[str], home: Home = NOWHERE) -> list[Card]:
    """Return the cards of those services that are in the directory, in the order given."""
    async with visit.database.transaction(Cause.request("show_services", "read")) as tx:
        listings = await storage.find_listings(tx, services)
        taken = await storage.get_taken(tx, services)
    return [
        words.card_of(listings[each], taken.get(each, 0), distance_km(listings[each], home))
        for each in services
        if each in listings and listings[each].is_listed
    ]


@router.get("/counts")
async def show_counts(visit: Here) -> Response:
    """Show what was asked for in the months that have ended; small counts are not shown."""
    async with visit.database.transaction(Cause.request("show_counts", "read")) as tx:
        until = tx.now.astimezone(PLACE).date().replace(day=1)
        counts = await counting.get_counts(tx, until.replace(year=until.year - 1), until)
    return visit.kept(visit.desk.pages.render("counts.html", counts=decide.shown(counts), least=decide.LEAST_SHOWN))
