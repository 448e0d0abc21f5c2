"""Operations' pages for operators, and the ledger for programs."""

from operations.api import console, figures, parked, referral
from shared.web import pages

routers = (pages.router, figures.router, console.router, parked.router, referral.router)
"""Every route of operations but those of signing in."""
