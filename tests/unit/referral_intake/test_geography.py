"""Directories of postcodes and tables of data zones are known by their columns and read row by row."""

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_intake.geography.columns import Layout, recognise
from referral_intake.geography.files import tables
from referral_intake.geography.progress import Progress
from referral_intake.geography.reading import LeftOut, Part, date_of, postcode_of, zone_of
from referral_intake.geography.records import PostcodeRecord, ZoneRecord, joined, latest, whole

SPD = (
    "Postcode,DateOfIntroduction,DateOfDeletion,GridReferenceEasting,Latitude,Longitude,SplitIndicator,"
    "CouncilArea2019Code,ElectoralWard2022Code,HealthBoardArea2006Code,HealthBoardArea2019Code,"
    "IntegrationAuthority2019Code,OutputArea2011Code,DataZone2022Code,DataZone2011Code,DataZone2001Code,"
    "UrbanRural6Fold2022Code,UrbanRural8Fold2022Code,GridLinkPositionalAccuracy"
)
ONSPD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osgrdind,oshlthau,nhser,ctry,"
    "lsoa01,lsoa11,lat,long,icb,lsoa21"
)
ONSPD_SINCE_2025 = (
    "pcd7,pcd8,pcds,dointr,doterm,cty25cd,lad25cd,wd25cd,gridind,hlth19cd,lsoa11cd,lsoa21cd,lat,long,icb23cd"
)
NSPL = "pcd,pcd2,pcds,dointr,doterm,usertype,osgrdind,cty,laua,ward,hlthau,lsoa21,lsoa11,lat,long,icb"
PLAIN = "postcode,latitude,longitude,council_area_code,health_board_code,integration_authority_code"
PHS_SIMD = (
    "DataZone,IntZone,HB,HSCP,CA,SIMD2020V2Rank,SIMD2020V2CountryDecile,SIMD2020V2CountryQuintile,SIMD2020V2HBQuintile"
)
SG_SIMD = "Data_Zone,Intermediate_Zone,Council_area,SIMD2020v2_Rank,SIMD2020v2_Decile,SIMD2020v2_Quintile"
ZONES = "DataZone,DataZoneName,IntZone,CA,CAName,HSCP,HB,Country"
BEST_FIT = "DZ22_Code,DZ22_Name,DZ11_Code,DZ11_Name"

SPD_ROW = (
    "DD3 6LX,01/08/1973 00:00:00,,339100,56.47561,-2.98544,N,S12000042,S13002543,S08000013,S08000030,"
    "S37000007,S00100000,S01015000,S01007705,S01001250,1,1,1"
)


def layout_of(header: str) -> Layout:
    layout = recognise(header.split(","))
    assert layout is not None
    return layout


def a_postcode(header: str, row: str) -> PostcodeRecord | Part | LeftOut:
    return postcode_of(layout_of(header), row.split(","))


def a_zone(header: str, row: str) -> ZoneRecord | LeftOut:
    return zone_of(layout_of(header), row.split(","))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        *((header, "postcodes") for header in (SPD, ONSPD, ONSPD_SINCE_2025, NSPL, PLAIN)),
        *((header, "simd") for header in (PHS_SIMD, SG_SIMD)),
        *((header, "datazones") for header in (ZONES, BEST_FIT)),
    ],
)
def test_a_file_is_known_by_its_columns_in_any_order_and_case(header: str, kind: str) -> None:
    assert layout_of(header).kind == kind
    assert layout_of(",".join(reversed(header.upper().split(",")))).kind == kind


@pytest.mark.parametrize(
    "header", ["", "a,b,c", "postcode,council_area_code", "DataZone,DataZoneName", "SIMD2020v2_Rank"]
)
def test_what_has_other_columns_is_nothing_known(header: str) -> None:
    assert recognise(header.split(",")) is None


def test_a_kind_that_is_asked_for_must_fit() -> None:
    assert recognise(PHS_SIMD.split(","), "datazones") is not None
    assert recognise(PHS_SIMD.split(","), "postcodes") is None


def test_a_row_of_the_scottish_directory_is_read_whole_and_by_the_latest_years() -> None:
    assert a_postcode(SPD, SPD_ROW) == PostcodeRecord(
        *("DD3 6LX", 56.47561, -2.98544, "S12000042", "S13002543", "S08000030", "S37000007", 1),
        *("S01007705", "S01015000", date(1973, 8, 1), None),
        approximate=False,
    )


def test_a_row_of_onspd_gives_the_care_board_in_england_and_leaves_out_what_stands_for_nothing() -> None:
    row = "LS1 4DY,LS1  4DY,LS1 4DY,198001,,E99999999,E99999999,E08000035,E05012649,E04000000,0,430000,1,E18000003,"
    record = a_postcode(ONSPD, row + "E40000012,E92000001,E01011365,E01033010,53.797,-1.5535,E54000054,E01033010")
    assert isinstance(record, PostcodeRecord)
    assert (record.postcode, record.council, record.ward) == ("LS1 4DY", "E08000035", "E05012649")
    assert (record.health_board, record.data_zone_2011, record.retired_on) == ("E54000054", None, None)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("DD3 6LX", "no postcode"), "no whole postcode"),
        (("DD3 6LX", "DD3"), "no whole postcode"),
        (("DD3 6LX", "DDI 6LX"), "no whole postcode"),
        (("56.47561", "99.999999"), "no point on the map"),
        (("56.47561", ""), "no point on the map"),
        (("-2.98544", "339100"), "no point on the map"),
        (("1,1,1", "1,1,9"), "no point on the map"),
        (("01/08/1973 00:00:00", "in summer"), "a date that cannot be read"),
    ],
)
def test_a_row_that_is_left_out_says_why(changed: tuple[str, str], reason: str) -> None:
    assert a_postcode(SPD, SPD_ROW.replace(*changed)) == LeftOut(reason)


def test_a_row_that_is_cut_short_is_no_reason_to_stop() -> None:
    assert a_postcode(PLAIN, "DD3 6LX") == LeftOut("no point on the map")
    assert a_postcode(PLAIN, "DD3 6LX,56.47,-2.98") == PostcodeRecord("DD3 6LX", 56.47, -2.98)


def test_replaced_codes_are_taken_as_those_of_today() -> None:
    record = a_postcode(PLAIN, "KY1 1XT,56.11,-3.16,S12000015,S08000018,S37000014")
    assert record == PostcodeRecord("KY1 1XT", 56.11, -3.16, "S12000047", None, "S08000029", "S37000032")


def test_a_point_that_the_directory_only_reckons_is_marked() -> None:
    for quality, approximate in (("1", False), ("4", False), ("6", True)):
        record = a_postcode(SPD, SPD_ROW.removesuffix("1") + quality)
        assert isinstance(record, PostcodeRecord)
        assert record.approximate is approximate


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", None),
        ("199606", date(1996, 6, 1)),
        ("26/04/1996 00:00:00", date(1996, 4, 26)),
        ("3/2/2021", date(2021, 2, 3)),
        ("2019-12-31", date(2019, 12, 31)),
    ],
)
def test_dates_are_read_as_directories_write_them(text: str, read: date | None) -> None:
    assert date_of(text) == read


def test_a_retired_postcode_is_kept_with_its_day() -> None:
    record = a_postcode(SPD, SPD_ROW.replace("1973 00:00:00,,", "1973 00:00:00,26/4/1996 00:00:00,"))
    assert isinstance(record, PostcodeRecord)
    assert (record.council, record.retired_on) == ("S12000042", date(1996, 4, 26))


def test_the_parts_of_a_split_postcode_make_one_with_what_they_share() -> None:
    parts = [
        a_postcode(PLAIN, "AB12 3GQA,57.10,-2.11,S12000033,S08000020,S37000001"),
        a_postcode(PLAIN, "AB12 3GQB,57.11,-2.12,S12000034,S08000020,S37000002"),
    ]
    assert whole(part.record for part in parts if isinstance(part, Part)) == [
        PostcodeRecord("AB12 3GQ", 57.10, -2.11, health_board="S08000020", approximate=True)
    ]


def used(introduced: date | None, retired: date | None) -> PostcodeRecord:
    return PostcodeRecord("DD3 6LX", 56.47, -2.98, introduced_on=introduced, retired_on=retired)


def test_a_postcode_in_use_stands_before_its_retired_rows_in_any_order() -> None:
    live, old = used(date(2001, 5, 1), None), used(date(1980, 1, 1), date(2001, 5, 1))
    assert latest([live, old]) == latest([old, live]) == [live]


@given(st.lists(st.dates(date(1973, 1, 1), date(2026, 1, 1)), min_size=1))
def test_of_retired_rows_alone_the_last_one_stands(ends: list[date]) -> None:
    assert latest(used(None, retired) for retired in ends) == [used(None, max(ends))]


@pytest.mark.parametrize(
    ("header", "row", "record"),
    [
        (
            PHS_SIMD,
            "S01007705,S02001447,S08000030,S37000007,S12000042,211,1,1,2",
            ZoneRecord("S01007705", "S12000042", "S08000030", "S37000007", None, None, "2020v2", 211, 1),
        ),
        (
            SG_SIMD,
            "S01007705,x,Dundee City,1395,2,1",
            ZoneRecord("S01007705", None, None, None, None, None, "2020v2", 1395, 1),
        ),
        (
            ZONES,
            "S01015000,x,S02,S12000042,Dundee,S37000007,S08000027,S92",
            ZoneRecord("S01015000", "S12000042", "S08000030", "S37000007"),
        ),
        (BEST_FIT, "S01015000,x,S01007705,y", ZoneRecord("S01015000", zone_2011="S01007705")),
        (BEST_FIT, "S01001250,x,W01000001,y", LeftOut("no data zone of 2011 or 2022")),
        (PHS_SIMD, "S01007705,S02001447,S08000030,S37000007,S12000042,*,,,", LeftOut("no rank and no quintile")),
    ],
)
def test_a_row_of_data_zones_is_read(header: str, row: str, record: ZoneRecord | LeftOut) -> None:
    assert a_zone(header, row) == record


@pytest.mark.parametrize(
    ("rank", "quintile"), [(1, 1), (1395, 1), (1396, 2), (4691, 4), (5580, 4), (5581, 5), (6976, 5)]
)
def test_where_only_ranks_are_told_the_quintile_is_cut_as_the_scottish_government_does(
    rank: int, quintile: int
) -> None:
    record = a_zone("DataZone2011Code,SIMD2020v2_Rank", f"S01006506,{rank}")
    assert isinstance(record, ZoneRecord)
    assert record.simd_quintile == quintile


def test_what_several_rows_say_of_a_zone_is_joined() -> None:
    said = [ZoneRecord("S01015000", council="S12000042"), ZoneRecord("S01015000", zone_2011="S01007705")]
    assert joined(said) == [ZoneRecord("S01015000", council="S12000042", zone_2011="S01007705")]


def test_a_table_is_opened_plain_gzipped_or_from_a_zip_without_its_copies_and_notes(tmp_path: Path) -> None:
    text = f"\ufeff{PLAIN}\nDD3 6LX,56.47,-2.98,,,\n".encode()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in ("Data/ONSPD_UK.csv", "Data/multi_csv/ONSPD_DD.csv", "User Guide/read.txt"):
            archive.writestr(name, text)
    for name, content in {"a": text, "b": gzip.compress(text), "c": zipped.getvalue()}.items():
        (tmp_path / name).write_bytes(content)
        assert [(table.header[0], [row[0] for row in table.rows]) for table in tables(tmp_path / name)] == [
            ("postcode", ["DD3 6LX"])
        ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_a_line_for_each_tenth_elsewhere() -> None:
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        progress = Progress("spd.csv", out)
        for hundredth in range(0, 101, 5):
            progress.tell(hundredth / 100, hundredth * 10)
        progress.end()
    assert terminal.getvalue().count("\n") == 1
    assert "[##############################] 100% 1000 rows" in terminal.getvalue()
    assert file.getvalue().splitlines()[:2] == ["spd.csv: 10%, 100 rows", "spd.csv: 20%, 200 rows"]
    assert len(file.getvalue().splitlines()) == 10
