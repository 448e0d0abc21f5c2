"""What is read of logs and texts, and what is left out of it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.snapshot.logs import read_logs
from tests.chaos.snapshot.texts import pieces

HANDLED = {"event": "message_handled", "outcome": "done", "event_id": "e-1", "timestamp": "2027-01-15T08:00:01Z"}


def write(folder: Path, name: str, *lines: dict[str, Any] | str) -> None:
    """Write a log of one process."""
    (folder / name).write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8"
    )


def test_of_a_message_that_was_handled_twice_the_first_line_counts(tmp_path: Path) -> None:
    write(tmp_path, "matching-2.log", HANDLED | {"timestamp": "2027-01-15T08:00:09Z"})
    write(tmp_path, "matching-1.log", HANDLED)
    write(tmp_path, "casework-1.log", HANDLED | {"timestamp": "2027-01-15T08:00:03Z"})
    lines, handled = read_logs(tmp_path)
    assert lines == []
    assert {about: (line.process, line.at % 60) for about, line in handled.items()} == {
        ("matching", "e-1"): ("matching-1", 1),
        ("casework", "e-1"): ("casework-1", 3),
    }


def test_what_was_not_simply_handled_is_a_line_with_its_fields(tmp_path: Path) -> None:
    said = {"timestamp": "2027-01-15T08:00:01.5Z", "service": "matching", "level": "info", "number": 2}
    write(tmp_path, "matching-1.log", {"event": "producer_built", **said}, HANDLED | {"outcome": "duplicate"})
    (built, duplicate), _ = read_logs(tmp_path)
    assert (built.event, built.service, built.process, built.told) == (
        "producer_built", "matching", "matching-1", {"number": 2},
    )  # fmt: skip
    assert duplicate.told["outcome"] == "duplicate"


def test_what_is_no_line_of_ours_is_passed_over(tmp_path: Path) -> None:
    torn = '{"event": "relay_le' + json.dumps({"event": "service_started"})
    write(tmp_path, "casework-1.log", "Traceback (most recent call last):", torn, "{}", {"event": "service_stopped"})
    write(tmp_path, "kafka-1.log", {"event": "of Kafka"})
    lines, _ = read_logs(tmp_path)
    assert [line.event for line in lines] == ["service_stopped"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ring twice", ["Ring twice"]),
        (b'{"note": ["Ring twice", {"who": "Effric"}], "n": 7}', ["note", "n", "Ring twice", "who", "Effric", "7"]),
        ('{"letter": "in a document in a text"}', ["letter", "in a document in a text"]),
        ("{no document", ["{no document"]),
        (["one", None, 2.5, True, UUID(int=7)], ["one"]),
        ("3b2d3f5e-6a0c-5b9f-8d5e-2f6d1c9b0a77", []),
        ("2027-01-15T08:00:01.123456+00:00", []),
        ("born 1951-09-23", ["born 1951-09-23"]),
        (7_700_900_881, ["7700900881"]),
    ],
)
def test_values_are_taken_apart_and_ids_and_moments_left_out(value: Any, expected: list[str]) -> None:
    assert [text for text, _ in pieces(value)] == expected


def test_bytes_that_are_no_text_are_noise() -> None:
    assert list(pieces(b"\xff\xfeEffric")) == [("\ufffd\ufffdEffric", True)]
