"""The clocks are settings: working days for people, seconds for a demonstration."""

import base64

import pytest
from pydantic import SecretStr, ValidationError

from matching.config import Settings
from shared.clocks import Clock

KEY = SecretStr(base64.b64encode(bytes(32)).decode())


def some_settings(**changed: object) -> Settings:
    return Settings.model_validate({"service_key": KEY, "internal_key": "internal"} | changed)


def test_organisations_have_five_working_days_and_the_queue_two() -> None:
    rules = some_settings().rules
    assert (rules.offer_response, rules.assignment_wait) == (Clock(5, "working day"), Clock(2, "working day"))


def test_seconds_take_the_place_of_working_days() -> None:
    rules = some_settings(offer_response_seconds=20, assignment_wait_seconds=3).rules
    assert (rules.offer_response, rules.assignment_wait) == (Clock(20, "second"), Clock(3, "second"))


@pytest.mark.parametrize(
    "wrong", [{"offer_response": "soon"}, {"assignment_wait": "0 days"}, {"offer_response_seconds": 0}]
)
def test_a_clock_that_cannot_be_read_stops_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        some_settings(**wrong)
