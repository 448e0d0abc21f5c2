"""The toy consumer as a service of its own, so that tests can start it, stop it and kill it as a process."""

import os

from shared.messaging import migrate
from shared.service import Service, ServiceSettings
from tests.integration.messaging import toy

migrate.SCHEMAS["toy"] = "toy"

service = Service(os.environ["TOY_GROUP"], "toy", ServiceSettings(), handlers=toy)
service.topics = [os.environ["TOY_TOPIC"]]
app = service.app
