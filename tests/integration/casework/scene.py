"""Casework with everything around it that a test needs: events, browsers, a mailbox, and the door to people."""

import asyncio
import email
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import httpx
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, Header, HTTPException
from lxml import html

from casework.storage.staff import Organisation
from referral_intake.api.agreement import SaidToBody
from referral_intake.people.release import not_releasable
from shared.contracts import (
    Agreement,
    Event,
    LinkWorkerAssigned,
    MatchProposed,
    NeedRead,
    OfferMade,
    Place,
    Preferences,
    Proposal,
    ReferralAccepted,
    ReferralReceived,
    ScorePart,
)
from shared.service import Service, key_bytes
from shared.web.links import Links
from tests.harness import Bench

PROGRAMME, PRACTICE, ASH, BIRCH = "toy-programme", "toy-practice", "link-worker-ash", "link-worker-birch"
KETTLE = Organisation("kettle", "Kettle and Company", "hello@kettle.example.org")
PERSON = {
    "name": "Morag Testcase",
    "phone": "01632 960123",
    "email": "morag@example.org",
    "address": {"lines": ["1 Sample Row"], "postcode": "DD4 7HW"},
    "age": 58,
    "contact_notes": "Not before ten.",
    "letter": "She has been low since her husband died and is behind with bills.",
    "reading": {
        "needs": [{"code": "debt-advice", "source": "text", "evidence": "is behind with bills"}],
        "ruled_out": [{"code": "alcohol", "why": "past", "evidence": "no longer drinks"}],
        "risks": [],
        "refusal": "",
    },
}


@dataclass
class PeopleDoor:
    """Stands in for referral-intake's door: the same paths and purposes, people in memory, and a way to be away."""

    key: str
    away: bool = False
    people: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    notes: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    released: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    ended: set[UUID] = field(default_factory=set)
    agreed: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    """What was recorded of agreements, by the id of the request."""

    def transport(self) -> httpx.AsyncBaseTransport:
        app = FastAPI()
        app.post("/internal/people/{referral}/release")(self._release)
        app.get("/internal/people/{referral}/notes")(self._notes)
        app.post("/internal/people/{referral}/notes", status_code=201)(self._append)
        app.post("/internal/agreements/{referral}")(self._agree)
        inside = httpx.ASGITransport(app)

        async def pass_on(request: httpx.Request) -> httpx.Response:
            if self.away:
                raise httpx.ConnectError("away")
            if request.headers["Authorization"] != f"Bearer {self.key}":
                return httpx.Response(401)
            return await inside.handle_async_request(request)

        return httpx.MockTransport(pass_on)

    async def _release(self, referral: UUID, body: dict[str, Any]) -> dict[str, Any]:
        if not_releasable(body["purpose"], body["fields"]):
            raise HTTPException(403)
        if referral not in self.people:
            raise HTTPException(404)
        self.released.append((body["purpose"], tuple(body["fields"]), body["by"]))
        return {"fields": {name: self.people[referral].get(name) for name in body["fields"]}}

    async def _notes(self, referral: UUID, by: str) -> dict[str, Any]:
        self.released.append(("conversation", ("notes",), by))
        return {"notes": self.notes.get(referral, [])}

    async def _append(self, referral: UUID, body: dict[str, Any], x_request_id: UUID = Header()) -> dict[str, str]:
        kept = self.notes.setdefault(referral, [])
        if all(note["request"] != x_request_id for note in kept):
            kept.append({"id": str(uuid4()), "request": x_request_id, "at": datetime.now(UTC).isoformat(), **body})
        return {"id": next(note["id"] for note in kept if note["request"] == x_request_id)}

    async def _agree(self, referral: UUID, body: SaidToBody, x_request_id: UUID = Header()) -> dict[str, str]:
        if referral in self.ended:
            raise HTTPException(409)
        self.agreed[x_request_id] = {"referral": referral, **body.model_dump(exclude_none=True)}
        return {"referral": str(referral), "state": "accepted"}


class Mailbox:
    """A mail server in this process that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = 0
        self.address = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="mail.example"), "127.0.0.1", 0
        )
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        if self.refuses:
            self.refuses -= 1
            return "451 later"
        return "250 kept"


class Browser:
    """Somebody's browser: keeps cookies, reads pages, and sends a page's forms as they stand there."""

    def __init__(self, service: Service) -> None:
        transport = httpx.ASGITransport(service.http)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://casework.test")
        self.status = 0
        self.page: Any = html.fromstring("<html></html>")
        self.url = ""
        self.headers: httpx.Headers = httpx.Headers()

    async def open(self, path: str) -> None:
        """Load a page, going where it sends us."""
        await self._ask("GET", path)

    async def send(self, form: str, /, **fields: object) -> None:
        """Send a form by its id with what it holds, and these fields put in or in place of what is there."""
        await self.post(*self.form(form, **fields))

    async def post(self, action: str, data: dict[str, Any]) -> None:
        """Send fields somewhere, going where that sends us."""
        await self._ask("POST", action, data)

    def form(self, id_: str, /, **fields: object) -> tuple[str, dict[str, Any]]:
        """Return where a form goes and what it would send."""
        (form,) = self.page.xpath(f"//form[@id='{id_}']")
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        return form.action, {**data, **{name: value for name, value in fields.items() if value is not None}}

    def has(self, element_id: str) -> bool:
        return bool(self.page.xpath(f"//*[@id='{element_id}']"))

    def text(self, element_id: str | None = None) -> str:
        found = self.page.xpath(f"//*[@id='{element_id}']") if element_id else [self.page]
        return " ".join(found[0].text_content().split())

    def attributes(self, name: str) -> list[str]:
        return [str(value) for value in self.page.xpath(f"//@data-{name}")]

    async def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> None:
        """Ask, and again while the database is too busy to answer, as somebody with patience would."""
        for _ in range(10):
            answer = await self.client.request(method, path, data=data, follow_redirects=True)
            if "Retry-After" not in answer.headers:
                break
        self.status, self.headers, self.url = answer.status_code, answer.headers, answer.url.path
        self.page = html.fromstring(answer.text or "<html></html>")


@dataclass
class Scene:
    """One casework over a fresh database."""

    service: Service
    events: Bench
    door: PeopleDoor
    mailbox: Mailbox
    send_mails: Callable[[], Any]
    tell_reviews: Callable[[], Any]
    browsers: list[Browser] = field(default_factory=list)

    def browser(self) -> Browser:
        made = Browser(self.service)
        self.browsers.append(made)
        return made

    async def signed_in(self, mail: str = "ash@example.org") -> Browser:
        """Give a browser whose link worker has signed in."""
        browser = self.browser()
        await browser.open("/sign-in")
        await browser.send("sign-in-form", email=mail)
        await self.send_mails()
        await browser.open(self.links()[-1])
        await browser.send("sign-in-confirm-form")
        return browser

    def links(self) -> list[str]:
        """Return the paths of the sign-in links that were mailed, in their order."""
        texts = [str(mail.get_content()) for mail in self.mailbox.mails]
        return [found for text in texts for found in re.findall(r"http://[^/]+(/sign-in/\S+)", text)]

    async def open_case(self, **changes: Any) -> UUID:
        """Let a referral come as far as its link worker's desk, with one proposal; return its id."""
        referral = uuid4()
        self.door.people[referral] = dict(PERSON)
        await self.events.deliver(
            received(referral), accepted(referral, **changes), assigned(referral), proposed(referral)
        )
        return referral

    async def offered(self, referral: UUID, **changes: Any) -> tuple[UUID, str]:
        """Let matching ask Kettle and Company; return the offer and the path of its link."""
        offer = offer_made(referral, **changes)
        await self.events.deliver(offer)
        return offer.offer, self.offer_path(offer.offer)

    def offer_path(self, offer: UUID, until: datetime | None = None) -> str:
        links = Links(key_bytes(self.service.settings.link_key))  # type: ignore[attr-defined]  # casework's settings
        return f"/offers/{links.sign('offer', str(offer), until or datetime.now(UTC) + timedelta(days=90))}"

    async def published(self, *kinds: type[Event]) -> list[Any]:
        """Return what was published, of some types or of all."""
        return [event for event in await self.events.published() if not kinds or isinstance(event, kinds)]


_WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_counter = itertools.count(1)


def received(referral: UUID, **changes: Any) -> ReferralReceived:
    facts = {"person": uuid4(), "door": "json", "received_at": _WHEN + timedelta(seconds=next(_counter))}
    return ReferralReceived(referral=referral, programme=PROGRAMME, practice=PRACTICE, **(facts | changes))


def accepted(referral: UUID, **changes: Any) -> ReferralAccepted:
    facts: dict[str, Any] = {
        "person": uuid4(),
        "urgency": "routine",
        "needs": (NeedRead(code="debt-advice", source="text"), NeedRead(code="loneliness", source="stated")),
        "nothing_read": False,
        "age": 58,
        "place": Place(council="S12000042", outward="DD4", precision="postcode"),
        "preferences": Preferences(access=("step-free",)),
        "agreement": Agreement(referral="agreed"),
        "rules_version": "1",
    }
    return ReferralAccepted(referral=referral, programme=PROGRAMME, practice=PRACTICE, **(facts | changes))


def assigned(referral: UUID, link_worker: str = ASH) -> LinkWorkerAssigned:
    return LinkWorkerAssigned(
        referral=referral,
        programme=PROGRAMME,
        link_worker=link_worker,
        practice=PRACTICE,
        reasons=("serves-practice",),
    )


def proposal(service: str, *needs: str) -> Proposal:
    return Proposal(
        service=service,
        service_name=service.replace("-", " ").title(),
        organisation=KETTLE.id,
        organisation_name=KETTLE.name,
        needs=needs,
        score=0.8,
        parts=(ScorePart(name="need", value=0.8, reason="It says that it helps with this."),),
        questions=("Is there a lift?",),
        distance_km=1.2,
    )


def proposed(referral: UUID, *proposals: Proposal) -> MatchProposed:
    return MatchProposed(
        referral=referral,
        programme=PROGRAMME,
        proposals=proposals or (proposal("debt-desk", "debt-advice"), proposal("tea-and-talk", "loneliness")),
        directory_version=1,
    )


def offer_made(referral: UUID, **changes: Any) -> OfferMade:
    facts: dict[str, Any] = {
        "offer": uuid4(),
        "service": "debt-desk",
        "service_name": "Debt Desk",
        "organisation": KETTLE.id,
        "organisation_name": KETTLE.name,
        "need": "debt-advice",
        "respond_by": datetime.now(UTC) + timedelta(days=5),
        "share": ("name", "phone"),
        "choice": 1,
    }
    return OfferMade(referral=referral, programme=PROGRAMME, **(facts | changes))
