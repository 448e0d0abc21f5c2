"""The statements on what people here know better than the sources."""

from collections.abc import Collection, Sequence
from typing import Any

from shared.messaging import Tx


async def find_corrections(tx: Tx, services: Collection[str] | None = None) -> list[Any]:
    """Return corrections, in the order in which they were made; without ids those of every listing."""
    return await tx.fetch(
        "SELECT * FROM correction WHERE $1::text[] IS NULL OR service = ANY ($1::text[]) ORDER BY at, service, field",
        None if services is None else list(services),
    )


async def save_corrections(tx: Tx, rows: Sequence[tuple[str, str, Any, str, str]]) -> None:
    """Keep corrections, service, field, value, by whom and note each, in place of earlier ones of the same fields."""
    await tx.executemany(
        """
        INSERT INTO correction (service, field, value, by, note) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (service, field) DO UPDATE SET value = $3, by = $4, note = $5, at = now(), taken_over_at = NULL
        """,
        rows,
    )


async def drop_corrections(tx: Tx, service: str, fields: Collection[str]) -> None:
    """Forget corrections, so that the sources' word counts again."""
    await tx.execute("DELETE FROM correction WHERE service = $1 AND field = ANY ($2::text[])", service, list(fields))


async def take_over(tx: Tx, corrections: Collection[tuple[str, str]]) -> None:
    """Note that sources say by now what was corrected, by service and field."""
    await tx.executemany(
        "UPDATE correction SET taken_over_at = now() WHERE service = $1 AND field = $2", list(corrections)
    )
