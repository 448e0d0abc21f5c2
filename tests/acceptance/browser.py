"""A browser, and the patience to look again until a page shows what is on its way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import httpx
from lxml import html

from deploy.demo.driver.calling import Call, Caller
from deploy.demo.driver.pages import FORM_TYPE, Form, NoSuchForm, Page

SOON_SECONDS = 90.0
"""Much longer than anything takes, also after a restart or on a busy machine: only what never comes takes so long."""

T = TypeVar("T")


async def soon(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look again and again until something is there.

    Raises:
        AssertionError: it was not there in time.
    """
    try:
        async with asyncio.timeout(SOON_SECONDS):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(0.15)
    except TimeoutError:
        raise AssertionError(f"not within {SOON_SECONDS:.0f} s: {what}") from None


class Sight(Page):
    """A page with all of its text."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(answer.status_code, answer.url.path, answer.text)
        self.text = answer.text

    def has_form(self, form_id: str) -> bool:
        """Whether a form is there to be sent."""
        try:
            self.form(form_id)
        except NoSuchForm:
            return False
        return True

    def organisation(self, service: str) -> str:
        """Return whose service it is that a case's page proposes."""
        rows = html.document_fromstring(self.text).iterfind(f".//li[@data-service='{service}']")
        return next(row.get("data-organisation", "") for row in rows)

    def tasks(self, referral: str) -> list[str]:
        """Return what a link worker's first page says that a referral waits for."""
        waiting = html.document_fromstring(self.text).iterfind(f".//li[@data-referral='{referral}']//li[@data-task]")
        return [row.get("data-task", "") for row in waiting]


class Browser:
    """Somebody's browser."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def open(self, path: str) -> Sight:
        """Open a page."""
        return Sight(await self._caller.send(Call("GET", path)))

    async def press(self, form: Form, button: Mapping[str, str] | None = None) -> Sight:
        """Send a form, and follow to the page after it."""
        return Sight(await self._caller.send(Call("POST", form.action, form.body(button), FORM_TYPE)))
