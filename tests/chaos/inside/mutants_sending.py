"""Mistakes of a relay: it marks too early, it looks only forward, there are two of it."""

from typing import Any

from shared.messaging import relay
from shared.messaging.relay import Relay
from tests.chaos.inside.patching import replace, rewrite


def mark_before_send() -> None:
    """Write down that rows were sent, and then send them."""

    def choosing(without: Any) -> Any:
        async def chosen(self: Relay, rows: Any) -> Any:
            rows = await without(self, rows)
            days, ids = [row["day"] for row in rows], [row["id"] for row in rows]
            await self._connection.execute(_MARK, days, ids)
            return rows

        return chosen

    replace(Relay, "_without_missing_topics", choosing)


def poll_by_id() -> None:
    """Look for rows behind the last that was sent, as if ids were given in the order of commits."""
    unsent = "WHERE sent_at IS NULL AND refused IS NULL"
    behind = "WHERE id > (SELECT coalesce(max(id), 0) FROM outbox WHERE sent_at IS NOT NULL) AND refused IS NULL"
    replace(relay, "_UNSENT", rewrite(unsent, behind))


def two_relays() -> None:
    """Let every replica send at once, each the rows that no other has locked."""

    def sending(send_some: Any) -> Any:
        async def sent(self: Relay) -> Any:
            async with self._connection.transaction():
                return await send_some(self)

        return sent

    replace(relay, "_LOCK", lambda _lock: "SELECT true")
    replace(relay, "_UNSENT", rewrite("LIMIT $1", "LIMIT $1 FOR UPDATE OF outbox SKIP LOCKED"))
    replace(Relay, "_send_some", sending)


_MARK = """
    UPDATE outbox SET sent_at = now() FROM unnest($1::date[], $2::bigint[]) AS sent (day, id)
    WHERE outbox.day = sent.day AND outbox.id = sent.id
"""
