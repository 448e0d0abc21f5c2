"""Matching's handlers and clocks over a database of their own, and what a test says to them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest_asyncio

from matching import clocks, handlers
from matching.config import Settings
from matching.directory.cache import DirectoryCache
from matching.directory.feed import read_feed
from matching.directory.load import Report, load
from shared.contracts import (
    Agreement,
    CaseClosed,
    Choice,
    Event,
    LinkWorkerPost,
    NeedRead,
    OfferAnswered,
    OfferMade,
    Place,
    Preferences,
    ProgrammeApplied,
    ReferralAccepted,
    ServicesChosen,
)
from shared.messaging import Cause, Database
from shared.messaging.errors import is_unavailable
from tests.harness import Bench, bench, open_database

PROGRAMME = "dundee-sources-of-support"
CONNECTIONS = 8
T = TypeVar("T")
SETTINGS = Settings.model_validate(
    {"service_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "internal_key": "internal"}
)


def a_post(link_worker: str, practices: tuple[str, ...] = ("heddle",), limit: int = 10, **more: Any) -> LinkWorkerPost:
    return LinkWorkerPost(link_worker=link_worker, practices=practices, caseload_limit=limit, **more)


def a_programme(*posts: tuple[str, tuple[str, ...], int] | LinkWorkerPost, **more: Any) -> ProgrammeApplied:
    """Posts are link worker, practices and limit; two share one practice if none are given."""
    given = [post if isinstance(post, LinkWorkerPost) else a_post(*post) for post in posts]
    given = given or [a_post("ash"), a_post("birch", ("heddle", "dura"))]
    return ProgrammeApplied(
        programme=PROGRAMME,
        practices=tuple(sorted({practice for post in given for practice in post.practices})),
        link_workers=tuple(given),
        mode="link-worker-first",
        **more,
    )


def accepted(referral: UUID | None = None, *needs: str, **changed: Any) -> ReferralAccepted:
    facts: dict[str, Any] = {
        "referral": referral or uuid4(),
        "programme": PROGRAMME,
        "practice": "heddle",
        "person": uuid4(),
        "urgency": "routine",
        "needs": tuple(NeedRead(code=need, source="text") for need in needs or ("debt-advice",)),
        "nothing_read": False,
        "age": 40,
        "place": Place(council="S12000042", outward="DD1", latitude=56.46, longitude=-2.97, precision="postcode"),
        "preferences": Preferences(),
        "agreement": Agreement(referral="agreed"),
        "rules_version": "1",
    }
    return ReferralAccepted(**facts | changed)


def chosen(referral: UUID, *services: str | tuple[str, str]) -> ServicesChosen:
    """Services ranked for debt advice, or for a need of their own."""
    picks = [(pick, "debt-advice") if isinstance(pick, str) else pick for pick in services]
    return ServicesChosen(
        referral=referral,
        programme=PROGRAMME,
        choices=tuple(
            Choice(service=service, organisation=f"{service}-org", need=need, share=("name",))
            for service, need in picks
        ),
    )


def answered(offer: OfferMade, answer: str, reason: str | None = None) -> OfferAnswered:
    return OfferAnswered.model_validate(
        offer.model_dump() | {"answer": answer, "reason": reason or ("full" if answer == "declined" else None)}
    )


def closed(referral: UUID, reason: str = "completed", link_worker: str = "ash") -> CaseClosed:
    return CaseClosed(referral=referral, programme=PROGRAMME, link_worker=link_worker, reason=reason, outcomes=())


def a_service(service: str, places: int | None = 1, *needs: str, **changed: Any) -> dict[str, Any]:
    """An HSDS-UK record of a service in Dundee."""
    facts: dict[str, Any] = {
        "id": service,
        "name": service.title(),
        "status": "active",
        "minimum_age": 16,
        "organization": {"id": f"{service}-org", "name": f"{service.title()} Trust"},
        "service_areas": [{"extent": "S12000042", "extent_type": "council", "name": "Dundee City"}],
        "service_at_locations": [{"location": {"name": "Hall", "latitude": 56.46, "longitude": -2.97}}],
        "attributes": [{"link_type": "need", "value": need} for need in needs or ("debt-advice",)],
    }
    if places is not None:
        facts["capacities"] = [{"available": places}]
    return facts | changed


class Died(Exception):
    """A replica was killed: what it had in hand is rolled back."""


class Matching:
    """One replica of the service."""

    def __init__(self, made: Bench, database: Database) -> None:
        self.bench, self.database, self.settings = made, database, SETTINGS
        self.deliver, self.published, self.rows = made.deliver, made.published, made.rows
        self.parked = made.parked

    async def load(self, *records: dict[str, Any], source: str = "sample.json") -> Report:
        """Load services into the directory."""
        feed = read_feed(json.dumps(list(records)).encode())
        async with self.database.transaction(Cause.request("load_directory", feed.digest)) as tx:
            return await load(tx, feed, source)

    async def handle(self, event: Event) -> None:
        """Handle one event in a transaction of its own."""
        await _until_done(lambda: self._handle(event))

    async def _handle(self, event: Event) -> None:
        handler = self.bench.handlers[event.type]
        async with self.database.transaction(Cause.request(handler.name, str(uuid4()))) as tx:
            await tx.lock_keys([event.key])
            await handler.handle(event, tx)

    async def handle_together(self, events: Sequence[Event], *, dies: bool = False) -> None:
        """Handle events in one transaction, as a batch is; one that dies has done everything but commit."""
        await _until_done(lambda: self._handle_together(events, dies=dies))

    async def _handle_together(self, events: Sequence[Event], *, dies: bool) -> None:
        async with self.database.transaction(Cause.request("batch", str(uuid4()))) as tx:
            await tx.lock_keys([event.key for event in events])
            for event in events:
                handler = self.bench.handlers[event.type]
                tx.begin_cause(Cause.request(handler.name, str(uuid4())))
                await handler.handle(event, tx)
            if dies:
                raise Died

    async def expire_offers(self) -> int:
        return await _until_done(lambda: clocks.expire_offers(self.database, self.settings))

    async def allocate_waiting(self) -> int:
        return await _until_done(lambda: clocks.allocate_waiting(self.database, self.settings))

    async def hand_over(self) -> int:
        return await _until_done(lambda: clocks.hand_over(self.database, self.settings))

    async def run_queue(self) -> int:
        """Let the queue's clock look until it finds nothing to do."""
        moved = 0
        while done := await self.allocate_waiting():
            moved += done
        return moved

    async def let_time_pass(self) -> None:
        """Bring what is due in the future to now."""
        await self.rows("UPDATE offer SET respond_by = now() - interval '1 second' WHERE state = 'open'")
        await self.rows("UPDATE referral SET try_again_at = now() - interval '1 second' WHERE state = 'waiting'")

    async def offers(self) -> list[tuple[str, str, str | None]]:
        """Every choice's service, state and place, in the order they were made."""
        rows = await self.rows("SELECT service, state, place FROM offer ORDER BY ranking, need, rank")
        return [(row["service"], row["state"], row["place"]) for row in rows]

    async def referral_with_offer(self, *services: str | tuple[str, str]) -> UUID:
        """Accept a referral and choose services for it."""
        referral = uuid4()
        await self.deliver(accepted(referral), chosen(referral, *services))
        return referral

    async def last(self, kind: type[Event]) -> Any:
        return (await self.published(kind))[-1]


@pytest_asyncio.fixture
async def matching(service_dsn: str) -> AsyncIterator[Matching]:
    """A replica with a programme of two link workers and an empty directory."""
    context: dict[str, Any] = {"rules": SETTINGS.rules, "directory": DirectoryCache()}
    async with (
        bench(service_dsn, "matching", handlers, **context) as made,
        open_database(service_dsn, "matching", "matching", size=CONNECTIONS) as database,
    ):
        await made.deliver(a_programme())
        yield Matching(made, database)


async def _until_done(act: Callable[[], Awaitable[T]]) -> T:
    """Act, again after a deadlock or a lock that was waited for too long, as the loop and the workers do."""
    while True:
        try:
            return await act()
        except Exception as error:
            if not is_unavailable(error):
                raise


async def at_once(*acts: Awaitable[Any]) -> Sequence[Any]:
    """Run coroutines beside each other, as many as there are connections: nobody waits a second for one."""
    free = asyncio.Semaphore(CONNECTIONS)

    async def run(act: Awaitable[Any]) -> Any:
        async with free:
            return await act

    return await asyncio.gather(*(run(act) for act in acts))
