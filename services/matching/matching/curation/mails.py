"""The worker that mails sign-in links to those who mend the directory."""

from matching.config import Settings
from matching.curation.desk import find_address
from shared.messaging import Database
from shared.web.links import Links
from shared.web.sign_in import send_next_mail


async def send_sign_in_mail(database: Database, settings: Settings) -> int:
    """Mail the next sign-in link that is due; return 1 or 0."""
    return await send_next_mail(database, settings.mailer(Links(settings.session_key)), find_address)
