"""Casework's pages: the link worker's, and each organisation's by the link in its mail."""

from casework.api import agreement, caseload, contact_details, link_worker, offers, referral
from shared.web import pages

routers = (
    pages.router,
    caseload.router,
    referral.router,
    link_worker.router,
    agreement.router,
    offers.router,
    contact_details.router,
)
"""Every route of casework but those of signing in."""
