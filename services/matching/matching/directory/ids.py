"""Makes stable ids of ours out of whatever a feed calls its services and organisations."""

import hashlib
import re
import unicodedata

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HASH_LETTERS = 12


def written(value: object) -> str:
    """Return an id exactly as its feed wrote it; a number of a spreadsheet without its empty fraction, else ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def slug(source_id: str) -> str:
    """Return the id of ours for a feed's id: itself where it is a slug or a UUID, else readable words and a hash.

    The hash is of the whole id, so that ids that only differ in case or signs stay apart; "" for a blank one.
    """
    text = source_id.strip()
    if not text or SLUG.fullmatch(text):
        return text
    return text.lower() if _UUID.fullmatch(text) else _hashed(text, text)


def slug_of_name(name: str) -> str:
    """Return an id for what has only a name, alike for the same words in any case."""
    return _hashed(name, " ".join(name.casefold().split()))


def _hashed(words: str, exact: str) -> str:
    """Join the end of the words, which tells ids of one address apart, to a hash of the exact text."""
    digest = hashlib.sha256(exact.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LETTERS]
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    readable = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[-(63 - _HASH_LETTERS) :].strip("-")
    return f"{readable or 'id'}-{digest}"
