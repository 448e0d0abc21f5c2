"""Everything that names a person: the only place in Linkway where it is opened, and always sealed at rest."""

from referral_intake.people.keyring import PersonErasedError
from referral_intake.people.vault import Vault, open_request, seal_request

__all__ = ["PersonErasedError", "Vault", "open_request", "seal_request"]
