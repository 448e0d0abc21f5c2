"""Reads a file of services: a list, the envelope of a directory's API, or one service."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from matching.directory.raw import UnusableRecordError
from matching.directory.record import Read, read_record

ENVELOPES = ("contents", "content", "services")
"""Under which names feeds keep their services."""


class FeedError(Exception):
    """The file cannot be read as a directory; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a file holds."""

    digest: str
    reads: tuple[Read, ...]
    quarantined: Mapping[str, str]
    """Reasons by the record's number in the file, from 1, with its id where it has a usable one."""
    left_out: Mapping[str, int]
    """How often something had to be left out of a listing that was taken."""
    announced: int | None
    """How many services the file says there are, where it says so."""

    @property
    def read(self) -> int:
        """How many records the file holds."""
        return len(self.reads) + len(self.quarantined)


def read_feed(content: bytes) -> Feed:
    """Read a file's bytes.

    Raises:
        FeedError: they are no UTF-8, no JSON, or hold no service.
    """
    records, announced = _records(content)
    reads: dict[str, Read] = {}
    quarantined: dict[str, str] = {}
    for number, body in enumerate(records, start=1):
        try:
            read = read_record(body)
        except UnusableRecordError as error:
            quarantined[f"record {number}"] = str(error)
            continue
        if read.listing.id in reads:
            quarantined[f"record {number}"] = f"repeats the id {read.listing.id}"
        else:
            reads[read.listing.id] = read
    left_out = Counter(what for read in reads.values() for what in read.left_out)
    return Feed(
        hashlib.sha256(content).hexdigest(), _one_name_each(reads), quarantined, dict(left_out.most_common()), announced
    )


def _records(content: bytes) -> tuple[list[object], int | None]:
    try:
        body = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FeedError(f"it is not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise FeedError(f"it is not JSON{where}") from None
    announced = None
    if isinstance(body, dict):
        total = body.get("total_items")
        announced = total if isinstance(total, int) else None
        lists = [body[name] for name in ENVELOPES if isinstance(body.get(name), list)]
        body = lists[0] if lists else [body] if {"id", "name"} <= body.keys() else None
    if not isinstance(body, list):
        raise FeedError(f"it is neither a list of services, nor a service, nor has {', '.join(ENVELOPES)}")
    if not body:
        raise FeedError("it holds no service")
    return body, announced


def _one_name_each(reads: Mapping[str, Read]) -> tuple[Read, ...]:
    """Give each organisation one name, the first that the file has for it, so that a second load changes nothing."""
    names: dict[str, str] = {}
    for read in reads.values():
        names.setdefault(read.listing.organisation, read.listing.organisation_name)
    return tuple(
        replace(read, listing=replace(read.listing, organisation_name=names[read.listing.organisation]))
        for read in reads.values()
    )
