"""What was decided is kept for a while, can be told and made again, and goes with the person."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from matching import clocks
from matching.domain import AS_TUNED, Weights
from matching.explaining.commands import NothingKeptError, Told, Way, explaining, trying
from shared.contracts import MatchProposed, NeedRead, NeedsRevised, PersonErased, Place
from tests.integration.matching.conftest import PROGRAMME, Matching, a_service, accepted

WORDS_ALONE = Way(None, AS_TUNED)


async def told(matching: Matching, referral: UUID, service: str | None = None) -> tuple[dict[str, Any], int]:
    found = await explaining(WORDS_ALONE, referral, service, as_json=True)(matching.database)
    return json.loads(found.text), found.code


async def test_a_match_is_explained_and_made_again_until_the_directory_changes(matching: Matching) -> None:
    await matching.load(a_service("debt"), a_service("young", maximum_age=25), a_service("tea", 1, "loneliness"))
    event = accepted()
    await matching.deliver(event)
    explanation, code = await told(matching, event.referral, "young")
    assert (explanation["again"]["verdict"], code) == ("the same", 0)
    assert explanation["again"]["answers"] == explanation["made"]["answers"]
    assert [each["service"] for each in explanation["made"]["ruled_out"]] == ["young"]
    assert (explanation["why_not"]["why"], explanation["why_not"]["ruled_out_by"]) == (["ruled-out"], ["too-old"])
    await matching.load(a_service("debt", name="Debt and money"), a_service("young", maximum_age=None))
    explanation, code = await told(matching, event.referral)
    assert (explanation["again"]["verdict"], code) == ("differs", 0)
    assert sorted(explanation["again"]["concerned"]) == ["debt", "young"]
    plain = await explaining(WORDS_ALONE, event.referral, "tea", as_json=False)(matching.database)
    assert "The directory is at version 2; 2 listings changed since." in plain.text
    assert "It was found for none of the needs." in plain.text


async def test_the_last_match_is_explained_and_how_deprived_a_place_is_is_not_kept(matching: Matching) -> None:
    event = accepted(place=Place(council="S12000042", simd_quintile=1))
    need = NeedRead(code="loneliness", source="link-worker")
    await matching.deliver(event, NeedsRevised(referral=event.referral, programme=PROGRAMME, needs=(need,)))
    explanation, _ = await told(matching, event.referral)
    assert (explanation["kept"], explanation["made"]["inquiry"]["needs"]) == (2, ["loneliness"])
    rows = await matching.rows("SELECT asked::text AS asked, told::text AS told FROM match_made")
    assert "simd" not in str(rows)


async def test_nothing_is_kept_of_an_erased_person_or_past_its_time(matching: Matching) -> None:
    erased, old, lately = accepted(), accepted(), accepted()
    await matching.deliver(erased, old, lately)
    await matching.deliver(
        PersonErased(referral=erased.referral, programme=PROGRAMME, practice="heddle", person=uuid4())
    )
    with pytest.raises(NothingKeptError):
        await told(matching, erased.referral)
    await matching.rows("UPDATE match_made SET made_at = now() - interval '91 days' WHERE referral = $1", old.referral)
    assert await clocks.forget_matches(matching.database, matching.settings) == 1
    assert await clocks.forget_matches(matching.database, matching.settings) == 0
    assert [row["referral"] for row in await matching.rows("SELECT referral FROM match_made")] == [lately.referral]


async def test_other_weights_are_tried_on_what_was_asked_and_change_nothing(matching: Matching) -> None:
    far = {"service_at_locations": [{"location": {"name": "Hall", "latitude": 56.55, "longitude": -2.97}}]}
    await matching.load(a_service("near"), a_service("far", None, **far, description="Debt advice by post."))
    events = [accepted(), accepted(uuid4(), "loneliness"), accepted()]
    await matching.deliver(*events)
    before = await matching.rows("SELECT count(*) AS rows FROM match_made")
    assert [each.service for each in (await matching.last(MatchProposed)).proposals] == ["near", "far"]

    async def tried(most: int, weights: Weights) -> dict[str, Any]:
        found: Told = await trying(WORDS_ALONE, weights, 30, most, as_json=True)(matching.database)
        return dict(json.loads(found.text))

    trial = await tried(10, Weights(distance=0, capacity=0, text=30))
    assert (trial["tried"], trial["has_more"]) == (3, False)
    assert {each["referral"] for each in trial["changed"]} == {str(events[0].referral), str(events[2].referral)}
    assert (await tried(2, AS_TUNED))["changed"] == []
    assert (await tried(2, AS_TUNED))["has_more"] is True
    assert await matching.rows("SELECT count(*) AS rows FROM match_made") == before
