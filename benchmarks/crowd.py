"""Many referrals for few link workers, and many choices of one service: what they say, and how they are answered."""

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from benchmarks import kept_limits
from benchmarks.consuming import lay
from benchmarks.messages import record
from benchmarks.scene import Scene, servers
from deploy.local.home import PROJECT
from shared.contracts import (
    TOPICS,
    Agreement,
    CaseClosed,
    Choice,
    Event,
    LinkWorkerPost,
    NeedRead,
    OfferAnswered,
    Place,
    Preferences,
    ProgrammeApplied,
    ReferralAccepted,
    ServicesChosen,
)
from shared.messaging.migrate import targets
from shared.messaging.topics import create

PROGRAMME, ROOMY = "few-hands", "many-hands"
LIMITS = {"ash": 45, "birch": 40, "cedar": 30}
PRACTICES = {"ash": ("p-a", "p-b"), "birch": ("p-b", "p-c"), "cedar": ("p-c", "p-d")}
PLACES = 5
MORE = PLACES + 1
"""Who choose last, when every place is free again."""
URGENCIES = ("routine",) * 6 + ("soon",) * 3 + ("urgent",)
WITHIN_SECONDS = 1_200

HELD = "SELECT id, link_worker FROM matching.referral WHERE state = 'assigned' AND programme = $1"

COUNT = """
    SELECT
        (SELECT count(*) FROM matching.referral WHERE programme = $1 AND state <> 'ended') AS not_closed,
        (SELECT count(*) FROM matching.referral WHERE programme = $1 AND (
            1 <> (SELECT count(*) FROM matching.kept
                WHERE kept.referral = referral.id AND kind = 'caseload' AND weight > 0)
            OR 1 <> (SELECT count(*) FROM matching.outbox
                WHERE key = referral.id::text AND type = 'linkway.referral.link-worker-assigned.v1'))) AS not_once,
        (SELECT count(*) FROM matching.offer WHERE service = 'five' AND made_at IS NOT NULL) AS asked,
        (SELECT count(*) FROM matching.offer WHERE service = 'five' AND reason = 'no-place') AS refused
"""


@dataclass
class Crowd:
    """Those who ask, and the driver who answers for them."""

    scene: Scene
    producer: AIOKafkaProducer

    async def accept(self, count: int, programme: str) -> list[UUID]:
        """Have so many referrals accepted, in one burst, and return them."""
        events = [_accepted(number, programme) for number in range(count)]
        await lay(self.scene.kafka, "linkway.referrals", [record(event) for event in events])
        return [event.referral for event in events]

    async def close_all(self, count: int) -> None:
        """Close each case as soon as a link worker has it, until so many are closed."""
        told: set[UUID] = set()
        async with asyncio.timeout(WITHIN_SECONDS):
            while len(told) < count:
                rows = await self.scene.sql(HELD, PROGRAMME)
                new = [row for row in rows if row["id"] not in told]
                await self.say(_closed(row["id"], row["link_worker"]) for row in new)
                told.update(row["id"] for row in new)
                await asyncio.sleep(0 if new else 0.02)
        await self.until(f"SELECT count(*) = {count} FROM matching.referral WHERE state = 'ended'")

    async def choose(self, count: int) -> int:
        """Have the service with few places chosen: half at once, half while organisations decline, and then by more.

        Returns how many of those last ones were asked.
        """
        most = count + MORE
        referrals = await self.accept(most, ROOMY)
        ready = f"SELECT count(*) = {most} FROM matching.referral WHERE state = 'assigned' AND programme = '{ROOMY}'"
        await self.until(ready)
        half = count // 2
        await self.say(map(_chosen, referrals[:half]))
        await self.until(_heard(half))
        await self.say(map(_chosen, referrals[half:count]))
        await self.decline_until(_heard(count))
        await self.decline_until("SELECT count(*) = 0 FROM matching.offer WHERE service = 'five' AND state = 'open'")
        await self.say(map(_chosen, referrals[count:]))
        await self.until(_heard(most))
        rows = await self.scene.sql("SELECT FROM matching.offer WHERE service = 'five' AND state = 'open'")
        return len(rows)

    async def decline_until(self, so: str) -> None:
        """Decline what the service is asked until a query says that it is so."""
        told: set[UUID] = set()
        async with asyncio.timeout(WITHIN_SECONDS):
            while not (await self.scene.sql(so))[0][0]:
                rows = await self.scene.sql("SELECT * FROM matching.offer WHERE service = 'five' AND state = 'open'")
                await self.say(_declined(row) for row in rows if row["id"] not in told)
                told.update(row["id"] for row in rows)
                await asyncio.sleep(0.01)

    async def until(self, so: str) -> None:
        """Wait until a query says that it is so."""
        async with asyncio.timeout(WITHIN_SECONDS):
            while not (await self.scene.sql(so))[0][0]:  # noqa: ASYNC110 -- what is asked for lies in other processes
                await asyncio.sleep(0.05)

    async def say(self, events: Iterable[Event]) -> None:
        """Put events on their topics."""
        sent = []
        for event in events:
            key, value, headers = record(event)
            sent.append(await self.producer.send(event.topic_name, key=key, value=value, headers=headers))
        await asyncio.gather(*sent)


@asynccontextmanager
async def scene() -> AsyncIterator[Crowd]:
    """Run a broker and a database with two programmes, two services, and a book of every change that counts."""
    async with servers(targets()) as made:
        await create(made.kafka, list(TOPICS), 1)
        for statement in kept_limits.KEEP:
            await made.sql(statement)
        await _load(made, _service("five", PLACES), _service("next", None))
        await lay(made.kafka, "linkway.programmes", [record(event) for event in _programmes()])
        producer = AIOKafkaProducer(bootstrap_servers=made.kafka, acks="all", linger_ms=2)
        await producer.start()
        try:
            yield Crowd(made, producer)
        finally:
            await producer.stop()


async def _load(made: Scene, *services: dict[str, Any]) -> None:
    directory = made.home.run / "directory.json"
    await asyncio.to_thread(directory.write_text, json.dumps(services))
    loading = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "matching.directory", "load", str(directory)),
        cwd=PROJECT,
        env={**os.environ, "LINKWAY_POSTGRES": made.postgres},
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await loading.wait():
        raise RuntimeError("the directory was not loaded")


def _service(name: str, places: int | None) -> dict[str, Any]:
    return {
        "id": name,
        "name": name.title(),
        "status": "active",
        "organization": {"id": f"{name}-org", "name": f"{name.title()} Trust"},
        "attributes": [{"link_type": "need", "value": "debt-advice"}],
        "capacities": [] if places is None else [{"available": places}],
    }


def _programmes() -> tuple[ProgrammeApplied, ...]:
    hands: dict[str, list[tuple[str, tuple[str, ...], int]]] = {
        PROGRAMME: [(worker, PRACTICES[worker], limit) for worker, limit in LIMITS.items()],
        ROOMY: [("dogwood", ("q",), 1_000_000)],
    }
    return tuple(
        ProgrammeApplied(
            programme=programme,
            practices=tuple(sorted({practice for _, practices, _ in posts for practice in practices})),
            link_workers=tuple(
                LinkWorkerPost(link_worker=worker, practices=practices, caseload_limit=limit)
                for worker, practices, limit in posts
            ),
            mode="link-worker-first",
        )
        for programme, posts in hands.items()
    )


def _accepted(number: int, programme: str) -> ReferralAccepted:
    pick = random.Random(number)
    return ReferralAccepted(
        referral=uuid4(),
        programme=programme,
        practice=pick.choice(("p-a", "p-b", "p-c", "p-d")) if programme == PROGRAMME else "q",
        person=uuid4(),
        urgency=pick.choice(URGENCIES),
        needs=(NeedRead(code="debt-advice", source="text"),),
        nothing_read=False,
        age=40,
        place=Place(council="S12000042", outward="DD1", precision="outward"),
        preferences=Preferences(),
        agreement=Agreement(referral="agreed"),
        rules_version="1",
    )


def _closed(referral: UUID, link_worker: str) -> CaseClosed:
    return CaseClosed(referral=referral, programme=PROGRAMME, link_worker=link_worker, reason="completed", outcomes=())


def _chosen(referral: UUID) -> ServicesChosen:
    choices = tuple(
        Choice(service=name, organisation=f"{name}-org", need="debt-advice", share=("name",))
        for name in ("five", "next")
    )
    return ServicesChosen(referral=referral, programme=ROOMY, choices=choices)


def _declined(offer: Any) -> OfferAnswered:
    return OfferAnswered(
        referral=offer["referral"],
        programme=ROOMY,
        offer=offer["id"],
        organisation=offer["organisation"],
        service=offer["service"],
        answer="declined",
        reason="other",
    )


def _heard(count: int) -> str:
    return f"SELECT count(*) = {count} FROM matching.offer WHERE service = 'five' AND state <> 'chosen'"
