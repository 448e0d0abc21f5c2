"""Those who use Linkway, by the doors that they have: practices, link workers, organisations."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.driver.calling import Call
from deploy.demo.driver.cast import Party
from deploy.demo.driver.pages import Proposal
from deploy.demo.driver.practice import referral_in
from deploy.demo.driver.samples import Sample
from tests.acceptance.browser import Browser, Sight, soon
from tests.acceptance.people import Input, input_of, input_of_message
from tests.acceptance.world import World


class Practice:
    """A practice's system, with the practice's key."""

    def __init__(self, world: World, practice: str) -> None:
        self.world, self.party = world, world.cast.practices[practice]
        self._caller = world.caller("referral-intake", {"Authorization": f"Bearer {world.keys[practice]}"})

    async def post(self, path: str, body: Any, request_id: str | None = None) -> httpx.Response:
        """Send JSON."""
        headers = {"X-Request-ID": request_id or str(uuid4()), "Content-Type": "application/json"}
        return await self._caller.send(Call("POST", path, json.dumps(body).encode(), headers))

    async def refer(self, body: dict[str, Any], request_id: str | None = None) -> str:
        """Refer somebody and return the referral's id."""
        self.world.inputs.append(input_of(body))
        answer = await self.post("/referrals", body, request_id)
        assert answer.status_code == 201, answer.text
        referral = str(answer.json()["referral"])
        assert answer.headers["location"] == f"/referrals/{referral}"
        self.world.acknowledged.append(referral)
        return referral

    async def refer_by_fhir(self, message: bytes, media_type: str, request_id: str | None = None) -> str:
        """Refer somebody by a FHIR message and return the referral's id."""
        self.world.inputs.append(input_of_message(message, media_type))
        ids = dict.fromkeys(("X-Request-ID", "X-Correlation-ID"), request_id or str(uuid4()))
        call = Call("POST", "/fhir/$process-message", message, ids | {"Content-Type": media_type})
        answer = await self._caller.send(call)
        assert answer.status_code == 200, answer.text
        self.world.acknowledged.append(referral_in(answer.content, answer.headers["content-type"]))
        return self.world.acknowledged[-1]

    async def send_sample(self, sample: Sample, request_id: str) -> str:
        """Send a sample referral by its door and return the referral's id."""
        if not sample.by_fhir:
            return await self.refer(json.loads(sample.body), request_id)
        return await self.refer_by_fhir(sample.body, sample.media_type, request_id)

    async def get(self, path: str) -> httpx.Response:
        """Read."""
        return await self._caller.send(Call("GET", path))

    async def read(self, referral: str) -> dict[str, Any]:
        """Read where a referral is."""
        answer = await self.get(f"/referrals/{referral}")
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def sees(self, referral: str, *steps: str, state: str) -> dict[str, Any]:
        """Read until a referral is in a state and its timeline has all these steps, which come from several topics."""
        seen: set[str] = set()

        async def look() -> dict[str, Any] | None:
            view = await self.read(referral)
            seen.update(each["what"] for each in view["timeline"])
            return view if view["state"] == state and seen.issuperset(steps) else None

        try:
            return await soon(look, f"the practice sees {state}")
        except AssertionError as error:
            error.add_note(f"without {set(steps) - seen}, with {seen}")
            raise


class LinkWorker:
    """A link worker with a browser; signs in by the mailed link when a page is first wanted."""

    def __init__(self, world: World, party: Party) -> None:
        self.world, self.party = world, party
        self._browser = Browser(world.caller("casework"))
        self._signing_in = asyncio.Lock()
        self._signed_in = False

    async def open(self, path: str) -> Sight:
        """Open a page."""
        async with self._signing_in:
            if not self._signed_in:
                await self._sign_in()
        return await self._browser.open(path)

    async def case(self, referral: str, ready: Callable[[Sight], bool], what: str) -> Sight:
        """Open a case until it is as wanted."""

        page = await self.open(f"/referrals/{referral}")

        async def look() -> Sight | None:
            nonlocal page
            page = await self.open(f"/referrals/{referral}")
            return page if page.status == 200 and ready(page) else None

        try:
            return await soon(look, what)
        except AssertionError as error:
            error.add_note(f"“{page.title}”, {page.status}: {page.state}, {page.needs}, {page.asked}, {page.proposals}")
            raise

    async def proposals(self, referral: str, *needs: str) -> dict[str, list[Proposal]]:
        """Wait until services are proposed for each of these needs, and return them by need."""

        def by_need(page: Sight) -> dict[str, list[Proposal]]:
            return {need: [each for each in page.proposals if need in each.needs] for need in needs}

        page = await self.case(referral, lambda page: all(by_need(page).values()), f"proposals for {needs}")
        return by_need(page)

    async def send(
        self,
        referral: str,
        form_id: str,
        fields: Mapping[str, str] | None = None,
        ids: Mapping[str, str] | None = None,
        ticks: Sequence[str] = (),
    ) -> Sight:
        """Fill in a form of a case's page and send it; `fields` by name, `ids` and `ticks` by the field's id.

        The page may be quicker than what its forms rest on, as that the case is open: this waits for the form.
        """
        form = (await self.case(referral, lambda page: page.has_form(form_id), f"the {form_id}")).form(form_id)
        for name, value in (fields or {}).items():
            form.fill(name, value)
        for field_id, value in (ids or {}).items():
            form.fill_field(field_id, value)
        for field_id in ticks:
            form.tick(field_id)
        page = await self._browser.press(form)
        assert page.status == 200, f"{form_id}: {page.status} {page.title} {page.refused}"
        assert not page.refused, f"{form_id}: {page.refused}"
        return page

    async def talk(self, referral: str, note: str) -> None:
        """Record a conversation."""
        self.world.inputs.append(Input(f"a note of {self.party.id}", (), (note,)))
        await self.send(referral, "contact-form", {"kind": "meeting", "reached": "yes", "note": note})

    async def choose(self, referral: str, choices: Sequence[tuple[Proposal, str]], *share: str) -> None:
        """Choose services for needs, the best liked first."""
        ids = {f"rank-{proposal.number}": str(rank) for rank, (proposal, _) in enumerate(choices, start=1)}
        ids |= {f"need-for-{proposal.number}": need for proposal, need in choices}
        shares = [f"share-{proposal.number}-{fact}" for proposal, _ in choices for fact in share]
        await self.send(referral, "choices-form", ids=ids, ticks=[*shares, "agreed"])

    async def close(self, referral: str, outcome: str, amount: str = "") -> None:
        """Close a case as completed, with one outcome."""
        ids = {"final-outcome-1": outcome, "final-amount-1": amount}
        await self.send(referral, "close-form", {"reason": "completed"}, ids)

    async def _sign_in(self) -> None:
        asking = (await self._browser.open("/sign-in")).form("sign-in-form")
        asking.fill("email", self.party.mail)
        before = len(self.world.mailbox.mails)
        await self._browser.press(asking)
        mail = await self.world.mailbox.wait(self.party.mail, saying="Your link to sign in", after=before)
        page = await self._browser.press((await self._browser.open(mail.letter.link)).form("sign-in-confirm-form"))
        assert (page.status, page.path) == (200, "/"), page.title
        self._signed_in = True


@dataclass
class Organisation:
    """Somebody at an organisation, who has nothing but the link to an offer."""

    world: World
    link: str
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        """Take a browser."""
        self.browser = Browser(self.world.caller("casework"))

    async def open(self) -> Sight:
        """Open the offer."""
        return await self.browser.open(self.link)

    async def accept(self) -> Sight:
        """Say yes."""
        return await self.browser.press((await self.open()).form("accept-form"))

    async def decline(self, reason: str) -> Sight:
        """Say no, and why."""
        form = (await self.open()).form("decline-form")
        form.fill("reason", reason)
        return await self.browser.press(form)

    async def press(self, form_id: str, **button: str) -> Sight:
        """Send a form of the offer's page."""
        return await self.browser.press((await self.open()).form(form_id), button or None)


@dataclass
class Everybody:
    """The practices and link workers of one Linkway, each once, so that they sign in once."""

    world: World
    practices: dict[str, Practice] = field(default_factory=dict)
    workers: dict[str, LinkWorker] = field(default_factory=dict)

    def practice(self, practice: str) -> Practice:
        """Return a practice."""
        return self.practices.setdefault(practice, Practice(self.world, practice))

    async def worker_of(self, referral: str) -> LinkWorker:
        """Wait for the mail that gives a referral to a link worker, and return who got it."""

        async def look() -> LinkWorker | None:
            for mail, party in self.world.cast.link_workers.items():
                if any(self.world.mailbox.find(mail, saying="you are their link worker", about=referral)):
                    return self.workers.setdefault(mail, LinkWorker(self.world, party))
            return None

        return await soon(look, "a mail to a link worker")

    async def organisation_asked(self, referral: str, after: int = 0) -> tuple[Organisation, str]:
        """Wait for the mail that asks an organisation about a referral; return who has it, and its subject.

        `after` says how many such mails came before. The mail may be quicker than the page it leads to, which then
        says so (503): like its reader, this opens it again.
        """

        async def look() -> tuple[Organisation, str] | None:
            asked = self.world.mailbox.offers(referral)
            if len(asked) <= after:
                return None
            organisation = Organisation(self.world, asked[after].letter.link)
            return None if (await organisation.open()).status == 503 else (organisation, asked[after].letter.subject)

        return await soon(look, f"offer {after + 1} of {referral}")
