"""Every SQL statement of signing in, on the table `sign_in` of the service that uses it.

A row is asked for, mailed, used once and is then the session itself. The link is not in it: it is derived from its id.
The table is created by the service's own migrations; its columns are those of casework's first one.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.messaging import Tx

LINK_MINUTES = 20
SESSION_HOURS = 10
OPEN_LINKS = 5
"""Links that may wait for one person to use them; more are not mailed, so that no mailbox is flooded through us."""
MAIL_ATTEMPTS = 6
CLAIM_SECONDS = 60
"""How long one worker has to send a mail before another may try; longer than the mail server's time-out."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is to a service: a kind (*link-worker*, *organisation*) and the id of one of them."""

    kind: str
    subject: str


@dataclass(frozen=True)
class SignInMail:
    """A mail that is due: its row's id is its Message-ID and makes its link."""

    id: UUID
    identity: Identity
    expires_at: datetime


async def request_sign_in(tx: Tx, identity: Identity, next_path: str) -> None:
    """Store that somebody asked to sign in; a worker mails the link. The same request again stores nothing new."""
    await tx.execute(
        """
        INSERT INTO sign_in (id, kind, subject, next_path, requested_at, expires_at, try_at)
        SELECT $1, $2, $3, $4, now(), now() + make_interval(mins => $5), now()
        WHERE (
            SELECT count(*) FROM sign_in
            WHERE kind = $2 AND subject = $3 AND used_at IS NULL AND expires_at > now()
        ) < $6
        ON CONFLICT (id) DO NOTHING
        """,
        tx.new_id("sign-in"),
        identity.kind,
        identity.subject,
        next_path,
        LINK_MINUTES,
        OPEN_LINKS,
    )


async def claim_mail(tx: Tx) -> SignInMail | None:
    """Take the next mail that is due, so that no other worker sends it meanwhile."""
    row = await tx.fetchrow(
        """
        UPDATE sign_in SET attempts = attempts + 1, try_at = now() + make_interval(secs => $2)
        WHERE id = (
            SELECT id FROM sign_in
            WHERE sent_at IS NULL AND try_at <= now() AND expires_at > now() AND attempts < $1
            ORDER BY try_at LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id, kind, subject, expires_at
        """,
        MAIL_ATTEMPTS,
        CLAIM_SECONDS,
    )
    return SignInMail(row["id"], Identity(row["kind"], row["subject"]), row["expires_at"]) if row else None


async def save_sent(tx: Tx, mail: UUID) -> None:
    """Note that the mail server took a mail."""
    await tx.execute("UPDATE sign_in SET sent_at = now() WHERE id = $1", mail)


async def save_failed(tx: Tx, mail: UUID) -> None:
    """Let a mail be tried again, after 1, 2, 4 … seconds."""
    await tx.execute(
        "UPDATE sign_in SET try_at = now() + make_interval(secs => 2 ^ (attempts - 1)) WHERE id = $1", mail
    )


async def is_usable(tx: Tx, sign_in: UUID) -> bool:
    """Say whether a link may still be used."""
    return bool(await tx.fetchval("SELECT used_at IS NULL AND expires_at > now() FROM sign_in WHERE id = $1", sign_in))


async def use(tx: Tx, sign_in: UUID, form_id: UUID) -> tuple[datetime, str] | None:
    """Use a link up and begin its session: when that ends and where to go, None if it was used before.

    The second click on one button is the same form, and answered like the first for a minute.
    """
    row = await tx.fetchrow(
        """
        UPDATE sign_in SET
            used_at = coalesce(used_at, now()), used_by = $2,
            session_ends_at = coalesce(session_ends_at, now() + make_interval(hours => $3))
        WHERE id = $1 AND ended_at IS NULL AND expires_at > now()
            AND (used_at IS NULL OR used_by = $2 AND used_at > now() - interval '1 minute')
        RETURNING session_ends_at, next_path
        """,
        sign_in,
        form_id,
        SESSION_HOURS,
    )
    return (row["session_ends_at"], row["next_path"]) if row else None


async def find_session(tx: Tx, session: UUID) -> Identity | None:
    """Return whose session this is, None where it has ended."""
    row = await tx.fetchrow(
        """
        SELECT kind, subject FROM sign_in
        WHERE id = $1 AND used_at IS NOT NULL AND ended_at IS NULL AND session_ends_at > now()
        """,
        session,
    )
    return Identity(row["kind"], row["subject"]) if row else None


async def end_session(tx: Tx, session: UUID) -> None:
    """End a session for good, whoever still holds its cookie."""
    await tx.execute("UPDATE sign_in SET ended_at = now() WHERE id = $1 AND ended_at IS NULL", session)
