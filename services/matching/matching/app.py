"""Matching put together: `faststream run matching.app:app --port 8020`."""

from matching import api, clocks, handlers, storage
from matching.config import Settings
from matching.directory.cache import DirectoryCache
from shared.service import Service, Worker

settings = Settings()
service = Service(
    name="matching",
    schema="matching",
    settings=settings,
    handlers=handlers,
    routers=(api.router,),
    workers=(
        Worker("offer_clock", clocks.expire_offers, every_seconds=settings.clock_tick_seconds, after_catching_up=True),
        Worker("queue", clocks.allocate_waiting, every_seconds=settings.clock_tick_seconds, after_catching_up=True),
    ),
    ledger=storage.custody,
    context={"rules": settings.rules, "directory": DirectoryCache()},
)
app = service.app
