"""Put notifications together: settings, handlers, senders, doors."""

from notifications import api, handlers, storage
from notifications.channels import senders
from notifications.config import Settings
from notifications.deliveries import record_lost
from shared.service import Service, Worker

settings = Settings()
outgoing = senders(settings)
service = Service(
    name="notifications",
    schema="notifications",
    settings=settings,
    handlers=handlers,
    routers=(api.router,),
    workers=(
        *(sender.worker for sender in outgoing),
        Worker("lost", record_lost, every_seconds=settings.delivery_poll_seconds),
    ),
    ledger=storage.custody,
    context={"settings": settings},
)
app = service.app
for sender in outgoing:
    app.after_shutdown(sender.close)
