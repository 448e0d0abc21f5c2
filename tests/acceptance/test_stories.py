"""Linkway as its users see it: people are referred, helped, passed on and never lost."""

import pytest

from tests.acceptance.conftest import Told
from tests.acceptance.stories import STORIES


@pytest.mark.parametrize("story", [story.__name__ for story in STORIES])
async def test_story(told: Told, story: str) -> None:
    await told[story]
