"""Bring everybody their mail, from the sink's own interface."""

import asyncio
from collections.abc import Collection

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Call, Caller, Unanswered
from deploy.demo.driver.letters import Kind, Letter, read_letter

ROUND_SECONDS = 0.25


class Post:
    """All mails since this began; each letter is taken by one reader."""

    def __init__(self, caller: Caller, book: Book) -> None:
        self._caller, self._book = caller, book
        self._after = 0
        self._seen: set[str] = set()
        self._offers: dict[str, str] = {}
        self._waiting: list[Letter] = []
        self._news = asyncio.Condition()

    async def begin(self) -> None:
        """Pass over what came before."""
        mails = (await self._caller.send(Call("GET", "/messages"))).json()
        self._after = max((mail["id"] for mail in mails), default=0)

    async def run(self) -> None:
        """Fetch new mails, for ever."""
        while True:
            mails = (await self._caller.send(Call("GET", f"/messages?after={self._after}"))).json()
            for mail in mails:
                self._after = max(self._after, mail["id"])
                await self.bring(read_letter(mail))
            await asyncio.sleep(ROUND_SECONDS)

    async def bring(self, letter: Letter) -> None:
        """Take one letter in; the same one again, as after an unknown outcome, is read once."""
        if letter.message_id in self._seen:
            self._book.counts["mails repeated"] += 1
            return
        self._seen.add(letter.message_id)
        self._book.counts["mails"] += 1
        if letter.kind == "offer" and self._offers.setdefault(letter.link, letter.message_id) != letter.message_id:
            self._book.wonder(letter.about, "one offer was mailed under two Message-IDs")
        async with self._news:
            self._waiting.append(letter)
            self._news.notify_all()

    async def next(
        self, kind: Kind, *, about: str | None = None, to: Collection[str] | None = None, within: float
    ) -> Letter:
        """Wait for a letter of a kind, about one thing, to one reader by any of their addresses, and take it.

        Raises:
            Unanswered: none came.
        """
        try:
            async with asyncio.timeout(within), self._news:
                while True:
                    for letter in self._waiting:
                        if letter.kind == kind and about in (None, letter.about) and (to is None or letter.to in to):
                            self._waiting.remove(letter)
                            return letter
                    await self._news.wait()
        except TimeoutError:
            raise Unanswered(f"no {kind} mail within {within:.0f} s") from None
