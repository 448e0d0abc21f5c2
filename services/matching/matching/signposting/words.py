"""How signposting says things: the wait, why something was ruled out, how to reach a service, what one sends home."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

import segno

from matching.domain import Listing
from matching.domain.signposting import Answer, OpenNearby, PlaceRead, Signpost
from shared.needs import NEEDS
from shared.web.pages import Pages

RULED_OUT = {
    "closed": "It is closed for now.",
    "too-young": "Its lower age limit is above this age.",
    "too-old": "Its upper age limit is below this age.",
    "age-not-known": "It has an age limit, and no age was given.",
    "out-of-area": "It is not for people from this area.",
    "too-far": "It is more than 30 km away.",
    "area-not-known": "It is for one area, and whether this is in it is not known.",
    "full": "It is full at present.",
}
PLACE_NOTES: dict[PlaceRead, str] = {
    "absent": "No postcode was given, so nothing is sorted by distance, and areas are left open.",
    "repaired": "A slip in the postcode was mended.",
    "unknown": "This postcode area is not in our table, so distances are not known.",
    "unreadable": "The postcode could not be read, so nothing is sorted by distance, and areas are left open.",
}
DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday"} | {
    "SA": "Saturday",
    "SU": "Sunday",
}
TOLD_ELSEWHERE = frozenset({"distance", "freshness", "capacity"})
"""Parts of a score that have a line of their own on the page."""

_TELEPHONE = re.compile(r"\+?[0-9 ()-]{6,24}")
_MAIL = re.compile(r"[^@\s,;?&]+@[^@\s,;?&]+")


@dataclass(frozen=True, slots=True)
class Wait:
    """Whether there is room, as a kind for colours and a sentence; `said` is who knows and since when."""

    kind: str
    sentence: str
    said: str


@dataclass(frozen=True, slots=True)
class Card:
    """A service as it is shown in a list of them."""

    listing: Listing
    wait: Wait
    km: float | None = None
    reasons: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def card_of(listing: Listing, taken: int, km: float | None = None) -> Card:
    """Show a service that nobody asked anything about."""
    return Card(listing, wait(listing, taken), km)


def cards_of(found: Answer | Iterable[OpenNearby]) -> list[Card]:
    """Show the services that answer a question, or those that are open nearby."""
    if isinstance(found, Answer):
        return [_answering(each) for each in found.signposts]
    return [card_of(each.listing, each.taken, each.km) for each in found]


def _answering(signpost: Signpost) -> Card:
    proposal = signpost.proposal
    reasons = tuple(part.reason for part in proposal.parts if part.value > 0 and part.name not in TOLD_ELSEWHERE)
    card = card_of(signpost.listing, signpost.taken, proposal.distance_km)
    return Card(card.listing, card.wait, card.km, reasons, proposal.questions)


def wait(listing: Listing, taken: int) -> Wait:
    """Say whether there is room: by free places where they are counted, else by what the organisation said."""
    places, available = listing.capacity.places, listing.availability
    at = available.stated_at or listing.capacity.counted_at
    said = f"said on {written(at.date())}" if at else ""
    if available.state == "waiting":
        weeks = available.waiting_weeks
        about = "" if weeks is None else f", about {weeks} {'week' if weeks == 1 else 'weeks'}"
        return Wait("warm", f"Waiting list{about}", said)
    if available.state == "paused":
        return Wait("warm", "Takes nobody new for now", said)
    if available.state == "full" or (places is not None and places <= taken):
        return Wait("warm", "Full at present", said)
    if places is not None:
        free = places - taken
        return Wait("good", f"{free} {'place' if free == 1 else 'places'} free", said)
    if available.state == "open":
        return Wait("good", "Open", said)
    return Wait("", "Wait not known: ask", "")


def checked(listing: Listing) -> str:
    """Say when the listing was last checked, and whether somebody doubts it."""
    accuracy = listing.accuracy
    on = max((each for each in (listing.checked_on, accuracy.confirmed_on) if each), default=None)
    told = f"Last checked on {written(on)}" if on else "When it was last checked is not known"
    return f"{told}; somebody doubts it, so call first" if accuracy.level in ("doubtful", "wrong") else told


def far(km: float) -> str:
    """Write a distance."""
    return "under 1 km away" if km < 1 else f"about {km:.0f} km away"


def written(on: date) -> str:
    """Write a date with its year: *2 March 2026*."""
    return f"{on.day} {on:%B %Y}"


def ruled_out(code: str) -> str:
    """Say why a service came near and is not shown."""
    return RULED_OUT.get(code, code.replace("-", " "))


def need_name(code: str | None) -> str:
    """Return a need as people call it."""
    if code is None:
        return "several others together"
    return NEEDS[code].name if code in NEEDS else "not recognised"


def web_link(address: str | None) -> str | None:
    """Return an address that a link may lead to: another scheme than the web's could run something."""
    if not address:
        return None
    whole = address if "://" in address else f"https://{address}"
    try:
        parts = urlsplit(whole)
    except ValueError:
        return None
    return whole if parts.scheme in ("http", "https") and "." in parts.netloc and " " not in whole else None


def telephone_link(written_number: str | None) -> str | None:
    """Return what a telephone dials, or None where it is more than one number or none."""
    text = (written_number or "").strip()
    if not _TELEPHONE.fullmatch(text):
        return None
    digits = re.sub(r"[^0-9+]", "", text.replace("(0)", "") if text.startswith("+") else text)
    return f"tel:{digits}"


def mail_link(address: str | None) -> str | None:
    """Return a link that writes to a service, or None where the address is none."""
    text = (address or "").strip()
    return f"mailto:{quote(text, safe='@')}" if _MAIL.fullmatch(text) else None


def times(listing: Listing) -> list[str]:
    """Write when a service is given, a line for each of its schedules."""
    lines = []
    for each in listing.schedules:
        days = ", ".join(DAYS.get(day.strip(), day.strip()) for day in each.days.split(",")) if each.days else ""
        hours = f"{each.opens_at} to {each.closes_at}" if each.opens_at and each.closes_at else each.opens_at or ""
        told = bool(each.opens_at) and (each.opens_at or "") in each.description
        line = "" if told else " ".join(part for part in (days, hours) if part)
        lines.append(": ".join(part for part in (line, each.description) if part))
    return [line for line in lines if line]


def ages(listing: Listing) -> str:
    """Write for whom by age, empty where it is not stated."""
    low, high = listing.minimum_age, listing.maximum_age
    if low and high is not None:
        return f"{low} to {high}"
    if low:
        return f"{low} and over"
    return f"up to {high}" if high is not None else ""


def letter(cards: Iterable[Card], address: str) -> str:
    """Return the text that one sends to oneself: names, contacts and the page's address; nothing of what was asked."""
    parts = []
    for card in cards:
        each = card.listing
        lines = [each.name, each.organisation_name, each.phone, each.email, each.url]
        parts.append("\n".join(dict.fromkeys(line for line in lines if line)))
    return "\n\n".join([*parts, address])


def short_letter(cards: Iterable[Card], address: str) -> str:
    """Return the same for a text message: a line a service."""
    listings = (card.listing for card in cards)
    lines = [" ".join(filter(None, (each.name, each.phone or each.email or each.url))) for each in listings]
    return "\n".join([*lines, address])


def mail_to_self(cards: Iterable[Card], address: str) -> str:
    """Return a link that opens a mail with no addressee."""
    return f"mailto:?subject={quote('Services to contact')}&body={quote(letter(cards, address), safe='')}"


def text_to_self(cards: Iterable[Card], address: str) -> str:
    """Return a link that opens a text message with no addressee; `?&` is what both kinds of telephone understand."""
    return f"sms:?&body={quote(short_letter(cards, address), safe='')}"


def qr(address: str) -> str:
    """Return a QR code of an address as SVG for a page, with its quiet zone, without style or script."""
    return segno.make_qr(address, error="l").svg_inline(border=4, dark="#000", light="#fff", omitsize=True)


def taught(pages: Pages) -> Pages:
    """Give templates these ways to write."""
    pages.add_filters(
        checked=checked,
        far=far,
        written=written,
        ruled_out=ruled_out,
        need_name=need_name,
        web_link=web_link,
        telephone_link=telephone_link,
        mail_link=mail_link,
        times=times,
        ages=ages,
        qr=qr,
    )
    return pages
