"""Operations, put together."""

import httpx

from operations import clocks, handlers
from operations.api import routers
from operations.api.desk import Desk
from operations.config import ITSELF, Settings
from operations.ledger import Ledger
from operations.peers import Peers
from shared.messaging.log_ends import LogEnds
from shared.service import Service, Worker
from shared.web.sign_in import MAIL_WORKER


def compose(settings: Settings) -> Service:
    """Make the service from its settings; nothing is connected yet."""
    peers, log_ends = Peers(), LogEnds(settings.kafka, "linkway-ledger")
    ledger = Ledger(peers, log_ends, settings)
    desk = Desk.open(ledger)
    pages = (desk.sign_in.router, *routers)
    workers = (
        Worker("ledger", ledger.tick, every_seconds=settings.ledger_every_seconds),
        Worker("archive", clocks.maintain_archive, every_seconds=3600),
        Worker(MAIL_WORKER, clocks.send_sign_in_mail, every_seconds=settings.sign_in_tick_seconds),
    )
    service = Service(ITSELF, ITSELF, settings, handlers=handlers, routers=pages, workers=workers)
    peers.open(settings, {ITSELF: httpx.ASGITransport(service.http)})
    service.http.state.desk = desk
    service.app.after_shutdown(peers.close)
    service.app.after_shutdown(log_ends.close)
    return service


service = compose(Settings())
app = service.app
