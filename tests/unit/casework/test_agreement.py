"""What a link worker records of what the person says about organisations."""

import pytest

from casework.domain import Refused, Said, may_record
from tests.unit.casework.cases import an_open_case

AGREED, DECLINED, NOT_KETTLE = Said("agreed"), Said("declined"), Said(organisation="kettle")


@pytest.mark.parametrize("said", [AGREED, DECLINED, NOT_KETTLE])
def test_it_is_recorded_on_the_page_that_shows_the_case_as_it_is(said: Said) -> None:
    assert may_record(an_open_case(version=3), said, 3) is None


def test_recording_anew_takes_the_place_of_nothing_unseen() -> None:
    assert may_record(an_open_case(version=3), AGREED, 2) == Refused("stale")


@pytest.mark.parametrize("said", [DECLINED, NOT_KETTLE])
def test_taking_back_waits_for_no_fresh_page(said: Said) -> None:
    assert may_record(an_open_case(version=3), said, 2) is None


@pytest.mark.parametrize("said", [AGREED, DECLINED, NOT_KETTLE])
def test_a_case_that_has_ended_records_nothing(said: Said) -> None:
    assert may_record(an_open_case(state="closed", version=3), said, 2) == Refused("not-open")
