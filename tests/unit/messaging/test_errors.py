"""What tells that a server is away, and must never be counted against a message."""

import asyncpg
import pytest

from shared.messaging.errors import DATABASE_ERRORS, Unavailable, is_unavailable

AWAY = (
    ConnectionRefusedError(),
    TimeoutError(),
    Unavailable("it does not answer"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.DiskFullError("no space left on device"),
    asyncpg.InterfaceError("connection is closed"),
    # A connection that was lost in the middle of an operation: both were seen when PostgreSQL was cut off under load.
    asyncpg.InternalClientError('cannot switch to state 11; protocol is in the "failed" state'),
    asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
)
OURS = (
    asyncpg.UniqueViolationError("duplicate key"),
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    ValueError("no server's"),
)


@pytest.mark.parametrize("error", AWAY, ids=str)
def test_a_server_that_is_away_is_waited_for(error: BaseException) -> None:
    assert is_unavailable(error)


@pytest.mark.parametrize("error", OURS, ids=str)
def test_what_is_our_own_fault_counts(error: BaseException) -> None:
    assert not is_unavailable(error)


@pytest.mark.parametrize("error", [each for each in (*AWAY, *OURS) if type(each).__module__.startswith("asyncpg")])
def test_every_error_of_the_database_is_caught_as_one(error: BaseException) -> None:
    assert isinstance(error, DATABASE_ERRORS)
