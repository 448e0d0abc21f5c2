"""A record of a feed while it is read, with what had to be left out of it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from matching.directory.ids import slug, written


class FeedError(Exception):
    """The file cannot be read as a directory; nothing was changed."""


class UnusableRecordError(Exception):
    """The record cannot be a listing; what it says goes into the quarantine."""


@dataclass
class Raw:
    """A record as its feed gave it."""

    body: Mapping[str, Any]
    left_out: list[str] = field(default_factory=list)
    """What of it could not be used, a field and a reason each, without the text itself."""

    def leave_out(self, what: str) -> None:
        """Tell that something could not be used."""
        self.left_out.append(what)

    def entries(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the entries of a list that are objects; an object alone is a list of one."""
        found = self.body.get(name)
        for entry in found if isinstance(found, list) else [found] if isinstance(found, Mapping) else ():
            if isinstance(entry, Mapping):
                yield entry
            else:
                self.leave_out(f"{name}: an entry is no object")


def identifier(value: object, what: str) -> tuple[str, str]:
    """Return the id of ours for a feed's id, and the feed's own as it wrote it.

    Raises:
        UnusableRecordError: there is none.
    """
    source_id = written(value)
    ours = slug(source_id)
    if not ours:
        raise UnusableRecordError(f"{what} is missing")
    return ours, source_id


def number(value: object) -> float | None:
    """Return a finite number, also one written as text, or None."""
    try:
        found = None if isinstance(value, bool) else float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found is not None and math.isfinite(found) else None


def instant(value: object) -> datetime | None:
    """Return an ISO 8601 date or time in UTC, or None where it is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found and (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
