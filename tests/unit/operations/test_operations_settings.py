"""Lists of names and addresses in settings are read, or refused with the reason."""

import pytest

from operations.api.words import seconds
from operations.config import read_pairs


def test_names_and_addresses_are_read() -> None:
    assert read_pairs("a=http://one:1, b=http://two:2/x=y") == {"a": "http://one:1", "b": "http://two:2/x=y"}
    assert read_pairs("") == {}


@pytest.mark.parametrize("text", ["a", "a=", "=b", "a=1,a=2"])
def test_a_part_without_name_or_value_or_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name=value"):
        read_pairs(text)


@pytest.mark.parametrize(
    ("age", "words"), [(3.2, "3 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 days")]
)
def test_ages_are_written_as_people_say_them(age: float, words: str) -> None:
    assert seconds(age) == words
