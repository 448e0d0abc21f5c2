"""The read API of signposting, documented by OpenAPI: the same answers as the pages, for programs."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from matching.domain import signposting as decide
from matching.domain.signposting import PlaceRead, Question, Signpost
from matching.signposting import answers, open_nearby, words
from matching.signposting.ask import MOST_WORDS, cards_for
from matching.signposting.desk import Busy, Here, Visit
from matching.signposting.lists import ListId, read
from matching.signposting.words import Card
from shared.service import Problem
from shared.service.problems import unavailable
from shared.web.refusals import NotFound

router = APIRouter(prefix="/api", tags=["signposting"])

ANSWER_KEPT_SECONDS = 60

RESPONSES: dict[int | str, dict[str, Any]] = {
    503: {"description": "Too much is asked at once; `Retry-After` says in how many seconds to try again."}
}


class Reason(BaseModel):
    """A part of a score: its points, why, and the field of the listing that it rests on."""

    name: str
    value: float
    reason: str
    field: str | None


class Service(BaseModel):
    """A service, how to reach it, whether it has room, and who says so."""

    id: str
    name: str
    organisation: str
    description: str
    phone: str | None
    email: str | None
    url: str | None
    distance_km: float | None = None
    availability: str = Field(description="open, waiting, full, paused or unknown, as its organisation said")
    waiting_weeks: int | None
    wait: str = Field(description="The same as a sentence, with the places that are free")
    checked_on: date | None
    reasons: list[Reason] = []
    questions: list[str] = Field([], description="What to ask before going there: the listing does not say")
    licence: str | None
    attribution: str | None
    source_url: str | None
    page: str

    @classmethod
    def of(cls, card: Card, address: str, signpost: Signpost | None = None) -> "Service":
        """Write a card."""
        each = card.listing
        parts = signpost.proposal.parts if signpost else ()
        return cls(
            **{name: getattr(each, name) for name in _AS_THEY_ARE},
            organisation=each.organisation_name,
            distance_km=card.km,
            availability=each.availability.state,
            waiting_weeks=each.availability.waiting_weeks,
            wait=card.wait.sentence,
            reasons=[Reason(name=p.name, value=p.value, reason=p.reason, field=p.field) for p in parts],
            questions=list(card.questions),
            page=f"{address}/services/{each.id}",
        )


_AS_THEY_ARE = (
    ("id", "name", "description", "phone", "email", "url", "checked_on", "licence", "attribution", "source_url")
)  # fmt: skip


class NearMiss(BaseModel):
    """A service that came near, and what ruled it out."""

    id: str
    name: str
    ruled_out_by: str
    reason: str


class Answered(BaseModel):
    """At most five services, best first; where there is none, what came nearest."""

    place: PlaceRead = Field(description="How well the postcode could be read")
    outward: str | None
    services: list[Service]
    nearest_misses: list[NearMiss]
    other_words: list[str] = Field(
        description="Where there is nothing: what kinds of help near the question are called"
    )
    directory_version: int


class Services(BaseModel):
    """Services in an order of their own."""

    name: str
    services: list[Service]


class Asked(BaseModel):
    """A question in a body, where its words should stand in no address."""

    need: Annotated[str, Field(min_length=1, max_length=MOST_WORDS)]
    place: Annotated[str, Field(max_length=20)] = ""
    age: Annotated[int | None, Field(ge=0, le=120)] = None


@router.get("/signposting", responses=RESPONSES)
async def signpost(
    visit: Here,
    response: Response,
    need: Annotated[str, Query(min_length=1, max_length=MOST_WORDS, description="A need in one's own words")],
    place: Annotated[str, Query(max_length=20, description="A postcode, whole or its first part")] = "",
    age: Annotated[int | None, Query(ge=0, le=120)] = None,
) -> Answered:
    """Find at most five services for a need in one's own words. The caller alone may keep the answer, for a minute.

    Words that tell about a person belong into the body of a POST to the same address.
    """
    answered = await _answered(visit, decide.read_question(need, place, age))
    response.headers["Cache-Control"] = f"private, max-age={ANSWER_KEPT_SECONDS}"
    return answered


@router.post("/signposting", responses=RESPONSES)
async def signpost_privately(visit: Here, response: Response, asked: Asked) -> Answered:
    """Find the same for a question that stands in no address; nobody may keep the answer."""
    response.headers["Cache-Control"] = "no-store"
    return await _answered(visit, decide.read_question(asked.need, asked.place, asked.age))


@router.get("/signposting/open/{outward}", responses=RESPONSES, response_model=Services)
async def list_open(visit: Here, outward: Annotated[str, Path(max_length=4)]) -> Response:
    """List services with a place near an outward code that few were offered to in the last 90 days."""
    home, _read = decide.read_place(outward)
    if home.point is None:
        raise Problem(404, "Not known", "No outward code is written like this.")
    try:
        cards = words.cards_of(await open_nearby.find(visit, home))
    except Busy:
        raise unavailable() from None
    return _kept(visit, f"Open near {home.outward} and rarely used", cards)


@router.get("/lists/{list_id}", response_model=Services)
async def show_list(visit: Here, list_id: ListId) -> Response:
    """Show a list that a practice keeps."""
    try:
        shortlist, services = await read(visit, list_id)
    except NotFound:
        raise Problem(404, "No such list", "No list has this address.") from None
    return _kept(visit, shortlist.name, await cards_for(visit, services))


async def _answered(visit: Visit, question: Question) -> Answered:
    if not question.words:
        raise Problem(422, "The request does not fit", "Say in words what is needed.")
    try:
        answer = await answers.answer(visit, question)
    except Busy:
        raise unavailable() from None
    shown = zip(words.cards_of(answer), answer.signposts, strict=True)
    return Answered(
        place=question.place,
        outward=question.home.outward,
        services=[Service.of(card, visit.desk.public_url, signpost) for card, signpost in shown],
        nearest_misses=[
            NearMiss(
                id=m.service, name=m.service_name, ruled_out_by=m.ruled_out_by, reason=words.ruled_out(m.ruled_out_by)
            )
            for m in answer.misses
        ],
        other_words=list(answer.other_words),
        directory_version=answer.version,
    )


def _kept(visit: Visit, name: str, cards: list[Card]) -> Response:
    body = Services(name=name, services=[Service.of(card, visit.desk.public_url) for card in cards])
    return visit.kept(JSONResponse(body.model_dump(mode="json")))
