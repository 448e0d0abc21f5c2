"""What operations does when nobody asked, beside the ledger: keep the archive's months, send sign-in mails."""

from operations.config import Settings
from operations.storage import archive
from shared.messaging import Cause, Database, Tx
from shared.web.links import Links
from shared.web.sign_in import Identity, send_next_mail

OPERATOR = "operator"


async def maintain_archive(database: Database, settings: Settings) -> int:
    """Make the coming months' partitions of the archive and drop those past their time."""
    async with database.transaction(Cause.tick("archive", "hourly")) as tx:
        await archive.maintain(tx, settings.archive_months)
    return 0


async def send_sign_in_mail(database: Database, settings: Settings) -> int:
    """Mail the next sign-in link that is due; return 1 or 0."""

    async def find_address(_tx: Tx, identity: Identity) -> str | None:
        return settings.staff.get(identity.subject)

    return await send_next_mail(database, settings.mailer(Links(settings.session_key)), find_address)
