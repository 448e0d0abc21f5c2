"""Play a link worker: signs in by mail, has one conversation at a time, and writes down what came of it."""

import asyncio
import time
from collections.abc import Callable, Sequence

from deploy.demo.driver.book import Book
from deploy.demo.driver.browser import Browser
from deploy.demo.driver.calling import Caller, Surprised, Unanswered
from deploy.demo.driver.cast import Party
from deploy.demo.driver.choosing import need_for, revise
from deploy.demo.driver.desk import Desk
from deploy.demo.driver.pages import Form, Page, Proposal
from deploy.demo.driver.post import Post
from deploy.demo.driver.samples import Contact, Outcome, Plan

TRIES = 4
MAIL_SECONDS = 20.0
SEARCH_SECONDS = 8.0
LOOK_AGAIN_SECONDS = 0.4
ROWS = 3
KINDS = {
    "phone": "rings them",
    "visit": "visits them at home",
    "meeting": "meets them",
    "message": "writes to them",
    "accompanied-visit": "goes along to a first visit",
}


class LinkWorker:
    """One link worker with a browser; `desk` is held during a conversation."""

    def __init__(self, party: Party, caller: Caller, post: Post, book: Book) -> None:
        self.party, self.desk = party, Desk()
        self._browser, self._post, self._book = Browser(caller), post, book

    async def sign_in(self) -> None:
        """Ask for a link, open it, press the button.

        Raises:
            Surprised: it did not let us in.
        """
        for _ in range(TRIES):
            asking = (await self._browser.open("/sign-in")).form("sign-in-form")
            asking.fill("email", self.party.mail)
            await self._browser.press(asking)
            try:
                letter = await self._post.next("sign-in", to=[self.party.mail], within=MAIL_SECONDS)
            except Unanswered:
                continue
            confirming = (await self._browser.open(letter.link)).form("sign-in-confirm-form")
            page = await self._browser.press(confirming)
            if page.status == 200 and page.path == "/":
                self._book.tell(self.party.name, "signs in by the link in a mail")
                return
        raise Surprised(f"{self.party.id} could not sign in")

    async def open(self, referral: str) -> Page:
        """Open a case."""
        return await self._browser.open(f"/referrals/{referral}", soon=True)

    async def find_matched(self, referral: str, page: Page) -> Page:
        """Look at a case until matching has had its word about it, or as it is after a while."""
        return await self._look_until(referral, lambda page: page.is_matched, page)

    async def record_contact(self, referral: str, contact: Contact) -> Page:
        """Record a conversation or a try."""

        def fill(_page: Page, form: Form) -> None:
            form.fill("kind", contact.kind)
            form.fill("reached", "yes" if contact.reached else "no")
            form.fill("note", contact.note)

        page = await self._do(referral, "contact-form", fill)
        self._book.counts["conversations"] += 1
        tried = KINDS.get(contact.kind, contact.kind)
        self._book.tell(self.party.name, tried if contact.reached else f"{tried}, in vain", referral)
        return page

    async def revise_needs(self, referral: str, plan: Plan, before: Page) -> Page:
        """Correct the needs, and wait for the new proposals."""
        wanted = revise(before.needs, plan)

        def fill(page: Page, form: Form) -> None:
            for code in {*page.needs, *wanted}:
                form.tick(f"need-{code}", on=code in wanted)

        page = await self._do(referral, "needs-form", fill, page=before)
        said = [f"hears of {code}" for code in sorted(plan.add)] + [f"crosses out {code}" for code in plan.remove]
        self._book.tell(self.party.name, ", ".join(said).replace("-", " "), referral)
        return await self._look_until(referral, lambda page: page.is_matched and page.search != before.search, page)

    async def choose(self, referral: str, chosen: Sequence[Proposal], plan: Plan, page: Page) -> bool:
        """Write down what the person chose and what may be shared; False: the proposals have changed meanwhile."""

        def fill(page: Page, form: Form) -> None:
            there = {proposal.service: proposal for proposal in page.proposals}
            for rank, wanted in enumerate(chosen, start=1):
                proposal = there[wanted.service]
                form.fill_field(f"rank-{proposal.number}", str(rank))
                form.fill_field(f"need-for-{proposal.number}", need_for(proposal, plan.add))
                for fact in plan.share:
                    form.tick(f"share-{proposal.number}-{fact}")
            form.tick("agreed")

        try:
            await self._do(referral, "choices-form", fill, page=page)
        except (KeyError, Surprised):
            return False
        names = f"{len(chosen)} services are" if len(chosen) > 1 else f"{chosen[0].name} is"
        self._book.tell(self.party.name, f"agrees with them: {names} to be asked", referral)
        return True

    async def record_outcomes(self, referral: str, outcomes: Sequence[Outcome], page: Page | None = None) -> None:
        """Write down what came of it; the case stays open."""

        def fill(_page: Page, form: Form) -> None:
            fill_outcomes(form, "told", outcomes)

        await self._do(referral, "outcomes-form", fill, page=page)
        self._book.tell(self.party.name, f"notes what came of it: {names_of(outcomes)}", referral)

    async def close(self, referral: str, reason: str, outcomes: Sequence[Outcome], page: Page | None = None) -> None:
        """Close the case."""

        def fill(_page: Page, form: Form) -> None:
            form.fill("reason", reason)
            fill_outcomes(form, "final", outcomes)

        await self._do(referral, "close-form", fill, page=page)
        self._book.counts["closed"] += 1
        self._book.tell(self.party.name, f"closes it, {reason.replace('-', ' ')}: {names_of(outcomes)}", referral)

    async def _do(
        self, referral: str, form_id: str, fill: Callable[[Page, Form], None], *, page: Page | None = None
    ) -> Page:
        """Fill in a form of the case's page and send it, afresh when somebody was quicker; `page`: it is open already.

        Raises:
            Surprised: it was refused each time.
        """
        said = ""
        for _ in range(TRIES):
            page = page or await self.open(referral)
            form = page.form(form_id)
            fill(page, form)
            answer = await self._browser.press(form)
            if answer.status == 200 and not answer.refused:
                return answer
            said, page = answer.refused or f"{answer.status} {answer.title}", None
        raise Surprised(f"{form_id} was refused: {said}")

    async def _look_until(self, referral: str, true: Callable[[Page], bool], page: Page) -> Page:
        """Load a case's page again until something is true of it, or for a while."""
        deadline = time.monotonic() + SEARCH_SECONDS
        while not true(page) and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            page = await self.open(referral)
        return page


def fill_outcomes(form: Form, prefix: str, outcomes: Sequence[Outcome]) -> None:
    """Fill in the rows of outcomes and amounts."""
    for row, outcome in enumerate(outcomes[:ROWS], start=1):
        form.fill_field(f"{prefix}-outcome-{row}", outcome.code)
        if outcome.amount is not None:
            form.fill_field(f"{prefix}-amount-{row}", str(outcome.amount))


def names_of(outcomes: Sequence[Outcome]) -> str:
    """Write outcomes for a line."""
    return ", ".join(outcome.code.replace("-", " ") for outcome in outcomes) or "no outcome"
