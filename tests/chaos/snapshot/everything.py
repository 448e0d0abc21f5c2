"""Reads a quiet Linkway in full."""

import asyncio
import base64
from email.utils import unquote

from deploy.local.mailsink.mailbox import Mail
from tests.acceptance import leaks, topics
from tests.acceptance.leaks import Sought, Text
from tests.acceptance.world import World
from tests.chaos.book import Book
from tests.chaos.receiver import Receiver
from tests.chaos.snapshot import texts
from tests.chaos.snapshot.found import Arrival, Snapshot, place
from tests.chaos.snapshot.logs import read_logs
from tests.chaos.snapshot.tables import read_reads, read_tables
from tests.reliability.accounts import run_round


async def read(world: World, book: Book) -> Snapshot:
    """Return what there is; nothing may move meanwhile. What strangers put on topics is not searched for people."""
    ledger = await run_round(world)
    records = await topics.read(world.stack.addresses.kafka)
    strange = {(each.topic, each.partition, each.offset) for each in book.poisoned}
    lines, handled = await asyncio.to_thread(read_logs, world.home.log)
    parking_key = base64.b64decode(world.secrets["LINKWAY_SERVICE_KEY"])
    return Snapshot(
        records=records,
        lines=lines,
        handled=handled,
        ledger=ledger,
        arrivals=_arrivals(world),
        reads=await read_reads(world),
        texts=await texts.gather(world, [record for record in records if place(record) not in strange]),
        sought=_sought(world),
        **await read_tables(world, parking_key),
    )


def _arrivals(world: World) -> list[Arrival]:
    """Return each mail as often as it came; each webhook as often as its receiver says."""
    mails = [Mail.read(path) for path in sorted((world.home.data / "mail").glob("*.eml"))]
    came = [Arrival("mail", _stem(mail.message_id), mail.received_at.timestamp()) for mail in mails]
    hooks = world.hook.arrivals if isinstance(world.hook, Receiver) else []
    return [*came, *(Arrival("webhook", id_, at) for id_, at in hooks)]


def _stem(message_id: str) -> str:
    return unquote(message_id).partition("@")[0]


def _sought(world: World) -> Sought:
    """Return what everybody sent in; what was there before them, and what is ours, tells of nobody."""
    before = [*(Text("our templates", template) for template in leaks.own_templates()), *world.before]
    there = {word for text in before for word in leaks.words_of(text.text)}
    return leaks.sought(world.inputs, leaks.own_words() | there, before)
