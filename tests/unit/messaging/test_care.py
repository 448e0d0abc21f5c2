"""Which records go together, which alone, and which batches are marked, after an unclean end."""

from shared.messaging.care import Care
from shared.messaging.reading import Record

HERE, THERE = ("linkway.referrals", 0), ("linkway.referrals", 1)


def records(*offsets: int, partition: tuple[str, int] = HERE) -> list[Record]:
    """Return records of a partition."""
    return [Record(*partition, offset, b"key", b"{}", ()) for offset in offsets]


def test_without_an_unclean_end_nothing_is_marked_and_nothing_goes_alone() -> None:
    care = Care(200)
    assert care.to_mark(records(1, 2)) == {}
    assert care.alone(records(1, 2)) == set()


def test_a_batch_that_may_hold_what_an_owner_died_of_is_marked_with_its_end() -> None:
    care = Care(200)
    care.begin(HERE, end=10, tried=0)
    assert care.to_mark([*records(3, 4), *records(7, partition=THERE)]) == {HERE: 5}
    assert care.alone(records(3, 4)) == set()


def test_what_was_written_after_the_take_over_is_not_marked() -> None:
    care = Care(200)
    care.begin(HERE, end=10, tried=0)
    assert care.to_mark(records(9, 10)) == {HERE: 10}
    assert care.to_mark(records(10, 11)) == {}


def test_after_as_many_messages_as_a_batch_has_no_more_is_marked() -> None:
    care = Care(2)
    care.begin(HERE, end=10, tried=0)
    care.handled(records(0, 1))
    assert care.to_mark(records(2)) == {}


def test_of_a_poll_that_touches_a_marked_batch_all_of_that_partition_go_alone() -> None:
    care = Care(200)
    care.begin(HERE, end=10, tried=4)
    assert care.alone([*records(3, 4), *records(3, partition=THERE)]) == {HERE}
    assert care.alone(records(4, 5)) == set()
