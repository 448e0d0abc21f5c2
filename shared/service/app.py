"""A service put together: FastStream is its shell, and this says what starts and stops when."""

import asyncio
import contextlib
import gc
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from fastapi import APIRouter
from faststream import FastStream
from faststream.kafka import KafkaBroker

from shared.contracts import TOPICS
from shared.messaging import Cause, Database, metrics, parking
from shared.messaging.batch import Batcher, Consumer
from shared.messaging.catching_up import CatchingUp
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.errors import Unavailable, describe
from shared.messaging.handlers import Handler, collect
from shared.messaging.ledger import counts
from shared.messaging.log_ends import LogEnds
from shared.messaging.migrate import missing, targets
from shared.messaging.redrive import Redrive
from shared.messaging.relay import Relay
from shared.messaging.topics import cluster_id
from shared.service import door, health, logs
from shared.service.door import CustodyOf
from shared.service.http import HttpServer, application
from shared.service.settings import ServiceSettings
from shared.service.workers import Worker

log = structlog.get_logger()

ROLES = ("http", "consumer", "relay", "workers")


class PatientBroker(KafkaBroker):
    """FastStream's broker, for publishing; it waits for Kafka, so that a service starts and serves without it."""

    async def start(self) -> None:
        """Connect, however long it takes."""
        wait = 0.1
        while True:
            try:
                await super().start()
                return
            except KafkaError as error:
                log.warning("broker_waiting", error=type(error).__name__, seconds=wait)
                with contextlib.suppress(KafkaError):  # what did not start may not stop either
                    await self.stop()
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2)


async def _no_custody(_tx: object, _keys: list[str]) -> dict[str, door.Custody]:
    return {}


class Service:
    """One service, one process, with the roles that it was started with.

    `faststream run matching.app:app --port 8020 --roles http,consumer,relay,workers`
    """

    def __init__(
        self,
        name: str,
        schema: str,
        settings: ServiceSettings,
        *,
        handlers: ModuleType | None = None,
        routers: Sequence[APIRouter] = (),
        workers: Sequence[Worker] = (),
        ledger: CustodyOf = _no_custody,
        context: Mapping[str, Any] | None = None,
        checks: Mapping[str, health.Check] | None = None,
    ) -> None:
        self.name, self.schema, self.settings = name, schema, settings
        self.roles: frozenset[str] = frozenset(ROLES)
        self.started = self.stopping = False
        self.database = self._pool(settings.http_connections)
        self.consumer_database = self._pool(2)
        self.worker_database = self._pool(settings.worker_connections)
        self.worker_database.on_commit = self._wake_machinery
        self.relay = Relay(settings.postgres, schema, settings.password, schema, settings.kafka, settings.relay)
        self.loop: ConsumerLoop | None = None
        self.redrive: Redrive | None = None
        self.workers = [*workers, Worker("upkeep", _keep_up, every_seconds=3600)]
        self.figures = Worker("figures", self._count, every_seconds=settings.figures_seconds)
        brokers = settings.kafka.split(",")  # which FastStream would take for one address
        self.broker = PatientBroker(brokers, acks="all", enable_idempotence=True, logger=None)
        self.app = FastStream(self.broker, logger=None)
        for key, value in (context or {}).items():
            self.app.context.set_global(key, value)
        # What readiness rests on beside what every service needs, by the name that it shows.
        self.checks = dict(checks or {})
        self.handlers: Mapping[str, Handler] = collect(handlers, self.app.context) if handlers else {}
        # Partner organisations' topics have no name in common to subscribe to; nobody here reads them.
        named = {topic.name for topic in TOPICS}
        self.topics = sorted({handler.event.topic for handler in self.handlers.values()} & named)
        heard = [topic for topic in TOPICS if topic.name in self.topics]
        self.catching_up = CatchingUp(name, LogEnds(settings.kafka, f"linkway-{name}-ends", heard))
        self.http = application(name, [*routers, health.router(self), door.router(self, ledger)])
        self.http.state.database = self.database
        self.http.state.internal_key = settings.internal_key.get_secret_value()
        self.http.state.settings = settings
        self.http.state.service = self
        self._server: HttpServer | None = None
        self.app.on_startup(self._begin)
        self.app.after_startup(self._consume)
        self.app.on_shutdown(self._end)
        self.app.after_shutdown(self._close)

    def wake(self, worker: str) -> None:
        """Call a worker now."""
        for each in self.workers:
            if each.name == worker:
                each.wake()

    def _pool(self, size: int) -> Database:
        pool = Database(
            self.settings.postgres,
            user=self.schema,
            schema=self.schema,
            source=self.name,
            size=size,
            password=self.settings.password,
        )
        pool.relay_is_here = lambda: self.relay.is_leader
        pool.on_commit = self._committed
        return pool

    def _committed(self) -> None:
        """Wake who may have something to do after a request or an event."""
        self._wake_machinery()
        for worker in self.workers:
            if worker.on_commit:
                worker.wake()

    def _wake_machinery(self) -> None:
        """Wake the same save workers, after what one of them committed: they would wake each other without end."""
        self.relay.wake()
        if self.redrive:
            self.redrive.woken.set()

    async def _begin(self, host: str = "127.0.0.1", port: int = 8000, roles: str = ",".join(ROLES)) -> None:
        """Open what does not need Kafka: log, pools, HTTP, and, once the schema fits, relay and workers."""
        self.roles = frozenset(roles.split(","))
        if unknown := self.roles - set(ROLES):
            raise SystemExit(f"unknown roles: {', '.join(sorted(unknown))}")
        logs.configure(self.name, as_json=self.settings.log_json)
        for pool in (self.database, self.consumer_database, self.worker_database):
            await pool.open()
        if "http" in self.roles:
            self._server = HttpServer(self.http, host, port)
            await self._server.start()
        await self._check_schema()
        self.figures.start(self.worker_database, self.settings)
        if "relay" in self.roles:
            self.relay.start()
        if "workers" in self.roles:
            for worker in self.workers:
                worker.catching_up = self.catching_up
                worker.start(self.worker_database, self.settings)
        _rest_the_collector()
        log.info("service_started", roles=sorted(self.roles), port=port)

    async def _check_schema(self) -> None:
        """Refuse to go on over an older schema; wait for a database that does not answer."""
        target = next(each for each in targets() if each.schema == self.schema)
        while True:
            try:
                async with self.database.connection() as connection:
                    lacking = await missing(connection, target)
            except Unavailable:
                log.warning("waiting_for_database")
                await asyncio.sleep(0.5)
                continue
            if lacking:
                log.critical("schema_too_old", missing=lacking)
                raise SystemExit(f"the schema lacks {', '.join(lacking)}: run the migration job first")
            return

    async def _consume(self) -> None:
        """Start the consumer, when Kafka is there."""
        if "consumer" in self.roles and self.handlers:
            consumer = Consumer(self.name, await self._cluster_id(), self.settings.parking_key, self.settings.schedule)
            self.redrive = Redrive(self.consumer_database, consumer, self.handlers)
            self.loop = ConsumerLoop(
                self.settings.kafka,
                tuple(self.topics),
                self.handlers,
                Batcher(self.consumer_database, consumer),
                self.settings.loop,
            )
            await self._join(self.loop)
            again = Worker("redrive", self._redrive, every_seconds=self.settings.redrive_tick_seconds)
            again.woken = self.redrive.woken
            again.start(self.consumer_database, self.settings)
            self.workers.append(again)
        self.started = True

    async def _cluster_id(self) -> str:
        while True:
            try:
                return await cluster_id(self.settings.kafka)
            except KafkaError as error:
                log.warning("broker_waiting", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _join(self, loop: ConsumerLoop) -> None:
        while True:
            try:
                await loop.start()
                return
            except KafkaError as error:
                log.warning("broker_waiting", error=describe(error)[0])
                await asyncio.sleep(0.5)

    async def _redrive(self, _database: Database, _settings: object) -> int:
        return await self.redrive.due() if self.redrive else 0

    async def _count(self, database: Database, _settings: object) -> int:
        """Show how many messages are parked and how many events wait to leave, whichever replica is to send them."""
        async with database.transaction(Cause.tick("figures", "now")) as tx:
            found = await counts(tx)
        for state in ("waiting", "held"):
            metrics.PARKED.labels(self.name, state).set(found[f"parked_{state}"])
        metrics.UNSENT.set(found["unsent"])
        metrics.UNSENT_OLDEST_SECONDS.set(found["oldest_unsent_seconds"])
        return 0

    async def _end(self) -> None:
        """Stop in the order that loses nothing: unready, no new batch, no new request, then relay and workers."""
        self.stopping = True
        log.info("service_stopping")
        await asyncio.gather(
            *([self.loop.stop()] if self.loop else []),
            *([self._server.stop()] if self._server else []),
            *(worker.stop() for worker in (*self.workers, self.figures)),
        )
        await self.relay.stop()

    async def _close(self) -> None:
        for pool in (self.database, self.consumer_database, self.worker_database):
            await pool.close()
        log.info("service_stopped")


def _rest_the_collector() -> None:
    """Leave what start-up made out of every later collection, and collect a seventieth as often: little is cyclic."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def _keep_up(database: Database, settings: ServiceSettings) -> int:
    """Make the coming days' partitions, drop those past their time, forget what was settled long ago."""
    async with database.transaction(Cause.tick("upkeep", "hourly")) as tx:
        await tx.fetchval("SELECT maintain_partitions(14, $1)", settings.kept_days)
        await parking.forget_settled(tx, settings.parked_kept_days)
    return 0
