"""Organisations that answer behind the links they were given: soon, late, twice, or never."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from deploy.demo.driver.pages import Form
from tests.acceptance.browser import Browser, Sight
from tests.acceptance.world import World
from tests.chaos.book import Book, Deed
from tests.chaos.load.deeds import done
from tests.chaos.load.plan import Reply
from tests.chaos.load.post import Question

ANSWERED: dict[str, tuple[str, Deed]] = {
    "accepted": ("accept-form", "accept"),
    "declined": ("decline-form", "decline"),
}
OTHERWISE = {"accepted": "declined", "declined": "accepted"}
TRIES, PAUSE_SECONDS = 4, 1.0
REASONS = ("full", "not-suitable", "out-of-area", "could-not-reach", "closed", "other")
T = TypeVar("T")


class Organisations:
    """All of them; they have no account and need no cookie, so one browser does for all."""

    def __init__(self, world: World, book: Book) -> None:
        self._browser, self._book = Browser(world.caller("casework")), book

    async def reply(self, referral: str, question: Question, reply: Reply, chance: random.Random) -> None:
        """Answer a question about a referral as planned, if it is still one when they come to it."""
        reason = chance.choice(REASONS)
        if question.topic:  # who has a topic reads there first; where it is late, the mail does
            await question.topic.told_of(referral)
        await asyncio.sleep(reply.after_seconds)
        pages = [await self._patiently(self._browser.open, question.link)]
        if pages[0].standing not in ("open", "expired"):
            return
        if reply.again == "otherwise":  # two of them have it open
            pages.append(await self._patiently(self._browser.open, question.link))
        said = [reply.said, OTHERWISE[reply.said]]
        for page, answer in zip(pages, said, strict=False):
            form_id, what = ANSWERED[answer]
            form = filled(page, form_id, reason)
            await done(self._book, referral, what, self._press(form, twice=reply.again == "same"))

    async def _press(self, form: Form, *, twice: bool) -> bool:
        """Send a form, perhaps once more as it is; return whether it was taken."""
        answers = [await self._patiently(self._browser.press, form) for _ in range(1 + twice)]
        return any(answer.status == 200 and not answer.refused for answer in answers)

    async def _patiently(self, do: Callable[[T], Awaitable[Sight]], with_what: T) -> Sight:
        """Open or send something, and again where that met an error; where nobody answers, the browser is patient."""
        for _ in range(TRIES):
            page = await do(with_what)
            if page.status < 500:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return page


def filled(page: Sight, form_id: str, reason: str) -> Form:
    """Return the form of an answer; a no has a reason."""
    form = page.form(form_id)
    if form_id == "decline-form":
        form.fill("reason", reason)
    return form
