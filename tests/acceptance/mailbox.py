"""Every mail that Linkway sent, from the sink's own interface: who got what about which referral."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.demo.driver.book import reference
from deploy.demo.driver.letters import Letter, read_letter
from tests.acceptance.browser import SOON_SECONDS

ROUND_SECONDS = 0.2


@dataclass(frozen=True)
class Mail:
    """One mail: as its reader sees it, and all of it."""

    letter: Letter
    text: str
    whole: dict[str, Any]

    def is_about(self, referral: str) -> bool:
        """Whether it is about this referral, which mails name by its reference or in full."""
        return reference(referral) in f"{self.letter.subject} {self.text}" or referral in self.text


@dataclass
class Mailbox:
    """All mails so far, each as often as it was handed in."""

    sink: str
    mails: list[Mail] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch(self) -> None:
        """Fetch new mails, until cancelled; while the sink is away there are none."""
        async with httpx.AsyncClient(base_url=self.sink, timeout=10) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):  # the sink is away
                    await self._look(client)
                await asyncio.sleep(ROUND_SECONDS)

    async def catch_up(self) -> None:
        """Fetch what has arrived by now, for those who count mails when nothing moves any more."""
        async with httpx.AsyncClient(base_url=self.sink, timeout=SOON_SECONDS) as client:
            await self._look(client)

    async def _look(self, client: httpx.AsyncClient) -> None:
        async with self._looking:  # two who ask after the same mail would both bring it
            found = (await client.get(f"/messages?after={len(self.mails)}")).json()
            async with self._news:
                self.mails += [Mail(read_letter(mail), mail["text"], mail) for mail in found]
                self._news.notify_all()

    async def wait(self, to: str, *, saying: str, about: str | None = None, link: bool = False, after: int = 0) -> Mail:
        """Wait for a mail to an address whose subject or text says this; `after` so many mails that came before.

        Raises:
            AssertionError: it did not come in time; says what came instead.
        """
        try:
            async with asyncio.timeout(SOON_SECONDS), self._news:
                while True:
                    for mail in self.find(to, saying=saying, about=about, after=after):
                        if mail.letter.link or not link:
                            return mail
                    await self._news.wait()
        except TimeoutError:
            subjects = [mail.letter.subject for mail in self.find(to, about=about)]
            raise AssertionError(f"no mail to {to} said “{saying}”; there are {subjects}") from None

    def find(self, to: str, *, saying: str = "", about: str | None = None, after: int = 0) -> Iterator[Mail]:
        """Give the mails to an address that say this, about one referral or any."""
        for mail in self.mails[after:]:
            said = mail.letter.to == to and saying in f"{mail.letter.subject}\n{mail.text}"
            if said and (about is None or mail.is_about(about)):
                yield mail

    def about(self, referral: str) -> list[Mail]:
        """Return all mails about a referral."""
        return [mail for mail in self.mails if mail.is_about(referral)]

    def offers(self, referral: str) -> list[Mail]:
        """Return the mails that ask organisations about a referral, each once, also if it was handed in again."""
        asked = [mail for mail in self.about(referral) if mail.letter.kind == "offer"]
        return list({mail.letter.message_id: mail for mail in reversed(asked)}.values())[::-1]
