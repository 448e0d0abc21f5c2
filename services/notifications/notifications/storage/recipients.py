"""Who can be told, by programme."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import asyncpg

from notifications.domain import Recipient, Role
from shared.messaging import NotYet, Tx


@dataclass(frozen=True, slots=True)
class Book:
    """Some of a programme's recipients; one that the programme does not list has no channel."""

    duty_contact: Recipient
    entries: dict[tuple[str, str], Recipient]

    def of(self, kind: str, id: str) -> Recipient:  # noqa: A002 - it is the recipient's id
        """Return a recipient; an unknown one is named by its id."""
        return self.entries.get((kind, id)) or Recipient(kind, id, name=id)


async def get_recipients(tx: Tx, programme: str, wanted: Iterable[tuple[str, str]]) -> Book:
    """Return the programme's duty contact and those of the wanted (kind, id) that it lists.

    Raises:
        NotYet: the programme has not been applied here.
    """
    pairs = sorted({*wanted, (Role.DUTY_CONTACT.value, programme)})
    rows = await tx.fetch(
        """
        SELECT recipient.* FROM recipient
        JOIN unnest($2::text[], $3::text[]) AS wanted (kind, id) USING (kind, id)
        WHERE programme = $1
        """,
        programme,
        [kind for kind, _ in pairs],
        [name for _, name in pairs],
    )
    entries = {(row["kind"], row["id"]): _recipient(row) for row in rows}
    duty_contact = entries.get((Role.DUTY_CONTACT, programme))
    if duty_contact is None:
        raise NotYet("the programme's recipients have not been applied")
    return Book(duty_contact, entries)


async def replace_recipients(tx: Tx, programme: str, recipients: Sequence[Recipient]) -> None:
    """Make these the programme's recipients; an endpoint that is gone stays so until its address changes."""
    await tx.execute(
        "DELETE FROM recipient WHERE programme = $1 AND NOT (kind || ' ' || id) = ANY ($2::text[])",
        programme,
        [f"{each.kind} {each.id}" for each in recipients],
    )
    await tx.execute(_REPLACE, programme, [asdict(each) for each in recipients])


async def end_endpoint(tx: Tx, programme: str, organisation: str, endpoint: str) -> None:
    """Note that an endpoint is no more; the organisation is told by mail from now on, where it has an address."""
    await tx.execute(
        """
        UPDATE recipient SET endpoint_gone_at = now()
        WHERE programme = $1 AND kind = 'organisation' AND id = $2 AND endpoint = $3 AND endpoint_gone_at IS NULL
        """,
        programme,
        organisation,
        endpoint,
    )


def _recipient(row: asyncpg.Record) -> Recipient:
    channels = tuple(row["channels"])
    if row["endpoint_gone_at"] is not None:
        channels = ("mail",) if row["mail"] else ()
    return Recipient(row["kind"], row["id"], row["name"], row["mail"], channels, row["endpoint"], row["secret_from"])


_REPLACE = """
    INSERT INTO recipient AS known (programme, kind, id, name, mail, channels, endpoint, secret_from)
    SELECT $1, kind, id, name, mail, channels, endpoint, secret_from
    FROM jsonb_to_recordset($2::jsonb)
        AS given (kind text, id text, name text, mail text, channels text[], endpoint text, secret_from text)
    ON CONFLICT (programme, kind, id) DO UPDATE SET
        name = excluded.name,
        mail = excluded.mail,
        channels = excluded.channels,
        endpoint = excluded.endpoint,
        secret_from = excluded.secret_from,
        endpoint_gone_at =
            CASE WHEN known.endpoint IS NOT DISTINCT FROM excluded.endpoint THEN known.endpoint_gone_at END
"""
