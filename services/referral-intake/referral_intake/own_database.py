"""Open referral-intake's own database for a command, as the service itself does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from referral_intake.config import DatabaseSettings
from shared.messaging import Database


@asynccontextmanager
async def own_database() -> AsyncIterator[Database]:
    """Give the database that the environment names, and close it."""
    settings = DatabaseSettings()
    database = Database(
        settings.postgres,
        user="intake",
        schema="intake",
        source="referral-intake",
        size=2,
        password=settings.db_password.get_secret_value() if settings.db_password else None,
    )
    await database.open()
    try:
        yield database
    finally:
        await database.close()
