"""What is loaded as a past fits the tables' columns, is the same each time, and is spread over two years."""

import pytest

from benchmarks.stored import Past, Table, tables

PAST = Past(50)


@pytest.mark.parametrize("table", tables(PAST), ids=lambda table: table.name)
def test_a_row_has_a_value_for_each_column_and_no_tab(table: Table) -> None:
    for n in range(PAST.count):
        row = table.row(n)
        assert len(row) == len(table.columns.split(", "))
        assert not any("\t" in value or "\n" in value for value in row)


def test_the_same_count_gives_the_same_past() -> None:
    assert Past(50).referrals == PAST.referrals
    assert len({*PAST.referrals, *PAST.people}) == 100


def test_a_referral_lies_in_its_window() -> None:
    for n in range(PAST.count):
        assert PAST.window(n) <= PAST.at(n) < PAST.at(PAST.count)
