"""Who may sign in comes from files that people write, and is as the last file says."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from casework.staff import Programme, apply, registered
from shared.addresses import Directory
from tests.integration.casework.scene import PRACTICE, PROGRAMME, Scene

ROOT = Path(__file__).parents[3]


def listing(organisation: str, own: str | None = None, mail: str | None = None) -> dict[str, object]:
    return {"email": mail, "organization": {"id": organisation, "name": organisation.title(), "email": own}}


def a_programme(*workers: str, **changes: object) -> Programme:
    facts = {
        "programme": PROGRAMME,
        "name": "Toy programme",
        "practices": [{"id": PRACTICE, "name": "Toy Practice"}],
        "link_workers": [
            {"id": f"link-worker-{name}", "name": name.title(), "mail": f"{name}@example.org"} for name in workers
        ],
        "clocks": {"rules": "toy.1", "review_after": "12 weeks"},
    }
    return Programme.model_validate(facts | changes)


async def test_whoever_a_programme_no_longer_names_can_no_longer_sign_in(scene: Scene) -> None:
    await apply(scene.service.database, a_programme("birch", "cedar"), [])

    rows = await scene.events.rows("SELECT id, active FROM staff ORDER BY id")
    assert {row["id"]: row["active"] for row in rows} == {
        "link-worker-ash": False,
        "link-worker-birch": True,
        "link-worker-cedar": True,
    }


async def test_applying_a_file_again_changes_nothing(scene: Scene) -> None:
    before = await scene.events.rows("SELECT * FROM staff ORDER BY id")

    await apply(scene.service.database, a_programme("ash", "birch"), [])
    await apply(scene.service.database, a_programme("ash", "birch"), [])

    after = await scene.events.rows("SELECT id, programme, mail, active FROM staff ORDER BY id")
    assert after == [{name: row[name] for name in ("id", "programme", "mail", "active")} for row in before]


async def test_the_programmes_review_clock_sets_when_a_case_comes_back(scene: Scene) -> None:
    referral = await scene.open_case()
    worker = await scene.signed_in()
    await worker.open(f"/referrals/{referral}")

    await worker.send("contact-form", kind="phone", reached="yes")

    (row,) = await scene.events.rows(
        "SELECT round(extract(epoch FROM review_at - now()) / 86400) AS days, review_rule FROM cases"
    )
    assert (row["days"], row["review_rule"]) == (84, "12 weeks")


def test_an_organisation_is_reached_where_its_offers_go() -> None:
    directory = Directory.model_validate(
        {
            "contents": [
                listing("one", own="hello@one.example.org", mail="referrals@one.example.org"),
                listing("one", mail="later@one.example.org"),
                listing("two", own="hello@two.example.org"),
                listing("three", own="not an address"),
                listing("three", own="", mail="three@example.org"),
                listing("four"),
            ]
        }
    )

    assert {each.id: each.mail for each in registered(directory)} == {
        "one": "referrals@one.example.org",
        "two": "hello@two.example.org",
        "three": "three@example.org",
    }


def test_the_sample_gives_every_organisation_an_address() -> None:
    content = json.loads((ROOT / "deploy/sample/directory.json").read_bytes())
    organisations = {each["organization"]["id"] for each in content["contents"]}

    assert {each.id for each in registered(Directory.model_validate(content))} == organisations


@pytest.mark.parametrize("delay", ["soon", "0 weeks", "12 fortnights", ""])
def test_a_review_clock_that_is_none_is_refused(delay: str) -> None:
    with pytest.raises(ValidationError):
        a_programme(clocks={"rules": "toy.1", "review_after": delay})
