"""The toy service under a name that says `<package>.app:app`, as those of Linkway do."""

from tests.integration.messaging.toy_service import app

__all__ = ["app"]
