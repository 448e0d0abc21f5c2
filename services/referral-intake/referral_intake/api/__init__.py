"""HTTP in: the practice's doors, FHIR's, and the internal ones of people, agreements and returns."""

from referral_intake.api import agreement, fhir, internal, people, referrals

ROUTERS = (referrals.router, agreement.router, fhir.router, people.router, internal.router)

__all__ = ["ROUTERS"]
