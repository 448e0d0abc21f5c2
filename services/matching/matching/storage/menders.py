"""The statements on who may mend the directory: staff by a programme's file, organisations by their addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.messaging import Tx

LINK_WORKER, CURATOR, ORGANISATION = "link-worker", "curator", "organisation"


@dataclass(frozen=True, slots=True)
class Staff:
    """A link worker or a curator, by an opaque id, with the address that their sign-in link goes to."""

    role: str
    id: str
    mail: str
    until: date | None = None


async def save_staff(tx: Tx, programme: str, people: Sequence[Staff]) -> None:
    """Make these the staff of a programme; whoever is no longer named can no longer sign in."""
    await tx.execute(
        """
        UPDATE staff SET active = false WHERE programme = $1
            AND (role, id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))
        """,
        programme,
        [each.role for each in people],
        [each.id for each in people],
    )
    await tx.executemany(
        """
        INSERT INTO staff (role, id, programme, mail, until) VALUES ($1, $2, $3, lower($4), $5)
        ON CONFLICT (role, id) DO UPDATE SET programme = $3, mail = lower($4), until = $5, active = true
        """,
        [(each.role, each.id, programme, each.mail, each.until) for each in people],
    )


async def save_registered(tx: Tx, mails: Sequence[tuple[str, str]]) -> None:
    """Keep organisations' registered addresses."""
    await tx.executemany(
        """
        INSERT INTO registered_mail (organisation, mail) VALUES ($1, lower($2))
        ON CONFLICT (organisation) DO UPDATE SET mail = lower($2)
        """,
        mails,
    )


async def find_staff(tx: Tx, mail: str) -> tuple[str, str] | None:
    """Return role and id of whose address this is among the staff; who is both signs in as curator."""
    row = await tx.fetchrow(
        """
        SELECT role, id FROM staff WHERE mail = $1 AND active AND (until IS NULL OR until >= current_date)
        ORDER BY role, id LIMIT 1
        """,
        mail,
    )
    return (row["role"], row["id"]) if row else None


async def find_staff_mail(tx: Tx, role: str, staff: str) -> str | None:
    """Return the address of somebody who is on the staff now."""
    mail: str | None = await tx.fetchval(
        """
        SELECT mail FROM staff WHERE role = $1 AND id = $2 AND active AND (until IS NULL OR until >= current_date)
        """,
        role,
        staff,
    )
    return mail


async def find_mailbox(tx: Tx, mail: str) -> UUID | None:
    """Return the opaque id of an organisation's address, None for one that no listing or organisation has."""
    if not await find_services_of(tx, mail, 1):
        return None
    mailbox: UUID = await tx.fetchval(
        """
        INSERT INTO mailbox (id, mail) VALUES ($1, $2) ON CONFLICT (mail) DO UPDATE SET mail = excluded.mail
        RETURNING id
        """,
        tx.new_id("mailbox"),
        mail,
    )
    return mailbox


async def find_mailbox_mail(tx: Tx, mailbox: UUID) -> str | None:
    """Return the address behind an opaque id."""
    mail: str | None = await tx.fetchval("SELECT mail FROM mailbox WHERE id = $1", mailbox)
    return mail


async def find_services_of(tx: Tx, mail: str, limit: int) -> list[str]:
    """Return the services that are an address's own: those that state it, and all of whose organisation it is."""
    rows = await tx.fetch(
        """
        SELECT id, name FROM service WHERE lower(email) = $1 AND joined_into IS NULL
        UNION SELECT id, name FROM service JOIN registered_mail USING (organisation)
        WHERE registered_mail.mail = $1 AND joined_into IS NULL
        ORDER BY name, id LIMIT $2
        """,
        mail,
        limit,
    )
    return [row["id"] for row in rows]
