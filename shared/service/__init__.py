"""What every service has: settings, logs, health, metrics, HTTP, workers, and the door for operations."""

from shared.service.app import Service
from shared.service.door import Custody
from shared.service.http import Internal, RequestDatabase, get_database, require_internal
from shared.service.problems import Problem
from shared.service.settings import Key, ServiceSettings, key_bytes
from shared.service.workers import Worker

__all__ = [
    "Custody",
    "Internal",
    "Key",
    "Problem",
    "RequestDatabase",
    "Service",
    "ServiceSettings",
    "Worker",
    "get_database",
    "key_bytes",
    "require_internal",
]
