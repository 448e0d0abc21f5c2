"""A record of a feed while it is read, with what had to be left out of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from matching.directory.text import plain

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


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
        """Yield the entries of a list that are objects."""
        found = self.body.get(name)
        for entry in found if isinstance(found, list) else ():
            if isinstance(entry, Mapping):
                yield entry
            else:
                self.leave_out(f"{name}: an entry is no object")


def identifier(value: object, what: str) -> str:
    """Return an id in lower case.

    Raises:
        UnusableRecordError: it is missing, or has characters that no id of ours may have.
    """
    text = plain(str(value) if isinstance(value, int) else value, 100).lower()
    if not text:
        raise UnusableRecordError(f"{what} is missing")
    if not SLUG.fullmatch(text):
        raise UnusableRecordError(f"{what} is not of letters, digits and dashes")
    return text


def instant(value: object) -> datetime | None:
    """Return an ISO 8601 date or time in UTC, or None where it is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found and (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
