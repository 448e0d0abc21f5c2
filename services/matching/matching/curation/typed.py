"""Reads what was typed into the forms of mending: places, contacts, days, numbers, notes; a fault is a result."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from matching.curation.forms import SpokeForm
from matching.domain import Stated, state_availability
from shared.clocks import PLACE
from shared.needs import NEEDS
from shared.places import Postcode, read_postcode

Faults = dict[str, str]
"""What is wrong with a form, by field."""

DAYS_BACK = 31
MOST_PLACES, MOST_WEEKS = 500, 200
HOLDS = {"7": "a week", "14": "two weeks", "28": "four weeks", "84": "twelve weeks"}
MOST_FUNDED_YEARS = 20
NAMES_SOMEBODY = "Please leave out whom you spoke with. Who they were is not kept."

_WHOLE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
_FIRST_PART = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\b", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[A-Za-z]{2,}")
_PAGE = re.compile(r"(?:https?://|www\.)\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:/\S*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[0-9][0-9 ()\-]{4,22}[0-9]")
_SPOKEN_WITH = re.compile(
    r"\b(?i:spoke|spoken|speaking|talked|talking|chatted|met)\s+(?:(?:to|with)\s+)?([A-Z][a-z]+)"
    r"|\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+([A-Z][a-z]+)"
)
_NO_NAMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december today yesterday
    """.split()  # noqa: SIM905  # a list of quoted words hides a wrong one
)


@dataclass(frozen=True, slots=True)
class Where:
    """What was read of a place: a postcode and what people call the place, or only words."""

    postcode: Postcode | None
    rest: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach a group."""

    phone: str | None = None
    email: str | None = None
    url: str | None = None


def read_where(typed: str) -> Where:
    """Find a postcode, or its first part, among what was typed; the rest is what people call the place."""
    for pattern in (_WHOLE, _FIRST_PART):
        for found in reversed(list(pattern.finditer(typed))):
            if postcode := read_postcode(found[0]):
                rest = typed[: found.start()] + " " + typed[found.end() :]
                return Where(postcode, " ".join(rest.split()).strip(" ,;"))
    mended = read_postcode(typed) if len(typed) <= 9 and re.search("[0-9]", typed) else None
    return Where(mended, "") if mended else Where(None, typed)


def read_contact(typed: str) -> Reach:
    """Find a telephone number, an address and a website among what was typed."""
    mail = _MAIL.search(typed)
    rest = typed.replace(mail[0], " ") if mail else typed
    page = _PAGE.search(rest)
    rest = rest.replace(page[0], " ") if page else rest
    number = _NUMBER.search(rest)
    return Reach(
        number[0].strip() if number else None, mail[0] if mail else None, page[0].rstrip(".,;") if page else None
    )


def days_to_choose(today: date) -> list[tuple[str, str]]:
    """Return the days that a word may be of, today first, as people call them."""
    found = []
    for back in range(DAYS_BACK):
        day = today - timedelta(days=back)
        called = f"{day:%A} {day.day} {day:%B}"
        found.append((day.isoformat(), f"{['Today', 'Yesterday'][back]}, {called}" if back < 2 else called))
    return found


def read_day(typed: str, today: date) -> date | None:
    """Return the day of a word, today where none was chosen; None for one that cannot be."""
    try:
        day = date.fromisoformat(typed) if typed else today
    except ValueError:
        return None
    return day if today - timedelta(days=DAYS_BACK) <= day <= today else None


def read_spoke(form: SpokeForm, now: datetime) -> tuple[date, Stated | None, Faults]:
    """Return the day and whether they have room, None where that was not asked, with what is wrong."""
    today = now.astimezone(PLACE).date()
    faults: Faults = {}
    day = read_day(form.on, today)
    if day is None:
        faults["on"] = "Choose a day of the last month."
    places = read_number(form.places, "places", MOST_PLACES, faults)
    weeks = read_number(form.weeks, "weeks", MOST_WEEKS, faults)
    if not form.state and (form.places or form.weeks):
        faults["state"] = "Say whether they are open or have a waiting list."
    elif form.places and form.state != "open":
        faults.setdefault("places", "Only what is open has places. Leave it empty, or choose open.")
    elif form.weeks and form.state != "waiting":
        faults.setdefault("weeks", "Only a waiting list has weeks. Leave it empty, or choose the list.")
    elif form.state == "open" and places == 0:
        faults["places"] = "Open without a place is full: choose full, or leave it empty."
    if faults or not form.state:
        return day or today, None, faults
    said_at = now - (today - (day or today))
    holds = int(form.days)
    if (today - (day or today)).days >= holds:
        return day or today, None, {"days": "That time is over already. Choose a longer one."}
    return day or today, state_availability(form.state, said_at, places=places, waiting_weeks=weeks, days=holds), {}


def read_number(typed: str, field: str, most: int, faults: Faults) -> int | None:
    """Return a whole number, None where nothing was typed; else say what is wrong."""
    if not typed:
        return None
    if not re.fullmatch("[0-9]{1,6}", typed) or int(typed) > most:
        faults[field] = f"A whole number up to {most}, or nothing."
        return None
    return int(typed)


def names_somebody(note: str, known: Iterable[str] = ()) -> bool:
    """Say whether a note seems to name whom somebody spoke with; words of the listing's own names are no person's."""
    own = _NO_NAMES.union(word.lower() for text in known for word in re.findall("[A-Za-z]+", text))
    found = (first or second for first, second in _SPOKEN_WITH.findall(note))
    return any(name.lower() not in own for name in found)


def check_note(note: str, faults: Faults, *known: str) -> None:
    """Say what is wrong with a note."""
    if names_somebody(note, known):
        faults["note"] = NAMES_SOMEBODY
    elif len(note) > 1000:
        faults["note"] = "At most 1,000 letters."


def known_needs(codes: Iterable[str]) -> tuple[str, ...]:
    """Return those codes that the vocabulary has, each once."""
    return tuple(dict.fromkeys(code for code in codes if code in NEEDS))


def read_funding(typed: str, today: date, faults: Faults) -> date | None:
    """Return the day on which a funding ends, None where nothing was typed; else say what is wrong."""
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        faults["ends_on"] = "Write the day, month and year."
        return None
    if not today <= day <= today.replace(day=1, year=today.year + MOST_FUNDED_YEARS):
        faults["ends_on"] = "A day from today on."
        return None
    return day


def said_of(state: str, stated: Stated | None) -> Mapping[str, Any]:
    """Return what was said of room, to be kept with the act."""
    if stated is None:
        return {}
    told = {"state": state, "places": stated.places if state == "open" else None}
    return {**told, "weeks": stated.availability.waiting_weeks}
