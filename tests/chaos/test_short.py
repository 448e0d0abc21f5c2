"""The fault run in small, as every change meets it: one broker, a fixed seed, two minutes."""

import json

import pytest

from tests.chaos.book import Book
from tests.chaos.profile import SHORT_REFERRALS, SHORT_SECONDS, Profile
from tests.chaos.run import run

SEED = 7


@pytest.mark.timeout(400)
async def test_under_a_dozen_faults_nothing_is_lost_nothing_is_done_twice_and_every_sabotage_is_named() -> None:
    judged = await run(Profile(SEED, SHORT_REFERRALS, SHORT_SECONDS, short=True), Book(SEED))
    assert judged["verdict"] == "sound", json.dumps(judged, indent=1)
