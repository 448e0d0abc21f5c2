"""Every SQL statement of notifications."""

from notifications.storage.custody import custody, get_deliveries, retry, take_up
from notifications.storage.deliveries import (
    Claimed,
    Judged,
    claim,
    find_lost,
    save_deliveries,
    save_judged,
    supersede,
)
from notifications.storage.recipients import Book, end_endpoint, get_recipients, replace_recipients
from notifications.storage.referrals import answer_offer, end_offers, learn, save_offer

__all__ = [
    "Book",
    "Claimed",
    "Judged",
    "answer_offer",
    "claim",
    "custody",
    "end_endpoint",
    "end_offers",
    "find_lost",
    "get_deliveries",
    "get_recipients",
    "learn",
    "replace_recipients",
    "retry",
    "save_deliveries",
    "save_judged",
    "save_offer",
    "supersede",
    "take_up",
]
