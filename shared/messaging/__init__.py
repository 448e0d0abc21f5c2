"""How services speak to each other without losing or doubling anything."""

from shared.messaging.database import Database
from shared.messaging.errors import NotYet, RejectedMessage, Unavailable
from shared.messaging.handlers import consumes
from shared.messaging.tx import Cause, Tx

__all__ = ["Cause", "Database", "NotYet", "RejectedMessage", "Tx", "Unavailable", "consumes"]
