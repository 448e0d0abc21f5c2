"""What a check found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST_IDS = 20


@dataclass(frozen=True)
class Finding:
    """Something that must not be: the check's name, what it is, and whom it concerns; one finding a kind of thing."""

    check: str
    what: str
    ids: tuple[str, ...] = ()
    count: int = 1

    def __str__(self) -> str:
        more = f" and {self.count - len(self.ids)} more" if self.count > len(self.ids) > 0 else ""
        return f"{self.check}: {self.what} ({self.count}): {', '.join(self.ids)}{more}"


def found(check: str, what: str, ids: Iterable[str]) -> Iterator[Finding]:
    """Give one finding about these ids, none where there are none."""
    all_ids: Sequence[str] = list(dict.fromkeys(ids))
    if all_ids:
        yield Finding(check, what, tuple(all_ids[:MOST_IDS]), len(all_ids))
