"""Put referral-intake together: settings, keys, doors, handlers and clocks."""

from referral_intake import handlers, storage
from referral_intake.api import ROUTERS
from referral_intake.clocks import OverdueClock
from referral_intake.config import Settings
from referral_intake.erasing import ErasureLog
from referral_intake.receiving import Desk
from shared.service import Service, Worker


def compose(settings: Settings) -> Service:
    """Make the service from its settings; nothing is connected yet."""
    desk = Desk.of(settings)
    keyring = desk.vault.keyring
    overdue, log = OverdueClock(desk), ErasureLog(desk.vault)
    service = Service(
        name="referral-intake",
        schema="intake",
        settings=settings,
        handlers=handlers,
        routers=ROUTERS,
        workers=(
            Worker("overdue_clock", overdue, every_seconds=settings.clock_tick_seconds, after_catching_up=True),
            Worker("erasure_log", log, every_seconds=settings.erasure_tick_seconds),
        ),
        ledger=storage.custody,
        checks={"key_database": keyring.answers},
    )
    service.http.state.desk = desk
    service.app.on_startup(keyring.open)
    service.app.after_shutdown(keyring.close)
    return service


service = compose(Settings())
app = service.app
