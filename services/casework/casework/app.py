"""Casework, put together."""

from casework import clocks, handlers
from casework.api import routers
from casework.api.desk import Desk
from casework.config import Settings
from casework.storage import custody
from shared.service import Service, Worker
from shared.web.sign_in import MAIL_WORKER


def compose(settings: Settings) -> Service:
    """Make the service from its settings; nothing is connected yet."""
    desk = Desk.open(settings)
    service = Service(
        name="casework",
        schema="casework",
        settings=settings,
        handlers=handlers,
        routers=(desk.sign_in.router, *routers),
        workers=(
            Worker(
                "review_clock", clocks.tell_reviews, every_seconds=settings.review_tick_seconds, after_catching_up=True
            ),
            Worker(MAIL_WORKER, clocks.send_sign_in_mail, every_seconds=settings.sign_in_tick_seconds),
        ),
        ledger=custody.custody,
        context={"rules": settings.rules},
    )
    service.http.state.desk = desk
    service.app.after_shutdown(desk.people.close)
    return service


service = compose(Settings())
app = service.app
