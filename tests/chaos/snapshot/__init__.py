"""All that a Linkway holds once it is quiet, read in full: what the checks compare with the driver's book."""

from tests.chaos.snapshot.everything import read
from tests.chaos.snapshot.found import Arrival, Aside, Choice, Delivery, Line, Place, Reads, Row, Snapshot, Stored

__all__ = [
    "Arrival",
    "Aside",
    "Choice",
    "Delivery",
    "Line",
    "Place",
    "Reads",
    "Row",
    "Snapshot",
    "Stored",
    "read",
]
