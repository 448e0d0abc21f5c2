"""The driver's own book, and the line that it is compared with the ledger by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.driver import Book, Fate, is_good, last_line
from deploy.demo.driver.book import reference
from deploy.demo.driver.ledger import Found, fate_of, read_page

IDS = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(5)]


def test_a_referral_that_was_answered_about_twice_is_one_referral() -> None:
    book = Book()
    for act in ("refer", "refer", "withdraw"):
        book.acknowledge(act, "request", 201, IDS[0])
    book.acknowledge("refer", "another request", 200, IDS[1])
    assert book.referrals == (IDS[0], IDS[1])
    assert len(book.acknowledgements) == 4


def test_the_last_line_counts_each_acknowledged_referral_once_by_what_became_of_it() -> None:
    fates = {IDS[0]: Fate.CLOSED, IDS[1]: Fate.OPEN, IDS[2]: Fate.PARKED}
    assert last_line(IDS[:3], fates, 61.26) == {
        "acknowledged": 3,
        "closed": 1,
        "open": 1,
        "parked": 1,
        "unaccounted": 0,
        "seconds": 61.3,
    }


def test_an_acknowledged_referral_that_the_ledger_does_not_have_is_unaccounted_for() -> None:
    line = last_line(IDS[:2], {IDS[0]: Fate.CLOSED}, 1)
    assert (line["closed"], line["unaccounted"]) == (1, 1)
    assert not is_good(line)


def test_what_the_ledger_has_beyond_what_was_acknowledged_does_not_count() -> None:
    assert last_line(IDS[:1], dict.fromkeys(IDS, Fate.CLOSED), 1)["closed"] == 1


def test_a_day_on_which_nothing_was_closed_is_not_good() -> None:
    assert not is_good(last_line(IDS[:1], {IDS[0]: Fate.OPEN}, 1))
    assert is_good(last_line(IDS[:1], {IDS[0]: Fate.CLOSED}, 1))


@given(st.dictionaries(st.sampled_from(IDS), st.sampled_from(Fate)), st.lists(st.sampled_from(IDS)))
def test_the_parts_of_the_line_add_up(fates: dict[str, Fate], ids: list[str]) -> None:
    line = last_line(ids, fates, 0)
    assert line["acknowledged"] == len(set(ids)) == sum(line[fate.value] for fate in Fate)


def test_a_reference_is_the_one_that_pages_and_mails_write() -> None:
    assert reference("3f2a9c1d-1111-4222-8333-444444444444") == "LW-3F2A-9C1D"


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("closed", Fate.CLOSED),
        ("open", Fate.OPEN),
        ("parked", Fate.PARKED),
        ("in-outbox", Fate.OPEN),
        ("in-flight", Fate.OPEN),
        ("unchecked", Fate.UNACCOUNTED),
        ("unaccounted", Fate.UNACCOUNTED),
    ],
)
def test_every_state_of_the_ledger_comes_to_a_fate(state: str, fate: Fate) -> None:
    assert fate_of(state) is fate


@pytest.mark.parametrize("state", ["in-outbox", "in-flight", "unchecked", "parked", "unaccounted"])
def test_the_ledger_is_settled_when_nothing_moves_and_nothing_lacks(state: str) -> None:
    assert Found({IDS[0]: "closed", IDS[1]: "open"}, IDS[:2]).is_settled
    assert not Found({IDS[0]: "closed", IDS[1]: state}, IDS[:2]).is_settled
    assert not Found({IDS[0]: "closed"}, IDS[:2]).is_settled


def test_other_people_s_referrals_neither_settle_nor_unsettle_it() -> None:
    found = Found({IDS[0]: "closed", IDS[4]: "in-flight"}, IDS[:1])
    assert found.is_settled
    assert found.fates == {IDS[0]: Fate.CLOSED}


def test_stages_are_shown_in_the_order_of_a_referral_s_way_with_the_new_ones_before_what_ended() -> None:
    tallies = [
        {"state": "closed", "service": "referral-intake", "stage": "closed", "referrals": 3},
        {"state": "in-flight", "service": "casework", "stage": "", "referrals": 1},
        {"state": "open", "service": "casework", "stage": "a-new-stage", "referrals": 1},
        {"state": "in-outbox", "service": "matching", "stage": "", "referrals": 2},
        {"state": "open", "service": "casework", "stage": "first-contact", "referrals": 4},
        {"state": "no-referral", "service": "", "stage": "", "referrals": 156},
    ]
    page = read_page({"stages": tallies, "unaccounted": 0})
    assert list(page.stages.items()) == [
        ("on its way", 3),
        ("waits for first contact", 4),
        ("a new stage", 1),
        ("closed", 3),
    ]
