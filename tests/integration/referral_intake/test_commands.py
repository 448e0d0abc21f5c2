"""The commands of an operator: a programme is applied, keys are written for their owner alone, postcodes are loaded."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from referral_intake import keys, postcodes, programmes
from referral_intake.domain import Caller
from tests.integration.referral_intake.intake_bench import PROGRAMME, Intake, a_body, without_user

CALLERS = [Caller("tayside", "north"), Caller("tayside", "south")]


@pytest.fixture
def environment(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the address of the data, as a command needs no key of any kind."""
    monkeypatch.setenv("LINKWAY_POSTGRES", without_user(intake.data_dsn))


@pytest.mark.usefixtures("environment")
async def test_keys_are_written_for_their_owner_alone_and_kept_while_they_are_good(
    intake: Intake, tmp_path: Path
) -> None:
    out = tmp_path / "keys.json"
    await asyncio.to_thread(keys.issue_to_file, CALLERS, out)
    assert out.stat().st_mode & 0o777 == 0o600
    issued = json.loads(out.read_text())
    intake.keys = issued
    assert (await intake.post(a_body())).status_code == 201
    assert await keys.revoke(CALLERS[1]) == 2
    await asyncio.to_thread(keys.issue_to_file, CALLERS, out)
    again = json.loads(out.read_text())
    assert again["north"] == issued["north"]
    assert again["south"] != issued["south"]


@pytest.mark.usefixtures("environment")
async def test_no_key_lies_in_the_database(intake: Intake) -> None:
    issued = await keys.issue_all(CALLERS, {})
    stored = str(await intake.bench.rows("SELECT * FROM api_key"))
    assert not [key for key in issued.values() if key in stored or key.removeprefix("lw_") in stored]


@pytest.mark.usefixtures("environment")
async def test_a_practice_that_the_programme_lacks_gets_no_key() -> None:
    with pytest.raises(LookupError, match="apply its programme file first"):
        await keys.issue_all([Caller("tayside", "elsewhere")], {})


@pytest.mark.usefixtures("environment")
async def test_a_programme_file_is_applied_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text(PROGRAMME.replace("tayside", "angus"))
    assert await programmes.apply_file(file) == "angus: applied, 2 practices"
    assert await programmes.apply_file(file) == "angus: as it was, 2 practices"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("practices: [", "expected"),
        ("name: x", "programme"),
        (PROGRAMME.replace("[north, south]", "[north, east]"), "east"),
        (PROGRAMME.replace("10 working days", "ten days"), "a clock is"),
    ],
)
def test_a_faulty_programme_file_is_refused_with_the_place(wrong: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        programmes.read_programme(wrong)


@pytest.mark.usefixtures("environment")
async def test_a_postcode_table_is_loaded_plain_or_gzipped(intake: Intake, tmp_path: Path) -> None:
    rows = "postcode,latitude,longitude,council_area_code\nDD3 6LX,56.47561,-2.98544,S12000042\nnonsense,0,0,\n"
    plain, zipped = tmp_path / "table.csv", tmp_path / "table.csv.gz"
    plain.write_text(rows)
    zipped.write_bytes(gzip.compress(rows.encode()))
    for file in (plain, zipped):
        assert await postcodes.load(file) == 1
    assert await intake.count("postcode") == 1


def test_the_real_postcode_table_is_read(shared_data: Path) -> None:
    rows: list[Any] = list(postcodes.rows_of(shared_data / "geography/scottish-postcodes.csv.gz"))
    assert len(rows) > 158_000
    assert ("DD1 4HN", 1) in {(row[0], 1) for row in rows}
