"""Fetching over real sockets: a source that is cut, throttled, lying or gone loses nothing and goes on where it was."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from matching import storage
from matching.directory import commands
from matching.directory.feed import FeedError, read_feed
from matching.directory.fetching.fetch import fetch
from matching.directory.fetching.getting import ATTEMPTS, FetchError, Getter
from matching.directory.fetching.schedule import FetchingElsewhereError, fetch_due, fetch_now
from matching.directory.fetching.sources import Source, SourcesError
from matching.directory.load import Report
from matching.storage.fetching import lock_fetching, unlock_fetching
from shared.contracts import ServiceDelisted
from tests.integration.matching.conftest import Matching, a_service

Answer = tuple[int, dict[str, str], bytes]


class Publisher:
    """A directory on a loopback port, and what goes wrong with it."""

    def __init__(self) -> None:
        self.services = [a_service(f"s{n:02}", None, name=f"Service {n}") for n in range(25)]
        self.says: int | None = None
        self.asked: Counter[str] = Counter()
        self.trouble: Callable[[str, int], Answer | None] = lambda _asked, _times: None
        self.short = False
        self.port = 0
        self.at_once = self.most_at_once = 0

    def source(self, **changed: Any) -> Source:
        facts = {"name": "aliss", "format": "aliss", "url": f"http://127.0.0.1:{self.port}/services/"}
        return Source.model_validate(facts | changed)

    def answer(self, path: str) -> Answer:
        parts = urlsplit(path)
        asked = parse_qs(parts.query).get("page", [""])[0] or parts.path
        self.asked[asked] += 1
        if trouble := self.trouble(asked, self.asked[asked]):
            return trouble
        return 200, {}, json.dumps(self.body(parts.path, asked)).encode()

    def body(self, path: str, asked: str) -> Any:
        if path.endswith(".json"):
            return {"total_items": self.says, "contents": self.services}
        if not asked.isdigit():
            return next(each for each in self.services if each["id"] == path.rpartition("/")[2])
        part = self.services[10 * int(asked) - 10 : 10 * int(asked)]
        kept = {"id", "name", "organization", "status"}
        contents = [{name: each[name] for name in kept} for each in part] if self.short else part
        return {"total_items": len(self.services) if self.says is None else self.says, "contents": contents}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(0.002)
                status, headers, body = self.answer(line.split()[1].decode())
                self.at_once -= 1
                told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                length = headers.get("Length", str(len(body)))
                writer.write(f"HTTP/1.1 {status} X\r\n{told}Content-Length: {length}\r\n\r\n".encode() + body)
                await writer.drain()
                if headers:
                    break
        finally:
            writer.close()


@pytest_asyncio.fixture
async def publisher() -> AsyncIterator[Publisher]:
    made = Publisher()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


class Fetcher:
    """Fetches, without waiting, and keeps how long it would have waited."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        self.waited: list[float] = []

    def getter(self, **changed: Any) -> Getter:
        async def wait(seconds: float) -> None:
            self.waited.append(seconds)

        return Getter(sleep=wait, chance=lambda: 0.5, **changed)

    async def fetch(self, source: Source, **changed: Any) -> Report:
        async with self.getter() as getter:
            return await fetch(self.matching.database, source, getter, **changed)

    async def directory(self) -> list[Any]:
        return [
            tuple(row.values())
            for row in await self.matching.rows("SELECT xmin, id, unlisted FROM service ORDER BY id")
        ]


@pytest.fixture
def fetcher(matching: Matching) -> Fetcher:
    return Fetcher(matching)


async def test_every_page_is_asked_for_once_and_a_few_at_a_time(fetcher: Fetcher, publisher: Publisher) -> None:
    progress: list[tuple[int, int | None, str]] = []
    report = await fetcher.fetch(publisher.source(), progress=lambda *told: progress.append(told))
    assert len(report.changes.listed) == 25
    assert report.complete
    assert publisher.asked == {"1": 1, "2": 1, "3": 1}
    assert progress[-1] == (25, 25, "services")
    assert await fetcher.matching.rows("SELECT FROM fetch_page") == []
    before = await fetcher.directory()
    report = await fetcher.fetch(publisher.source())
    assert (report.version, report.unchanged) == (1, 25)
    assert await fetcher.directory() == before


async def test_a_fetch_that_was_cut_goes_on_where_it_was(fetcher: Fetcher, publisher: Publisher) -> None:
    publisher.services = [a_service(f"s{n:03}", None, name=f"Service {n}") for n in range(95)]
    publisher.trouble = lambda asked, _times: (400, {"X": "y"}, b"") if asked == "4" else None
    with pytest.raises(FetchError, match="400"):
        await fetcher.fetch(publisher.source())
    assert await fetcher.directory() == []
    assert publisher.most_at_once <= 4
    publisher.trouble, publisher.asked = lambda _asked, _times: None, Counter()
    report = await fetcher.fetch(publisher.source())
    assert len(report.changes.listed) == 95
    assert not {"1", "2", "3", "5"} & publisher.asked.keys(), "they had arrived"


async def test_a_fetch_that_was_stopped_goes_on_in_another_process(fetcher: Fetcher, publisher: Publisher) -> None:
    publisher.services = [a_service(f"s{n:03}", None, name=f"Service {n}") for n in range(95)]
    arrived = asyncio.Event()
    task = asyncio.create_task(fetcher.fetch(publisher.source(), progress=lambda *_told: arrived.set()))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    publisher.asked = Counter()
    assert len((await Fetcher(fetcher.matching).fetch(publisher.source())).changes.listed) == 95
    assert "1" not in publisher.asked


async def test_being_told_to_wait_and_errors_of_the_server_are_waited_out(
    fetcher: Fetcher, publisher: Publisher
) -> None:
    def trouble(asked: str, times: int) -> Answer | None:
        if asked == "1" and times == 1:
            return 429, {"Retry-After": "7"}, b""
        if asked == "2" and times <= 2:
            return 503, {"X": "y"}, b""
        return (200, {"Length": "9999"}, b"{") if asked == "3" and times == 1 else None

    publisher.trouble = trouble
    assert len((await fetcher.fetch(publisher.source())).changes.listed) == 25
    assert sorted(fetcher.waited) == [1.0, 1.0, 2.0, 7.5]


async def test_a_source_that_only_fails_is_given_up_and_changes_nothing(fetcher: Fetcher, publisher: Publisher) -> None:
    await fetcher.fetch(publisher.source())
    before = await fetcher.directory()
    publisher.trouble = lambda _asked, _times: (500, {"X": "y"}, b"")
    with pytest.raises(FetchError, match=f"500, {ATTEMPTS} times"):
        await fetcher.fetch(publisher.source())
    assert await fetcher.directory() == before


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>Soon back</html>", "not JSON"),
        (b'{"total_items": 0, "contents": []}', "no service"),
        (b"{}", "no list"),
    ],
)
async def test_a_source_that_vanished_loses_nothing(
    fetcher: Fetcher, publisher: Publisher, body: bytes, why: str
) -> None:
    await fetcher.fetch(publisher.source())
    before = await fetcher.directory()
    publisher.trouble = lambda _asked, _times: (200, {}, body)
    for _ in range(4):
        with pytest.raises((FetchError, FeedError), match=why):
            await fetcher.fetch(publisher.source())
    assert await fetcher.directory() == before


async def test_a_count_that_lies_and_a_page_repeated_lose_nothing(fetcher: Fetcher, publisher: Publisher) -> None:
    publisher.says = 40
    report = await fetcher.fetch(publisher.source())
    assert (len(report.changes.listed), report.complete) == (25, True)
    assert publisher.asked["1"] == 2, "two equal passes show that the count lies"
    publisher.services[10:20] = publisher.services[:10]
    for _ in range(4):
        with pytest.raises(FetchError, match="came short: of 40 services 15 were seen, 10 of them twice"):
            await fetcher.fetch(publisher.source())
    assert await fetcher.matching.published(ServiceDelisted) == []
    publisher.says = 3
    assert (await fetcher.fetch(publisher.source())).complete


async def test_a_directory_that_shrank_by_half_counts_nothing_as_missing(
    fetcher: Fetcher, publisher: Publisher
) -> None:
    await fetcher.fetch(publisher.source())
    publisher.services = publisher.services[:9]
    for _ in range(4):
        assert not (await fetcher.fetch(publisher.source())).complete
    assert await fetcher.matching.published(ServiceDelisted) == []
    for _ in range(3):
        await fetcher.fetch(publisher.source(), accept_shrunk=True)
    assert len(await fetcher.matching.published(ServiceDelisted)) == 16


async def test_short_lists_are_filled_with_full_records_by_id(fetcher: Fetcher, publisher: Publisher) -> None:
    publisher.short = True
    publisher.services = [a_service(f"s{n}", None, "loneliness", name=f"Service {n}") for n in range(12)]
    publisher.trouble = lambda asked, _times: (404, {"X": "y"}, b"") if asked.endswith("/s3") else None
    report = await fetcher.fetch(publisher.source(format="hsds-api"))
    needs = {listing.id: listing.needs for listing in report.changes.listed}
    assert (needs["s1"], needs["s3"], len(needs)) == (("loneliness",), (), 12)


async def test_a_file_is_fetched_whole_or_not_at_all(fetcher: Fetcher, publisher: Publisher) -> None:
    source = publisher.source(format="file", url=f"http://127.0.0.1:{publisher.port}/all.json", area="E06000023")
    publisher.services[0].pop("service_areas")
    report = await fetcher.fetch(source)
    areas = {listing.id: listing.areas[0].code for listing in report.changes.listed}
    assert (areas["s00"], areas["s01"]) == ("E06000023", "S12000042")
    with pytest.raises(FetchError, match="more than 100 bytes"):
        async with fetcher.getter(most_bytes=100) as getter:
            await fetch(fetcher.matching.database, source, getter)


async def test_sources_are_fetched_when_due_and_by_one_replica(
    fetcher: Fetcher, publisher: Publisher, tmp_path: Path
) -> None:
    path = tmp_path / "sources.json"
    path.write_text(json.dumps([publisher.source().model_dump(mode="json")]))
    database = fetcher.matching.database
    async with database.connection() as elsewhere:
        assert await lock_fetching(elsewhere)
        assert await fetch_due(database, path, fetcher.getter()) == 0
        with pytest.raises(FetchingElsewhereError):
            await fetch_now(database, publisher.source(), getter=fetcher.getter())
        await unlock_fetching(elsewhere)
    assert await fetch_due(database, path, fetcher.getter()) == 1
    assert await fetch_due(database, path, fetcher.getter()) == 0
    publisher.trouble = lambda _asked, _times: (404, {"X": "y"}, b"")
    await fetcher.matching.rows("UPDATE source SET due_at = now()")
    assert await fetch_due(database, path, fetcher.getter()) == 1
    (row,) = await fetcher.matching.rows(
        "SELECT trouble, due_at BETWEEN now() AND now() + interval '1 hour' AS soon FROM source"
    )
    assert tuple(row.values()) == ("it answers 404", True)
    async with database.connection() as connection:
        assert await storage.fetching.lock_fetching(connection), "the right to fetch was given back"
        await storage.fetching.unlock_fetching(connection)


async def test_the_commands_fetch_show_settle_and_export(
    fetcher: Fetcher, publisher: Publisher, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sources.json"
    path.write_text(json.dumps([publisher.source().model_dump(mode="json")]))
    database = fetcher.matching.database
    told = await commands.fetching(path, "aliss", accept_shrunk=False)(database)
    assert told.startswith("aliss: 25 records read (HSDS 3 or Open Referral UK 3)\n  25 listed, 0 changed")
    assert "100% 25 of 25 services" in capsys.readouterr().err
    assert "25 records, 0 missing, 1 snapshots, next " in await commands.listing_sources(path)(database)
    with pytest.raises(SourcesError):
        commands.fetching(path, "nobody", accept_shrunk=False)
    exported = read_feed((await commands.exporting("directory", "hsds")(database)).encode())
    assert (len(exported.reads), exported.quarantined) == (25, {})
    assert await commands.settling("join", "s01", "s02", "curator")(database) == "1 listing changed\n"
    assert await commands.settling("apart", "s01", "s02", "curator")(database) == "1 listing changed\n"
    assert await commands.listing_doubts(database) == ""
    assert (await commands.exporting("corrections", "csv")(database)).startswith("source,source_id,service")
