"""Play everybody outside Linkway, by the doors that they have and no other.

Nothing here imports a service, what services share, or the runner, and no database's address is known here.
"""

from deploy.demo.driver.book import Book, is_good, last_line
from deploy.demo.driver.cast import Cast
from deploy.demo.driver.doors import Doors
from deploy.demo.driver.ledger import Fate, Ledger, LedgerPage
from deploy.demo.driver.play import play
from deploy.demo.driver.samples import Sample, read_samples

__all__ = [
    "Book",
    "Cast",
    "Doors",
    "Fate",
    "Ledger",
    "LedgerPage",
    "Sample",
    "is_good",
    "last_line",
    "play",
    "read_samples",
]
