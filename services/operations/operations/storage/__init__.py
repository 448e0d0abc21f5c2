"""Every SQL statement of operations."""

from operations.storage import accounts, acts, archive, rounds

__all__ = ["accounts", "acts", "archive", "rounds"]
