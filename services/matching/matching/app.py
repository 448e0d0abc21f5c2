"""Matching put together: `faststream run matching.app:app --port 8020`."""

from matching import api, clocks, handlers, signposting, storage
from matching.config import Settings
from matching.curation import routes
from matching.curation.desk import Desk
from matching.curation.mails import send_sign_in_mail
from matching.directory import schedule
from matching.directory.cache import DirectoryCache
from matching.directory.learning import Learner
from shared.service import Service, Worker
from shared.web.sign_in import MAIL_WORKER

settings = Settings()
directory = DirectoryCache(settings.weighing)
mending = Desk.open(settings, directory)
service = Service(
    name="matching",
    schema="matching",
    settings=settings,
    handlers=handlers,
    routers=(*signposting.routers, mending.sign_in.router, *routes.routers, api.router),
    workers=(
        Worker("fetching", schedule.fetch_sources, every_seconds=settings.directory_tick_seconds),
        Worker(MAIL_WORKER, send_sign_in_mail, every_seconds=settings.sign_in_tick_seconds),
        Worker("meanings", Learner(directory).learn, every_seconds=settings.meanings_tick_seconds),
        Worker("listings", schedule.look_after, every_seconds=settings.directory_tick_seconds),
        Worker("offer_clock", clocks.expire_offers, every_seconds=settings.clock_tick_seconds, after_catching_up=True),
        Worker("hand_over", clocks.hand_over, every_seconds=settings.clock_tick_seconds, after_catching_up=True),
        Worker("matches", clocks.forget_matches, every_seconds=settings.directory_tick_seconds),
        Worker("queue", clocks.allocate_waiting, every_seconds=settings.clock_tick_seconds, after_catching_up=True),
    ),
    ledger=storage.custody,
    context={"rules": settings.rules, "directory": directory},
)
service.http.state.signposting = signposting.Desk.open(settings, directory)
service.http.state.curation = mending
app = service.app
