"""The loop in small: four services with real schemas, doors and batches, and a log that stands for Kafka's.

Each service keeps who holds a referral in a table `held` of its own; the handlers are as thin as can be.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

import asyncpg
import httpx
import orjson

from shared.contracts import (
    Agreement,
    CaseClosed,
    Event,
    LinkWorkerAssigned,
    NotificationCreated,
    Place,
    Preferences,
    ReferralAccepted,
    ReferralClosed,
    ReferralReceived,
    ServiceListed,
)
from shared.messaging import Cause, RejectedMessage, Tx, consumes
from shared.messaging.batch import Batcher, Consumer
from shared.messaging.positions import Partition
from shared.messaging.reading import Record, sort
from shared.messaging.redrive import Redrive
from shared.service import Custody, Service, ServiceSettings
from tests.harness import PARKING_KEY, warm

OWN = {"programme": "toy-programme", "practice": "toy-practice"}
PARTITIONS = 3


async def hold(tx: Tx, key: str, custody: Custody) -> None:
    await tx.execute(
        """
        INSERT INTO held VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (key) DO UPDATE SET state = $2, stage = $3, owner = $4, deadline = $5, next_service = $6
        """,
        key,
        custody.state,
        custody.stage,
        custody.owner,
        custody.deadline,
        custody.next_service,
        custody.deliveries,
    )


async def custody_of(tx: Tx, keys: list[str]) -> dict[str, Custody]:
    rows = await tx.fetch("SELECT * FROM held WHERE key = ANY ($1::text[])", keys)
    return {row["key"]: Custody(**{name: row[name] for name in row.keys() if name != "key"}) for row in rows}  # noqa: SIM118 - a Record iterates over values


@consumes(ReferralAccepted)
async def assign(event: ReferralAccepted, tx: Tx) -> None:
    await hold(tx, event.key, Custody("handed-on", "assigned", next_service="casework"))
    tx.publish(LinkWorkerAssigned(referral=event.referral, link_worker="ash", reasons=("serves-practice",), **OWN))


@consumes(LinkWorkerAssigned)
async def open_case(event: LinkWorkerAssigned, tx: Tx) -> None:
    if await tx.fetchval("SELECT true FROM held WHERE key = 'refuse'"):
        raise RejectedMessage("not like this")
    await hold(tx, event.key, Custody("open", "first-contact", "ash", tx.now + timedelta(days=5)))


@consumes(LinkWorkerAssigned)
async def tell(event: LinkWorkerAssigned, tx: Tx) -> None:
    await hold(tx, event.key, Custody("handed-on", "told", next_service="casework", deliveries=1))
    tx.publish(
        NotificationCreated(
            referral=event.referral,
            notification=tx.new_id("delivery"),
            template="assigned",
            channel="mail",
            recipient_kind="link-worker",
            recipient="ash",
        )
    )


@consumes(CaseClosed)
async def close(event: CaseClosed, tx: Tx) -> None:
    await hold(tx, event.key, Custody("closed", "closed"))
    tx.publish(ReferralClosed(referral=event.referral, reason=event.reason, **OWN))


@consumes(CaseClosed)
async def end(event: CaseClosed, tx: Tx) -> None:
    await hold(tx, event.key, Custody("closed", "ended"))


HANDLERS: dict[str, tuple[str, tuple[Callable[..., Awaitable[None]], ...]]] = {
    "referral-intake": ("intake", (close,)),
    "matching": ("matching", (assign, end)),
    "casework": ("casework", (open_case,)),
    "notifications": ("notifications", (tell,)),
}


def module_of(name: str, functions: tuple[Callable[..., Awaitable[None]], ...]) -> ModuleType:
    module = ModuleType(name)
    for function in functions:
        setattr(module, function.__name__, function)
    return module


@dataclass
class Member:
    """A service with its consumer."""

    service: Service
    batcher: Batcher
    away: bool = False

    @property
    def name(self) -> str:
        return self.service.name

    def transport(self) -> httpx.AsyncBaseTransport:
        inside = httpx.ASGITransport(self.service.http)

        async def pass_on(request: httpx.Request) -> httpx.Response:
            if self.away:
                raise httpx.ConnectError("away")
            return await inside.handle_async_request(request)

        return httpx.MockTransport(pass_on)


@dataclass
class Loop:
    """Members, the log between them, and an administrator's connection for sabotage."""

    admin: asyncpg.Connection
    members: dict[str, Member] = field(default_factory=dict)
    log: dict[Partition, list[Record]] = field(default_factory=dict)

    async def join(self, service: Service) -> Member:
        await service.database.open()
        await warm(service.database)
        consumer = Consumer(service.name, "toy-cluster", PARKING_KEY, service.settings.schedule)
        member = Member(service, Batcher(service.database, consumer))
        service.redrive = Redrive(service.database, consumer, service.handlers)
        self.members[service.name] = member
        return member

    async def leave(self) -> None:
        for member in self.members.values():
            await member.service.database.close()

    async def refer(self) -> UUID:
        """Have intake acknowledge a referral."""
        referral = uuid4()
        cause = Cause.request("refer", str(referral))
        async with self.members["referral-intake"].service.database.transaction(cause) as tx:
            await hold(tx, str(referral), Custody("handed-on", "accepted", next_service="matching"))
            tx.publish(ReferralReceived(referral=referral, person=uuid4(), door="json", received_at=tx.now, **OWN))
            tx.publish(a_referral(referral))
        return referral

    async def close(self, referral: UUID) -> None:
        """Have casework close a case."""
        cause = Cause.request("close", str(referral))
        async with self.members["casework"].service.database.transaction(cause) as tx:
            await hold(tx, str(referral), Custody("closed", "closed", next_service="referral-intake"))
            tx.publish(
                CaseClosed(
                    referral=referral, programme="toy-programme", link_worker="ash", reason="completed", outcomes=()
                )
            )

    async def publish(self, service: str, event: Event) -> None:
        cause = Cause.request("publish", str(uuid4()))
        async with self.members[service].service.database.transaction(cause) as tx:
            tx.publish(event)

    async def flow(self) -> None:
        """Send and read until nothing moves."""
        while await self.send() + await self.read():
            pass

    async def send(self) -> int:
        """Do what the relays do: put unsent rows on the log in order and mark where."""
        sent = 0
        for member in self.members.values():
            async with member.service.database.connection() as connection:
                rows = await connection.fetch("SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY id")
                for row in rows:
                    partition = (row["topic"], crc32(row["key"].encode()) % PARTITIONS)
                    records = self.log.setdefault(partition, [])
                    headers = tuple((name, value.encode()) for name, value in orjson.loads(row["headers"]).items())
                    records.append(Record(*partition, len(records), row["key"].encode(), row["value"], headers))
                    await connection.execute(
                        'UPDATE outbox SET sent_at = now(), "partition" = $2, "offset" = $3 WHERE id = $1',
                        row["id"],
                        partition[1],
                        len(records) - 1,
                    )
                    sent += 1
        return sent

    async def read(self, *names: str) -> int:
        """Do what the consumers do: one batch of what lies past each position."""
        read = 0
        for member in [self.members[name] for name in names or self.members]:
            for partition in [each for each in self.log if each[0] in member.service.topics]:
                at = await self.begin(member, partition)
                waiting = self.log[partition][at:]
                if waiting:
                    await member.batcher.run([sort(record, member.service.handlers) for record in waiting])
                    read += len(waiting)
        return read

    async def begin(self, member: Member, partition: Partition) -> int:
        """Return where a consumer goes on, as its database says; a partition that is new to it begins at 0."""
        async with member.service.database.connection() as connection:
            await connection.execute(
                "INSERT INTO position VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING", member.name, *partition
            )
            at: int = await connection.fetchval(
                'SELECT next_offset FROM position WHERE consumer = $1 AND topic = $2 AND "partition" = $3',
                member.name,
                *partition,
            )
        member.batcher.at[partition] = at
        return at

    def ends(self) -> Callable[[], Awaitable[dict[Partition, int]]]:
        async def ask() -> dict[Partition, int]:
            return {partition: len(records) for partition, records in self.log.items()}

        return ask

    async def sabotage(self, sql: str, *args: Any) -> None:
        """Do what no service does; exactly one row is hit."""
        tag = await self.admin.execute(sql, *args)
        assert tag.endswith(" 1"), tag


def a_referral(referral: UUID) -> ReferralAccepted:
    return ReferralAccepted(
        referral=referral,
        person=uuid4(),
        urgency="routine",
        needs=(),
        nothing_read=True,
        age=58,
        place=Place(),
        preferences=Preferences(),
        agreement=Agreement(),
        rules_version="toy.1",
        **OWN,
    )


def a_listing(service: UUID) -> ServiceListed:
    return ServiceListed(service=str(service), organisation="kettle", directory_version=1, needs=())


def peers_of(settings: ServiceSettings) -> Iterator[Service]:
    for name, (schema, functions) in HANDLERS.items():
        yield Service(name, schema, settings, handlers=module_of(name, functions), ledger=custody_of)
