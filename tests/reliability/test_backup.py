"""A backup of the data in the wrong hands, without the key database."""

import asyncio
import calendar
import re
from collections.abc import Iterator

import pytest

from deploy.local.home import PROJECT
from deploy.local.postgres import Postgres, environment
from tests.acceptance.books import looking
from tests.acceptance.leaks import Leak, Sought, Text, find, own_words, sought, words_of
from tests.acceptance.world import PROGRAMME, World
from tests.reliability.accounts import until_quiet
from tests.reliability.conftest import Tell
from tests.reliability.traffic import Book, practices

REFERRALS = 8
BYTES = re.compile(r"\\\\x([0-9a-f]{2,})")
"""How a dump writes bytes."""


@pytest.mark.timeout(900)
async def test_a_backup_of_the_data_alone_tells_nothing_of_anybody(world: World, tell: Tell) -> None:
    book = Book()
    async with practices(world, book) as systems:
        for _ in range(REFERRALS):
            await systems.refer()
    await until_quiet(world, book.acknowledged)

    dump = await dumped(world)
    directory = (PROJECT / "deploy/sample/directory.json").read_text("utf-8")
    dates = " ".join((*calendar.month_name, *calendar.day_name))
    known = own_words() | set(words_of(f"{directory} {PROGRAMME.read_text('utf-8')} {dates}"))
    there = [Text(f"matching.{table}", directory) for table in ("site", "source_record")]
    personal = sought(world.inputs, known, there)
    tell(f"{len(personal.runs)} personal strings of {len(world.inputs)} inputs, sought in {len(dump)} characters")
    assert book.unacknowledged == []
    assert set(book.acknowledged) <= set(re.findall(r"[0-9a-f-]{36}", dump))  # this is where they are
    found = leaks(personal, dump)
    assert found == [], found
    await a_planted_leak_is_found(world, personal, book)


async def a_planted_leak_is_found(world: World, personal: Sought, book: Book) -> None:
    """Put one name into a column of text and one into bytes, and see that both are found."""
    first, second = (entry.body["person"]["family_name"] for entry in book.entries[:2])
    async with looking(world) as database:
        await database.execute("CREATE TABLE casework.planted (words text, bytes bytea)")
        try:
            await database.execute("INSERT INTO casework.planted VALUES ($1, $2)", f"met {first}", second.encode())
            found = {leak.what for leak in leaks(personal, await dumped(world))}
        finally:
            await database.execute("DROP TABLE casework.planted")
    assert {" ".join(words_of(name)) for name in (first, second)} <= found


def leaks(personal: Sought, dump: str) -> list[Leak]:
    """Look through a dump, line by line, and through all bytes in it."""
    return find(personal, texts(dump))


def texts(dump: str) -> Iterator[Text]:
    """Give every line of a dump, and every value of bytes as text; what is none is noise."""
    table = ""
    for line in dump.splitlines():
        table = line.split(" ")[1] if line.startswith("COPY ") else table
        yield Text(table, BYTES.sub("", line))
        for found in BYTES.findall(line):
            value = bytes.fromhex(found)
            try:
                yield Text(f"{table}, bytes", value.decode())
            except UnicodeDecodeError:
                yield Text(f"{table}, bytes", value.decode("utf-8", "replace"), noise=True)


async def dumped(world: World) -> str:
    """Back the data up as `pg_dump` does: all of it, as text."""
    postgres = world.stack.embedded.postgres
    assert isinstance(postgres, Postgres)
    called = await asyncio.create_subprocess_exec(
        str(postgres.binaries / "pg_dump"),
        *("-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", postgres.database),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await called.communicate()
    assert called.returncode == 0
    return said.decode()
