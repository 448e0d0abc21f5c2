"""The commands of an operator: a programme is applied, keys are written for their owner, places are loaded."""

import asyncio
import gzip
import json
from itertools import islice
from pathlib import Path

import pytest

from referral_intake import keys, programmes, storage
from referral_intake.domain import Caller
from referral_intake.geography.__main__ import load_all
from referral_intake.geography.columns import recognise
from referral_intake.geography.files import tables
from referral_intake.geography.load import NotRecognisedError, load
from referral_intake.geography.reading import Part, postcode_of, zone_of
from referral_intake.geography.records import PostcodeRecord, ZoneRecord
from referral_intake.places import Located
from shared.messaging import Cause
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


PLAIN = """postcode,latitude,longitude,council_area_code,dz2022code,doterm
DD3 6LX,56.47561,-2.98544,S12000042,S01015000,
DD3 6LZ,56.47561,-2.98544,S12000042,,200105
AB12 3GQ,57.10,-2.11,S12000033,,
AB12 3GQA,57.10,-2.11,S12000033,,
AB12 3GQB,57.10,-2.11,S12000034,,
nonsense,0,0,,,
"""


@pytest.mark.usefixtures("environment")
async def test_tables_are_loaded_by_their_columns_and_again_changes_nothing(
    intake: Intake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "postcodes.csv.gz": gzip.compress(PLAIN.encode()),
        "best-fit.csv": b"DZ22_Code,DZ11_Code\nS01015000,S01007705\n",
        "simd.csv": b"DataZone,CA,SIMD2020V2Rank,SIMD2020V2CountryQuintile\nS01007705,S12000042,211,1\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for changed in ((3, 1, 1), (0, 0, 0)):
        await load_all([tmp_path / name for name in files], None)
        taken = "3 postcodes taken, 1 retired, 1 split between areas"
        assert capsys.readouterr().out.splitlines() == [
            f"postcodes.csv.gz: 6 rows, {taken}, {changed[0]} new or changed",
            "  left out: 1 with no whole postcode",
            f"best-fit.csv: 1 rows, 1 data zones taken, {changed[1]} new or changed",
            f"simd.csv: 1 rows, 1 data zones taken, {changed[2]} new or changed",
        ]
    async with intake.bench.database.transaction(Cause.request("look", "up")) as tx:
        live, retired, split = [await storage.find_located(tx, code) for code in ("DD3 6LX", "DD3 6LZ", "AB12 3GQ")]
    assert live == Located(56.47561, -2.98544, "S12000042", simd_quintile=1)
    assert retired == Located(56.47561, -2.98544, "S12000042", approximate=True)
    assert split == Located(57.10, -2.11, approximate=True)


async def test_a_retired_row_never_takes_the_place_of_one_in_use(intake: Intake, tmp_path: Path) -> None:
    header, database = "postcode,latitude,longitude,dointr,doterm\n", intake.bench.database
    rows = {"old": "199001,200105", "live": "200105,", "older": "198001,198912", "ended": "200105,202402"}
    left = {"old": "2001-05-01", "live": "None", "older": "None", "ended": "2024-02-01"}
    for name, span in rows.items():
        (tmp_path / name).write_text(f"{header}DD3 6LX,56.47,-2.98,{span}\n")
        await load(database, tmp_path / name)
        [row] = await intake.bench.rows("SELECT retired_on FROM postcode")
        assert str(row["retired_on"]) == left[name]


async def test_a_file_of_something_else_is_refused_with_its_columns(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("name,colour\nx,y\n")
    with pytest.raises(NotRecognisedError, match="no columns of postcodes, SIMD or data zones in: name, colour"):
        await load(intake.bench.database, tmp_path / "other.csv")


def test_the_real_tables_are_read(shared_data: Path) -> None:
    for file, kind, taken in (
        ("scottish-postcodes.csv.gz", PostcodeRecord, 20_000),
        ("simd2020v2.csv", ZoneRecord, 6976),
    ):
        for table in tables(shared_data / "geography" / file):
            layout = recognise(table.header)
            assert layout is not None
            read = postcode_of if layout.kind == "postcodes" else zone_of
            found = [read(layout, row) for row in islice(table.rows, 20_000)]
            assert len([one for one in found if isinstance(one, kind | Part)]) == taken
