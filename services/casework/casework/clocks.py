"""What casework does when nobody asked: reviews that fall due, and sign-in mails."""

from casework import domain
from casework.config import Settings
from casework.storage import cases, custody, staff
from shared.messaging import Cause, Database
from shared.web.links import Links
from shared.web.sign_in import send_next_mail

BATCH = 50


async def tell_reviews(database: Database, _settings: Settings) -> int:
    """Say of each case whose review date has passed that it has, once for each date; return how many."""
    async with database.transaction(Cause.tick("review_clock", "look")) as tx:
        due = await custody.find_reviews_due(tx, BATCH)
    for referral, review_at in due:
        async with database.transaction(Cause.tick("review_clock", f"{referral} {review_at.isoformat()}")) as tx:
            case = await cases.get_case(tx, referral)
            if due_now := domain.review(case, tx.now):
                await cases.save_case(tx, due_now.case)
                tx.publish(due_now.event)
    return len(due)


async def send_sign_in_mail(database: Database, settings: Settings) -> int:
    """Mail the next sign-in link that is due; return 1 or 0."""
    links = Links(settings.session_key)
    return await send_next_mail(database, settings.mailer(links), staff.find_address)
