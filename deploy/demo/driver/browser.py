"""Open pages and send forms, as somebody with a browser and patience."""

from collections.abc import Mapping

import httpx

from deploy.demo.driver.calling import Call, Caller
from deploy.demo.driver.pages import FORM_TYPE, Form, Page

NOT_HERE_YET = frozenset({404})


class Browser:
    """One person's browser; a form that got no answer is sent again as it was, which does it once."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def open(self, path: str, *, soon: bool = False) -> Page:
        """Open a page; `soon`: it is on its way, so *not here* is no answer yet."""
        return _page(await self._caller.send(Call("GET", path), also_again=NOT_HERE_YET if soon else frozenset()))

    async def press(self, form: Form, button: Mapping[str, str] | None = None) -> Page:
        """Send a form and follow to the page that comes after it."""
        return _page(await self._caller.send(Call("POST", form.action, form.body(button), FORM_TYPE)))


def _page(response: httpx.Response) -> Page:
    return Page(response.status_code, response.url.path, response.text)
