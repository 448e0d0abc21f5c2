"""The errors that decide what happens to a message; each docstring is what staff are told."""

import asyncpg


class MessagingError(Exception):
    """Something the machinery itself has to say."""


class RejectedMessage(MessagingError):
    """The message breaks its contract; it is parked for a person at once."""


class NotYet(MessagingError):
    """A fact from another topic has not arrived; the message is parked and tried again from 100 ms on."""


class Unavailable(MessagingError):
    """The database or the broker does not answer; wait and try again, never count it."""


class LostPartition(MessagingError):
    """Another worker has moved this partition's position; what was done here is rolled back."""


class StoppedLoudly(MessagingError):
    """Going on could lose messages; the consumer stands still until a person decides."""


DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises; the last is no kind of the second, and comes of a connection that ended as it was to be used."""

_UNAVAILABLE_CLASSES = frozenset({"08", "40", "53", "57", "58"})
_UNAVAILABLE_CODES = frozenset({"25006", "55P03", "25P03", "25P04"})
_RERUN_CODES = frozenset({"40P01", "40001"})


def is_unavailable(error: BaseException) -> bool:
    """Say whether an error means that a server is away or overloaded, and not that the message or the code is at fault.

    By SQLSTATE: classes 08, 40, 53, 57 and 58, read-only (25006), lock not available (55P03), and the server's
    own idle and transaction time-outs (25P03, 25P04); beside these every refused, reset or timed-out connection.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in _UNAVAILABLE_CLASSES or state in _UNAVAILABLE_CODES
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error) or "connection" in str(error)
    return isinstance(error, Unavailable | asyncpg.InternalClientError | OSError | TimeoutError)


def is_rerun(error: BaseException) -> bool:
    """Say whether PostgreSQL asked for nothing but another try: a deadlock or a serialisation failure."""
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate in _RERUN_CODES


def describe(error: BaseException) -> tuple[str, str]:
    """Return an error's kind and its place and constraint, never its message: messages quote rows and input."""
    kind = _kebab(type(error).__name__)
    if isinstance(error, MessagingError):
        return kind, str(error)
    if isinstance(error, asyncpg.PostgresError):
        return kind, " ".join(
            part
            for part in (error.sqlstate, getattr(error, "table_name", None), getattr(error, "constraint_name", None))
            if part
        )
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return kind, f"{frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}" if frame else ""


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")[:64]
