"""A snapshot is complete or changes nothing, whatever a source says of its pages."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.directory.feed import FeedError
from matching.directory.fetching.getting import ATTEMPTS, LONGEST_WAIT_SECONDS, wait_seconds
from matching.directory.fetching.paging import Paging, Seen, decide, has_shrunk, look, next_pages, paging_of
from matching.directory.fetching.sources import SourcesError, read_sources

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


class Api:
    """A directory of numbered services in pages, with what is wrong with it."""

    def __init__(
        self, holds: int, size: int = 10, says: int | None = -1, repeated: int = 0, past_the_end: str = "empty"
    ) -> None:
        self.holds, self.size, self.repeated, self.past_the_end = holds, size, repeated, past_the_end
        self.says = holds if says == -1 else says
        self.asked: list[int] = []

    def page(self, number: int) -> Seen:
        self.asked.append(number)
        number -= bool(self.repeated and number > self.repeated)
        start = (number - 1) * self.size
        if start >= self.holds and self.past_the_end == "last page again":
            start = max(0, self.holds - 1) // self.size * self.size
        ids = tuple(str(n) for n in range(start, min(start + self.size, self.holds)))
        return Seen(ids, 0, self.says)

    def passed(self) -> Paging:
        pages: dict[int, Seen] = {}
        while wanted := next_pages(pages):
            assert len(wanted) <= 4
            pages |= {number: self.page(number) for number in wanted}
        return paging_of(pages)


def fetched(api: Api) -> tuple[str, Paging]:
    before, passes = None, 0
    while True:
        passes += 1
        paging = api.passed()
        decision = decide(paging, before, passes)
        if decision != "again":
            return decision, paging
        before = paging.ids


@pytest.mark.parametrize("past_the_end", ["empty", "last page again"])
@pytest.mark.parametrize("holds", [1, 9, 10, 11, 40, 95])
@pytest.mark.parametrize("lie", [-30, 0, 1, 30, None])
@pytest.mark.parametrize("repeated", [0, 2])
def test_everything_is_seen_whatever_the_count_says_and_a_page_repeated(
    holds: int, lie: int | None, repeated: int, past_the_end: str
) -> None:
    says = None if lie is None else max(0, holds + lie)
    decision, paging = fetched(Api(holds, says=says, repeated=repeated, past_the_end=past_the_end))
    assert len(paging.ids) == holds
    lost = repeated and says is not None and says > holds and holds > 10 * repeated
    assert decision == ("short" if lost else "complete")


def test_an_honest_source_is_asked_for_its_pages_once() -> None:
    api = Api(95)
    assert fetched(api)[0] == "complete"
    assert sorted(api.asked) == list(range(1, 11))


def test_a_count_that_lies_is_believed_to_lie_after_two_equal_passes() -> None:
    api = Api(35, says=50)
    decision, paging = fetched(api)
    assert decision == "complete"
    assert paging.seen == 35
    assert api.asked.count(1) == 2


def test_passes_that_differ_are_short() -> None:
    one, other = (Paging(frozenset(ids), 0, 9, 1, 1, ended=True) for ids in ("ab", "ac"))
    assert [decide(one, None, 1), decide(other, one.ids, 2), decide(one, other.ids, 3)] == ["again", "again", "short"]


def test_an_empty_source_is_no_directory() -> None:
    assert fetched(Api(0))[0] == "short"
    assert fetched(Api(0, says=None))[0] == "short"


@given(st.integers(1, 60), st.integers(1, 12), st.sets(st.integers(1, 70)))
def test_pages_that_arrived_before_a_cut_are_not_asked_for_again(holds: int, size: int, kept: set[int]) -> None:
    api = Api(holds, size)
    pages = {number: api.page(number) for number in kept if number <= -(-holds // size)}
    api.asked.clear()
    while wanted := next_pages(pages):
        pages |= {number: api.page(number) for number in wanted}
    assert not {*api.asked} & {number for number in kept if number <= -(-holds // size)}
    assert len(paging_of(pages).ids) == holds


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ({"count": 3, "data": [{"id": 1}, {"id": "b"}]}, Seen(("1", "b"), 0, 3, None, short=True)),
        ({"total_items": 9, "total_pages": 3, "contents": [{"id": "a", "phones": []}, {}]}, Seen(("a",), 1, 9, 3)),
        ([{"id": "a"}, "what"], Seen(("a",), 1, short=True)),
        ({"content": []}, Seen()),
    ],
)
def test_a_page_says_what_it_holds(body: Any, seen: Seen) -> None:
    assert look(json.dumps(body).encode()) == seen


@pytest.mark.parametrize("body", [b"<html>Down for maintenance</html>", b'{"error": "later"}', b"7", b"\xff"])
def test_what_is_no_page_is_no_empty_page(body: bytes) -> None:
    with pytest.raises(FeedError):
        look(body)


def test_a_snapshot_with_less_than_half_of_what_is_known_has_shrunk() -> None:
    assert has_shrunk(49, 100)
    assert not has_shrunk(50, 100)
    assert not has_shrunk(1, 0)


@given(st.integers(1, ATTEMPTS - 1), st.floats(0, 1))
def test_each_wait_is_longer_at_most_and_never_over_a_minute_and_a_half(attempt: int, chance: float) -> None:
    wait = wait_seconds(attempt, None, NOW, chance)
    assert wait is not None
    assert 2 ** (attempt - 1) * 0.5 <= wait <= LONGEST_WAIT_SECONDS * 1.5


@pytest.mark.parametrize(
    ("retry_after", "at_least"),
    [("7", 7), ("Thu, 01 Oct 2026 12:00:30 GMT", 30), ("Thu, 01 Oct 2026 11:00:00 GMT", 0), ("soon", 0.5), ("-5", 0.5)],
)
def test_what_a_source_asks_for_is_waited(retry_after: str, at_least: float) -> None:
    assert wait_seconds(1, retry_after, NOW, 0.0) == at_least


def test_there_is_an_end_to_waiting() -> None:
    assert wait_seconds(ATTEMPTS, None, NOW, 0.5) is None
    assert wait_seconds(1, "86400", NOW, 0.5) is None


def a_file(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text(text)
    return path


def test_sources_are_data(tmp_path: Path) -> None:
    text = """
    sources:
      - name: aliss
        format: aliss
        url: https://www.aliss.org/api/v5/services/
        every: 7 days
        parameters: {location_radius: "50"}
      - name: bristol
        format: file
        url: https://bristol.example/services.json
        area: E06000023
        area_name: Bristol
        licence: OGL v3
        enabled: false
    """
    aliss, bristol = read_sources(a_file(tmp_path, text))
    assert aliss.page(3) == {"location_radius": "50", "page": "3"}
    assert bristol.page(1) == {}
    assert (bristol.origin.area[0].code, bristol.origin.licence, bristol.enabled) == ("E06000023", "OGL v3", False)


@pytest.mark.parametrize(
    "text",
    [
        "what: [",
        "7",
        "- {name: a, format: aliss}",
        "- {name: a, format: gopher, url: http://a.example}",
        "- {name: a, format: file, url: ftp://a.example}",
        "- {name: a, format: file, url: http://a.example, every: sometimes}",
        "- {name: a, format: file, url: http://a.example, secret: x}",
        "- {name: a, format: file, url: http://a.example}\n- {name: a, format: file, url: http://b.example}",
    ],
)
def test_a_file_of_sources_that_cannot_be_used_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourcesError):
        read_sources(a_file(tmp_path, text))
