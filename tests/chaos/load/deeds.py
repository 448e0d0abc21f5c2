"""Write a deed into the book before it is tried: what was never acknowledged may still have happened."""

import time
from collections.abc import Awaitable

from tests.chaos.book import Act, Book, Deed


async def done(book: Book, referral: str, what: Deed, doing: Awaitable[bool]) -> bool:
    """Do something about a referral, and write down whether Linkway said that it took it."""
    act = Act(referral, what, time.time(), acknowledged=False)
    book.acts.append(act)
    act.acknowledged = await doing
    return act.acknowledged
