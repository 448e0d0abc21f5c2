"""A ledger that never asks: it counts what operations' own archive was told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from operations import domain
from operations.domain import Books, NoReferral, Open
from tests.chaos.inside.patching import replace


def ledger_believes() -> None:
    """Call a referral well looked after when an event of it has come."""

    def accounting(_account: Any) -> Any:
        def believed(referral: UUID, books: Books) -> Open | NoReferral:
            if referral not in books.on_kafka:
                return NoReferral()
            return Open("operations", "told-of", "the archive", datetime.now(UTC) + timedelta(days=1))

        return believed

    replace(domain, "account", accounting)
