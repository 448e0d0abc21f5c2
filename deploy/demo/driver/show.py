"""Show what goes on, calmly: a live picture on a terminal, a plain line every few seconds elsewhere."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping
from itertools import islice

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo.driver.book import Book, reference
from deploy.demo.driver.ledger import LOST, in_order

LINE_SECONDS = 3.0
REFRESHES_A_SECOND = 4
BAR_WIDTH = 24
SHOWN = 12
# Always shown, so that the picture keeps still; what is rarer appears when it happens.
MAIN = (
    "just arrived",
    "on its way",
    "waits for first contact",
    "in conversation",
    "organisation is asked",
    "has a place",
    "closed",
    "withdrawn",
    "returned",
)
ENDED = ("closed", "withdrawn", "returned")
COUNTED = ("conversations", "offers", "mails", "webhooks", "partner events")


@contextlib.asynccontextmanager
async def watched(book: Book) -> AsyncIterator[None]:
    """Show a book while a block runs."""
    if sys.stdout.isatty():
        with Live(get_renderable=lambda: picture(book), refresh_per_second=REFRESHES_A_SECOND, transient=True):
            yield
        return
    telling = asyncio.create_task(tell_lines(book))
    try:
        yield
    finally:
        telling.cancel()


async def tell_lines(book: Book) -> None:
    """Print a line every few seconds, for ever."""
    while True:
        print(line(book), flush=True)
        await asyncio.sleep(LINE_SECONDS)


def line(book: Book) -> str:
    """Write where things stand in one line."""
    stages = book.ledger.stages if book.ledger else {}
    said = ", ".join(f"{count} {stage}" for stage, count in stages.items()) or "nothing in the ledger yet"
    unaccounted = book.ledger.unaccounted if book.ledger else 0
    return f"{book.seconds:5.1f} s  {len(book.referrals)} acknowledged: {said}; {unaccounted} unaccounted for"


def picture(book: Book) -> RenderableType:
    """Draw where things stand and what happened last."""
    surprises = [Text(surprise, "yellow") for surprise in book.surprises[-3:]]
    return Group(heading(book), Text(), stage_table(book), Text(), feed(book), Text(), figures(book), *surprises)


def heading(book: Book) -> Text:
    """Say what this is."""
    text = Text.assemble(("Linkway", "bold cyan"), ("  a morning in four practices", "dim"))
    text.append(f"   {book.seconds:.0f} s", "dim")
    return text


def stage_table(book: Book) -> Table:
    """Draw referrals by stage, as the ledger has them."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Where referrals are", min_width=26)
    table.add_column("", justify="right", min_width=3)
    table.add_column("", min_width=BAR_WIDTH)
    stages = book.ledger.stages if book.ledger else {}
    most = max(stages.values(), default=1)
    for stage in in_order({*MAIN, *stages}):
        count = stages.get(stage, 0)
        bar = "█" * (max(1, round(BAR_WIDTH * count / most)) if count else 0)
        colour = "red" if stage == LOST else "green" if stage in ENDED else "cyan"
        table.add_row(Text(stage, "" if count else "dim"), str(count or "·"), Text(bar, colour))
    return table


def feed(book: Book) -> Table:
    """Draw what happened last, the newest at the bottom."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("at", justify="right", style="dim", no_wrap=True)
    table.add_column("reference", style="dim", no_wrap=True)
    table.add_column("who and what", overflow="ellipsis", no_wrap=True)
    latest = list(islice(reversed(book.latest), SHOWN))[::-1]
    for happening in latest:
        words = Text.assemble((happening.who, "bold"), f" {happening.what}")
        table.add_row(f"{happening.at_seconds:.0f} s", happening.reference or " " * 12, words)
    return table


def figures(book: Book) -> Text:
    """Say what was counted, and whether anything is unaccounted for."""
    text = Text(f"{len(book.referrals)} acknowledged", "bold")
    for name in COUNTED:
        count = book.counts[name]
        text.append(f" · {count} {name.removesuffix('s') if count == 1 else name}", "dim")
    unaccounted = book.ledger.unaccounted if book.ledger else 0
    text.append(f" · {unaccounted} unaccounted for", "bold red" if unaccounted else "bold green")
    if book.ledger_away:
        text.append(f"\nThe ledger does not answer just now; this is what it said last ({book.ledger_away}).", "yellow")
    return text


def print_end(book: Book, addresses: Mapping[str, str], console: Console | None = None) -> None:
    """Print what came of it and where to look further."""
    console = console or Console(highlight=False, soft_wrap=True)
    console.print(Group(Text(), stage_table(book), Text(), figures(book)))
    if book.held:
        console.print()
        console.print(Text("Still open, each in somebody's hands with a date", "bold"))
    for held in book.held:
        until = f"{held.deadline.astimezone():%d %B %H:%M}"
        console.print(f"  {reference(held.referral)}  {held.stage:<24} {held.owner}, until {until}", markup=False)
    console.print()
    console.print(Text("Have a look around", "bold"))
    for what, address in addresses.items():
        console.print(f"  {what:<28} {address}", markup=False)
    if book.surprises:
        console.print()
        console.print(Text("What went otherwise than planned", "bold yellow"))
        for surprise in book.surprises:
            console.print(f"  {surprise}", markup=False)
