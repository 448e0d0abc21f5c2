"""Load a million referrals of two years, all but a few closed, into the services' own tables by COPY."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from benchmarks.programme import PRACTICES, PROGRAMME, link_workers

DAYS = 730
LINES = 5_000
PEERS = ("referral-intake", "matching", "casework", "notifications")

Row = Callable[[int], Sequence[str]]


@dataclass(frozen=True)
class Table:
    """A table with its columns, and what stands in them for the n-th referral, as COPY reads it."""

    name: str
    columns: str
    row: Row


class Past:
    """The ids and days of referrals that ended long ago; the same for the same count."""

    def __init__(self, count: int) -> None:
        dice = random.Random(count)
        self.count = count
        self.referrals = [str(UUID(bytes=dice.randbytes(16), version=4)) for _ in range(count)]
        self.people = [str(UUID(bytes=dice.randbytes(16), version=4)) for _ in range(count)]
        self._begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS + 40)
        self._step = timedelta(days=DAYS) / count

    def at(self, n: int) -> str:
        """When the n-th referral came."""
        return (self._begin + n * self._step).isoformat()

    def window(self, n: int) -> str:
        """The ledger's smallest window that it came in, of ten minutes."""
        moment = self._begin + n * self._step
        return moment.replace(minute=moment.minute // 10 * 10, second=0, microsecond=0).isoformat()

    def practice(self, n: int) -> str:
        """Its practice."""
        return PRACTICES[n % len(PRACTICES)]

    def link_worker(self, n: int) -> str:
        """Its link worker."""
        return link_workers(self.practice(n))[n // len(PRACTICES) % 2]


SEALED = r"\\x" + "00" * 300


def tables(past: Past) -> list[Table]:
    """Return what every service holds of a referral that is over, months after its events were forgotten."""
    ids, people, at, practice, worker = past.referrals, past.people, past.at, past.practice, past.link_worker
    subjects = [
        Table(f"{schema}.subject", "key, first_seen", lambda n: (ids[n], at(n)))
        for schema in ("intake", "matching", "casework", "notifications", "operations")
    ]
    seen = [
        Table("operations.seen", "service, since, referral", lambda n, peer=peer: (peer, past.window(n), ids[n]))  # type: ignore[misc]  # a default binds the loop's value
        for peer in PEERS
    ]
    return [
        Table("intake.person", "id, programme, first_seen", lambda n: (people[n], PROGRAMME, at(n))),
        Table("intake.person_match", "fingerprint, person", lambda n: (_digest(ids[n], people[n]), people[n])),
        Table(
            "intake.referral",
            "id, programme, practice, person, door, received_at, state, stated_needs, preferences, agreement, urgency, "
            "sender_reference",
            lambda n: (
                *(ids[n], PROGRAMME, practice(n), people[n], "fhir", at(n), "closed", "{}", "{}", "{}", "routine"),
                _digest(people[n], ids[n]),
            ),
        ),
        Table(
            "intake.request",
            "programme, practice, key, body_hash, referral, answered, at",
            lambda n: (PROGRAMME, practice(n), ids[n], _digest(ids[n], ids[n]), ids[n], "accepted", at(n)),
        ),
        Table("intake.sealed_part", "referral, part, sealed", lambda n: (ids[n], "details", SEALED)),
        Table("intake.timeline", "id, referral, at, what, facts", lambda n: (people[n], ids[n], at(n), "closed", "{}")),
        Table(
            "matching.referral",
            "id, programme, state, practice, person, needs, place, preferences, accepted_at, turn_at, attempts, "
            "link_worker, assigned_at, ended_at, end_reason",
            lambda n: (
                *(ids[n], PROGRAMME, "ended", practice(n), people[n], "{sleep}", "{}", "{}", at(n), at(n), "1"),
                *(worker(n), at(n), at(n), "completed"),
            ),
        ),
        Table(
            "casework.cases",
            "referral, programme, practice, person, state, version, received_at, accepted_at, link_worker, opened_at, "
            "ended_at, ended_reason",
            lambda n: (
                *(ids[n], PROGRAMME, practice(n), people[n], "closed", "5", at(n), at(n), worker(n), at(n)),
                *(at(n), "completed"),
            ),
        ),
        Table("casework.needs", "referral, position, code, source", lambda n: (ids[n], "1", "sleep", "text")),
        Table(
            "notifications.referral",
            "id, programme, practice, link_worker, urgency, needs",
            lambda n: (ids[n], PROGRAMME, practice(n), worker(n), "routine", "{sleep}"),
        ),
        Table(
            "notifications.delivery",
            "id, referral, programme, template, channel, recipient_kind, recipient, urgent, facts, correlation, "
            "status, created_at, attempts, settled_at",
            lambda n: (
                *(people[n], ids[n], PROGRAMME, "assigned", "mail", "link-worker", worker(n), "f", "{}", ids[n]),
                *("sending", at(n), "1", at(n)),
            ),
        ),
        Table(
            "operations.event",
            "id, topic, key, type, source, time, correlation_id, causation_id, data",
            lambda n: (
                *(people[n], "linkway.casework", ids[n], "linkway.case.closed.v1", "casework", at(n), ids[n], ids[n]),
                "{}",
            ),
        ),
        Table(
            "operations.account",
            "referral, state, acknowledged, service, stage, since, checked_at, settled",
            lambda n: (ids[n], "closed", "t", "referral-intake", "closed", at(n), at(n), "t"),
        ),
        *subjects,
        *seen,
    ]


TALLY = """
    INSERT INTO operations.tally (acknowledged, state, service, stage, referrals)
    VALUES (true, 'closed', 'referral-intake', 'closed', $1)
    ON CONFLICT (acknowledged, state, service, stage) DO UPDATE SET referrals = tally.referrals + excluded.referrals
"""


async def load(dsn: str, count: int) -> int:
    """Load so many referrals, two tables at a time; return how many rows that made.

    Triggers rest meanwhile, as in a restore: the rows are consistent, and the tally that a trigger keeps is written.
    """
    wanted = tables(Past(count))
    every = iter(wanted)
    await asyncio.gather(*(_load(dsn, every, count) for _ in range(2)))
    connection = await asyncpg.connect(dsn)
    await connection.execute(TALLY, count)
    await connection.execute("UPDATE operations.peer SET compared_until = now()")
    await connection.execute("ANALYZE")
    await connection.close()
    return count * len(wanted)


async def _load(dsn: str, left: Iterator[Table], count: int) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET session_replication_role = replica")
    for table in left:
        schema, _, name = table.name.partition(".")
        columns = table.columns.split(", ")
        await connection.copy_to_table(name, schema_name=schema, columns=columns, source=_lines(table.row, count))
    await connection.close()


async def _lines(row: Row, count: int) -> AsyncIterator[bytes]:
    for begin in range(0, count, LINES):
        yield "".join("\t".join(row(n)) + "\n" for n in range(begin, min(begin + LINES, count))).encode()


def _digest(first: str, second: str) -> str:
    """Return 32 bytes that two ids make, as COPY writes them."""
    return r"\\x" + (first + second).replace("-", "")
