"""Connections of one purpose to PostgreSQL, and the transaction in which everything happens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson

from shared.messaging import outbox
from shared.messaging.errors import DATABASE_ERRORS, Unavailable, is_unavailable
from shared.messaging.tx import JUST_NOW, Cause, Opening, Tx

COMMAND_TIMEOUT_SECONDS = 12
"""The client's own bound on one statement, for a server that has stopped answering; above the role's 10 s."""


class Database:
    """A pool of connections for one purpose (requests, the consumer, workers), each as the service's own role.

    `relay_is_here` tells whether this process holds the relay's leadership: then committing wakes it directly,
    else by NOTIFY.
    """

    def __init__(
        self, dsn: str, *, user: str, schema: str, source: str, size: int, password: str | None = None
    ) -> None:
        self.schema = schema
        self.source = source
        self._dsn, self._user, self._password, self._size = dsn, user, password, size
        self._pool: asyncpg.Pool | None = None
        self.relay_is_here: Callable[[], bool] = lambda: False
        self.on_commit: Callable[[], None] = lambda: None

    async def open(self) -> None:
        """Make the pool; it connects when it is first used, so that a service starts while PostgreSQL is away."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            user=self._user,
            password=self._password,
            min_size=0,
            max_size=self._size,
            command_timeout=COMMAND_TIMEOUT_SECONDS,
            timeout=5,
            max_inactive_connection_lifetime=300,
            server_settings={"search_path": self.schema, "application_name": f"linkway {self.source}"},
            init=_know_json,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """Close the pool, within two seconds."""
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(2):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Give a connection of the pool, waiting at most a second.

        Raises:
            Unavailable: none was free, or PostgreSQL does not answer.
        """
        assert self._pool is not None, "open() comes first"
        try:
            connection = await self._pool.acquire(timeout=1)
        except (TimeoutError, OSError, *DATABASE_ERRORS) as error:
            if not is_unavailable(error):
                raise
            raise Unavailable("no connection to the database") from error
        try:
            yield connection
        finally:
            await asyncio.shield(self._pool.release(connection, timeout=2))

    @asynccontextmanager
    async def transaction(
        self, cause: Cause, *, snapshot: bool = False, opening: Opening = JUST_NOW
    ) -> AsyncIterator[Tx]:
        """Run one transaction: its events are stored with it, and leave when it has committed.

        With `snapshot` all its statements read the database as it was at one moment, and none may write.
        `opening` is its first statement, for a caller that has one for every transaction.
        """
        async with self.connection() as connection:
            transaction = connection.transaction(isolation="repeatable_read" if snapshot else None, readonly=snapshot)
            await transaction.start()
            try:
                opened = await connection.fetchrow(opening.sql, *opening.arguments)
                tx = Tx(connection, opened, self.source, cause)
                yield tx
                await tx.flush_writes()
                published = await outbox.flush(tx, notify=not self.relay_is_here())
            except BaseException:
                await _roll_back(transaction, connection)
                raise
            await transaction.commit()
        if published:
            self.on_commit()

    async def answers(self) -> bool:
        """Ask over a fresh connection whether PostgreSQL is there at all."""
        try:
            connection = await asyncpg.connect(self._dsn, user=self._user, password=self._password, timeout=2)
        except (OSError, TimeoutError, *DATABASE_ERRORS):
            return False
        await connection.close(timeout=2)
        return True


async def _roll_back(transaction: Any, connection: Any) -> None:
    """Roll back; where the connection is gone the server has done so already."""
    try:
        if not connection.is_closed():
            await asyncio.shield(transaction.rollback())
    except (OSError, TimeoutError, *DATABASE_ERRORS):
        with contextlib.suppress(*DATABASE_ERRORS):  # the pool may have it back; what is raised tells what led here
            connection.terminate()


async def _leave_as_it_is(_connection: Any) -> None:
    """Spare a returned connection the statements that reset a session: none of ours changes one.

    asyncpg itself rolls back what was left open. Who takes a session's lock gives it back.
    """


async def _know_json(connection: Any) -> None:
    """Give and read json and jsonb columns as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads
        )
