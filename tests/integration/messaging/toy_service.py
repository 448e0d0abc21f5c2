"""The toy consumer as a service of its own, so that tests can start it, stop it and kill it as a process."""

import os
from dataclasses import replace

from shared.messaging import migrate
from shared.messaging.membership import LoopSettings
from shared.service import Service, ServiceSettings
from tests.integration.messaging import toy

migrate.SCHEMAS["toy"] = "toy"


class Settings(ServiceSettings):
    """Those of a service, but for the batch in hand at a stop: a busy machine may need longer than five seconds."""

    @property
    def loop(self) -> LoopSettings:
        """The consumer loop's settings."""
        return replace(super().loop, stop_wait_seconds=60)


service = Service(os.environ["TOY_GROUP"], "toy", Settings(), handlers=toy)
service.topics = [os.environ["TOY_TOPIC"]]
app = service.app
