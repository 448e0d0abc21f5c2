"""What the same service is known by in two directories, each put into one form of writing."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from matching.directory.charity import charity_in
from matching.directory.record import Read

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PHONE = re.compile(r"(?:\+|\b)\d[\d ().-]{7,}\d")

EMPTY_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "or", "our", "the", "to", "with", "your")
)
LEGAL_WORDS = frozenset(
    ("charity", "charitable", "cic", "cio", "company", "limited", "ltd", "plc", "registered", "scio")
)

SHARED_HOSTS = frozenset(
    (
        *("bit.ly", "eventbrite.co.uk", "eventbrite.com", "facebook.com", "google.com", "instagram.com"),
        *("linkedin.com", "linktr.ee", "m.facebook.com", "sites.google.com", "twitter.com", "x.com", "youtube.com"),
    )
)
"""Hosts that say nothing of whose page it is."""

SHARED_MAIL = frozenset(
    (
        *("aol.com", "blueyonder.co.uk", "btconnect.com", "btinternet.com", "gmail.com", "googlemail.com"),
        *("hotmail.co.uk", "hotmail.com", "icloud.com", "live.co.uk", "live.com", "me.com", "msn.com"),
        *("nhs.net", "ntlworld.com", "outlook.com", "sky.com", "talktalk.net", "tiscali.co.uk"),
        *("virginmedia.com", "yahoo.co.uk", "yahoo.com"),
    )
)
"""Mail domains where anybody has an address."""


@dataclass(frozen=True, slots=True)
class Traits:
    """A record by what it can be known again by; words and the like are sorted and without repetition."""

    own: str
    source: str
    record: str = ""
    name: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    charity: str = ""
    reference: str = ""
    """The source's id where it is one that no two services share by chance."""

    @property
    def key(self) -> tuple[str, str]:
        """What orders records alike whenever they came; `own` may hang on who came first."""
        return self.source, self.record


def traits_of(own: str, source: str, record: str, read: Read) -> Traits:
    """Take from a record what it can be known again by."""
    listing = read.listing
    page, host = _page(listing.url)
    mail = (listing.email or "").strip().lower()
    domain = mail.rpartition("@")[2]
    return Traits(
        own=own,
        source=source,
        record=record,
        name=words_of(listing.name),
        organisation=_without_legal(words_of(listing.organisation_name)),
        postcodes=_sorted(re.sub(r"\s", "", site.postcode).upper() for site in listing.sites if site.postcode),
        phones=phones_of(listing.phone or ""),
        hosts=_sorted([host] if host not in SHARED_HOSTS else []),
        pages=_sorted([page]),
        mails=_sorted([mail]),
        domains=_sorted([domain] if domain not in SHARED_MAIL else []),
        charity=read.charity or charity_in(f"{listing.organisation_description} {listing.description}"),
        reference=read.source_id.lower() if _UUID.fullmatch(read.source_id.lower()) else "",
    )


def words_of(text: str) -> tuple[str, ...]:
    """Return a name's words without accents, apostrophes, empty words and the plural's s."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    found = re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", plain).replace("&", " "))
    kept = [word for word in found if word not in EMPTY_WORDS] or found
    return _sorted(word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word for word in kept)


def phones_of(text: str) -> tuple[str, ...]:
    """Return the telephone numbers in a text as national digits; what has under nine digits is none."""
    found = []
    for match in _PHONE.findall(text.replace("(0)", "")):
        digits = re.sub(r"\D", "", match)
        national = "0" + digits.removeprefix("00").removeprefix("44") if digits.startswith(("44", "0044")) else digits
        found.append(national if len(national) >= 9 else "")
    return _sorted(found)


def _page(url: str | None) -> tuple[str, str]:
    """Return a web address without scheme, and its host; a bare host is no page."""
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    path = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return (f"{host}{path}" if host and path else ""), host


def _without_legal(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in LEGAL_WORDS) or words


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
