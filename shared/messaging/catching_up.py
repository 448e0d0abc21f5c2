"""Knows when a service has heard what was said before it began, so that no clock of its decides without that."""

import asyncio

import structlog

from shared.messaging.database import Database
from shared.messaging.log_ends import Ends, LogEnds
from shared.messaging.tx import Cause

log = structlog.get_logger()


class CatchingUp:
    """Compares where a consumer's topics ended when its process began, or lost its database, with its positions.

    The positions are those of all replicas, so it does not matter which of them reads what. Behind a restored
    database they are old, and answers to what a clock would otherwise call silence may lie on the topics.
    """

    def __init__(self, consumer: str, log_ends: LogEnds) -> None:
        self._consumer, self._log_ends = consumer, log_ends
        self._asking = asyncio.Lock()
        self._unread: Ends | None = None
        """Where topics ended, of partitions that were not read so far when last looked; None before Kafka was asked."""
        self._doubts = 0

    def begin_again(self) -> None:
        """Forget what was reached, because the database was away and may have been set back."""
        self._unread = None
        self._doubts += 1

    async def reached(self, database: Database) -> bool:
        """Say whether everything has been read; False while Kafka does not answer."""
        async with self._asking:  # a service has several clocks
            doubts = self._doubts
            ends = await self._ask_ends() if self._unread is None else self._unread
            if ends:
                ends = await self._unread_of(database, ends)
            if doubts != self._doubts:  # another clock met a database that was away while this one asked
                return False
            self._unread = ends
            return ends is not None and not ends

    async def _ask_ends(self) -> Ends | None:
        ends = await self._log_ends()
        await self._log_ends.close()
        return ends

    async def _unread_of(self, database: Database, ends: Ends) -> Ends:
        async with database.transaction(Cause.tick("catching_up", "look")) as tx:
            rows = await tx.fetch(
                'SELECT topic, "partition", next_offset FROM position WHERE consumer = $1', self._consumer
            )
        at = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        unread = {partition: end for partition, end in ends.items() if at.get(partition, 0) < end}
        log.info("catching_up", consumer=self._consumer, partitions=len(unread))
        return unread
