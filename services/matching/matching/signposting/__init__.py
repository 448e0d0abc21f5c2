"""Signposting: pages and a read API for practice staff and the public, about services and never about a person."""

from matching.signposting import api, ask, listing, lists, open_nearby
from matching.signposting.desk import Desk
from shared.web import pages

routers = (pages.router, ask.router, listing.router, open_nearby.router, lists.router, api.router)
"""Every route of signposting; the page of a listing comes before its JSON, which has the same address."""

__all__ = ["Desk", "routers"]
