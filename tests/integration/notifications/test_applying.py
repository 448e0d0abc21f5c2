"""Recipients are applied from the files of the sample, as often as one likes."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from notifications.recipients import apply
from tests.integration.notifications.conftest import EVERYBODY, PROGRAMME, Notifications, offer
from tests.unit.notifications.samples import ROOT

PROGRAMME_FILE = ROOT / "deploy" / "programmes" / "dundee-sources-of-support.yaml"
DIRECTORY_FILE = ROOT / "deploy" / "sample" / "directory.json"


async def command(service_dsn: str, *arguments: str) -> tuple[int, str]:
    """Run the command as an operator does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "notifications.recipients", *arguments),
        env={"PATH": os.defpath, "LINKWAY_POSTGRES": service_dsn},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_applying_twice_is_applying_once(notifications: Notifications, service_dsn: str) -> None:
    first = await command(service_dsn, "apply", str(PROGRAMME_FILE), str(DIRECTORY_FILE))
    rows = await notifications.rows("SELECT * FROM recipient ORDER BY programme, kind, id")
    assert first[0] == 0, first[1]
    assert len(rows) > 90
    assert await command(service_dsn, "apply", str(PROGRAMME_FILE), str(DIRECTORY_FILE)) == first
    assert await notifications.rows("SELECT * FROM recipient ORDER BY programme, kind, id") == rows


async def test_the_organisations_that_want_a_topic_are_listed_for_the_topics_command(service_dsn: str) -> None:
    code, output = await command(service_dsn, "partners", str(PROGRAMME_FILE))
    assert code == 0
    assert output.split() == ["1376a36a-538e-5350-bb87-d22048d25b50"]


@pytest.fixture
def faulty_file(tmp_path: Path) -> Path:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(PROGRAMME_FILE.read_text().replace("reception@bucklemaker.example.org", "not-an-address"))
    return faulty


async def test_a_faulty_programme_is_refused_with_its_place_and_without_its_text(
    service_dsn: str, faulty_file: Path
) -> None:
    code, output = await command(service_dsn, "apply", str(faulty_file), str(DIRECTORY_FILE))
    assert code == 1
    assert output.startswith("practices.1.mail:")
    assert "not-an-address" not in output


@pytest.mark.parametrize("asked", ["plain", "kettle"])
async def test_whom_a_programme_lists_no_longer_is_not_told_any_more(notifications: Notifications, asked: str) -> None:
    await apply(notifications.database, PROGRAMME, [each for each in EVERYBODY if each.id != asked])
    await notifications.deliver(offer(asked))
    assert await notifications.told() == [("undeliverable", PROGRAMME, "mail")]
