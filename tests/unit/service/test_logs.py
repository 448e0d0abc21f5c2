"""What a library says is written down without what it says it of."""

import asyncio
import gc
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.service import logs


@pytest.fixture(autouse=True)
def as_they_were() -> Iterator[None]:
    """Leave the logging of other tests alone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    """Return the lines that were written."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_template_is_kept_and_its_values_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("matching", as_json=True)
    logging.getLogger("httpx").warning("HTTP Request: %s", "https://example.org/Morag")
    (line,) = told(capsys)
    assert (line["event"], line["template"]) == ("library", "HTTP Request: %s")
    assert "Morag" not in json.dumps(line)


def test_what_asyncio_says_of_a_lost_error_is_cut_to_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("matching", as_json=True)

    async def fails() -> None:
        raise ValueError("Morag Sample lives at 1 Example Street")

    async def lose() -> None:
        task = asyncio.get_running_loop().create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(lose())
    (line,) = told(capsys)
    assert (line["template"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert "Morag" not in json.dumps(line)
