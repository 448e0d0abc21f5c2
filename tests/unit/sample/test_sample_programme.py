"""The programme file tells of Dundee Sources of Support what the services need, and names nobody in an id."""

import re
from typing import Any

from shared.contracts import ProgrammeApplied
from shared.contracts.programmes import LinkWorkerPost

DURATION = re.compile(r"\d+ (minutes?|hours?|days?|weeks?|working days?)")


def test_it_is_a_programme_that_can_be_applied(programme: dict[str, Any]) -> None:
    applied = ProgrammeApplied(
        programme=programme["programme"],
        practices=tuple(practice["id"] for practice in programme["practices"]),
        link_workers=tuple(
            LinkWorkerPost(
                link_worker=worker["id"],
                practices=tuple(worker["practices"]),
                caseload_limit=worker["caseload_limit"],
            )
            for worker in programme["link_workers"]
        ),
        mode=programme["mode"],
    )
    assert applied.programme == "dundee-sources-of-support"


def test_four_practices_share_three_link_workers(programme: dict[str, Any]) -> None:
    practices = {practice["id"] for practice in programme["practices"]}
    served = {practice for worker in programme["link_workers"] for practice in worker["practices"]}
    assert (len(practices), len(programme["link_workers"])) == (4, 3)
    assert served == practices


def test_an_id_of_a_link_worker_names_nobody(programme: dict[str, Any]) -> None:
    for worker in programme["link_workers"]:
        assert not [part for part in worker["name"].lower().split() if part in worker["id"]]


def test_every_clock_is_said_in_words_with_the_version_of_its_rules(programme: dict[str, Any]) -> None:
    clocks = dict(programme["clocks"])
    assert clocks.pop("rules")
    assert clocks.pop("calendar")
    assert {"offer_response", "review_after", "assignment_wait", "needs_information"} <= set(clocks)
    assert [name for name, text in clocks.items() if not DURATION.fullmatch(text)] == []


def test_organisations_with_a_channel_of_their_own_are_in_the_directory(
    programme: dict[str, Any], services: list[dict[str, Any]]
) -> None:
    known = {service["organization"]["id"]: service["organization"]["name"] for service in services}
    special = programme["channels"]["organisations"]
    assert {each["channel"] for each in special} == {"webhook", "partner-topic"}
    assert all(known[each["organisation"]] == each["name"] for each in special)


def test_every_mailbox_is_a_sample(programme: dict[str, Any]) -> None:
    mails = [each["mail"] for each in (*programme["practices"], *programme["link_workers"], programme["duty_contact"])]
    assert [mail for mail in mails if not mail.endswith(".example.org")] == []
