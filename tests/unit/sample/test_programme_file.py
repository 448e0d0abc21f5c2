"""What a programme file says of link workers' days, leave and limits reaches the event that tells the services."""

from datetime import date
from pathlib import Path

import pytest

from referral_intake.programmes import read_programme
from shared.contracts import Leave, LinkWorkerPost, Weights

SAMPLE = Path(__file__).parents[3] / "deploy/programmes/dundee-sources-of-support.yaml"
MORE = """caseload_limit: 45
    areas: [S12000042]
    works: [mon, tue, thu]
    leave: [{first: 2026-07-06, last: 2026-07-17}]
    conversations_a_week: 6
    skills: [female-worker, bsl]
    ends_on: 2027-03-31
"""


def with_more(more: str) -> str:
    text = SAMPLE.read_text("utf-8")
    assert text.count("caseload_limit: 45\n") == 1
    return text.replace("caseload_limit: 45\n", more)


def test_everything_that_can_be_said_of_a_link_worker_is_told() -> None:
    first, second, _ = read_programme(with_more(MORE)).as_event().link_workers
    assert first == LinkWorkerPost(
        link_worker="link-worker-ash",
        practices=("heddle-street", "bucklemaker"),
        caseload_limit=45,
        areas=("S12000042",),
        weekdays=(1, 2, 4),
        leave=(Leave(first_day=date(2026, 7, 6), last_day=date(2026, 7, 17)),),
        conversations_a_week=6,
        languages=("en",),
        skills=("female-worker", "bsl"),
        ends_on=date(2027, 3, 31),
    )
    assert (second.weekdays, second.leave, second.conversations_a_week, second.ends_on) == ((), (), None, None)


def test_the_sample_says_how_referrals_are_given() -> None:
    event = read_programme(SAMPLE.read_text("utf-8")).as_event()
    assert (event.allocation, event.requires, event.weights) == ("continuity", (), Weights())


@pytest.mark.parametrize(
    "fault",
    ["works: [monday]", "leave: [{first: 2026-07-06, last: 2026-07-01}]", "conversations_a_week: -1", "areas: [Fife]"],
)
def test_a_fault_in_a_file_is_told_before_anything_is_applied(fault: str) -> None:
    with pytest.raises(ValueError, match="link_workers"):
        read_programme(with_more(f"caseload_limit: 45\n    {fault}\n"))


def test_a_way_of_giving_that_nobody_knows_is_a_fault() -> None:
    text = SAMPLE.read_text("utf-8").replace("\nallocation: continuity", "\nallocation: by-shoe-size")
    with pytest.raises(ValueError, match="allocation"):
        read_programme(text)
