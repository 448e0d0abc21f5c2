"""Who may sign in, and what programmes ask of casework."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.clocks import Clock
from shared.messaging import Tx
from shared.web.sign_in import Identity

LINK_WORKER, ORGANISATION = "link-worker", "organisation"


@dataclass(frozen=True)
class LinkWorker:
    """A link worker of a programme, as its file names them."""

    id: str
    programme: str
    name: str
    mail: str


@dataclass(frozen=True)
class Organisation:
    """An organisation of the directory with its registered address."""

    id: str
    name: str
    mail: str


@dataclass(frozen=True)
class Programme:
    """What casework needs of a programme: names of practices, the text of its review delay, its rules' version."""

    id: str
    name: str
    practices: dict[str, str]
    review_after: str
    rules: str


async def save_programme(tx: Tx, programme: Programme) -> None:
    """Keep a programme's settings."""
    await tx.execute(
        """
        INSERT INTO programmes (id, name, practices, review_after, rules) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, practices = excluded.practices,
            review_after = excluded.review_after, rules = excluded.rules
        """,
        programme.id,
        programme.name,
        programme.practices,
        programme.review_after,
        programme.rules,
    )


async def practice_names(tx: Tx, programme: str) -> dict[str, str]:
    """Return what the practices of a programme are called, by id."""
    found = await tx.fetchval("SELECT practices FROM programmes WHERE id = $1", programme)
    return dict(found or {})


async def find_review_clock(tx: Tx, programme: str) -> Clock | None:
    """Return how long an open case of a programme may rest after a contact, None where it does not say."""
    text = await tx.fetchval("SELECT review_after FROM programmes WHERE id = $1", programme)
    return Clock.read(text) if text else None


async def save_link_workers(tx: Tx, programme: str, workers: Iterable[LinkWorker]) -> None:
    """Make these the link workers of a programme; whoever is no longer named can no longer sign in."""
    named = list(workers)
    await tx.execute(
        "UPDATE staff SET active = false WHERE programme = $1 AND id <> ALL ($2::text[])",
        programme,
        [worker.id for worker in named],
    )
    await tx.executemany(
        """
        INSERT INTO staff (id, programme, name, mail) VALUES ($1, $2, $3, lower($4))
        ON CONFLICT (id) DO UPDATE SET programme = excluded.programme, name = excluded.name, mail = excluded.mail,
            active = true
        """,
        [(worker.id, worker.programme, worker.name, worker.mail) for worker in named],
    )


async def save_organisations(tx: Tx, organisations: Iterable[Organisation]) -> None:
    """Keep the registered addresses of organisations."""
    await tx.executemany(
        """
        INSERT INTO organisations (id, name, mail) VALUES ($1, $2, lower($3))
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, mail = excluded.mail
        """,
        [(organisation.id, organisation.name, organisation.mail) for organisation in organisations],
    )


async def find_identity(tx: Tx, mail: str) -> Identity | None:
    """Return whose address this is among those who may sign in by giving it: link workers."""
    found = await tx.fetchval("SELECT id FROM staff WHERE mail = $1 AND active", mail)
    return Identity(LINK_WORKER, found) if found else None


async def find_address(tx: Tx, identity: Identity) -> str | None:
    """Return the address that a sign-in link goes to, None for somebody who may not sign in (any more)."""
    if identity.kind == LINK_WORKER:
        found = await tx.fetchval("SELECT mail FROM staff WHERE id = $1 AND active", identity.subject)
    else:
        found = await tx.fetchval("SELECT mail FROM organisations WHERE id = $1", identity.subject)
    return str(found) if found else None


async def find_link_worker(tx: Tx, worker: str) -> LinkWorker | None:
    """Return a link worker who works here now."""
    row = await tx.fetchrow("SELECT id, programme, name, mail FROM staff WHERE id = $1 AND active", worker)
    return LinkWorker(**dict(row)) if row else None


async def has_address(tx: Tx, organisation: str) -> bool:
    """Say whether an organisation has a registered address."""
    return bool(await tx.fetchval("SELECT true FROM organisations WHERE id = $1", organisation))
