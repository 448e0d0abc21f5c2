"""How the pages of mending say things: who did what, what speaks against a listing, and what came of offers."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from matching.curation.provenance import Origin
from matching.domain import Listing
from matching.signposting import words as signposting
from matching.signposting.words import written
from matching.storage.curation import Act
from shared.needs import NEEDS
from shared.web.pages import Pages

WHO = {
    "link-worker": "a link worker",
    "curator": "the third-sector interface",
    "organisation": "its organisation",
    "clock": "the calendar",
}
CONTACT_KINDS = {"phone": "By telephone", "visit": "I was there", "meeting": "At a meeting", "message": "By message"}
CONTACTS = {"phone": "a call", "visit": "a visit", "meeting": "a meeting", "message": "a message"}
STATES = {
    "open": "Open: they take people",
    "waiting": "Waiting list",
    "full": "Full just now",
    "paused": "They take nobody new for now",
}
FINDINGS = {
    "reported-closed": "It may have closed",
    "details-wrong": "Details are wrong",
    "mail-bounced": "Mail comes back",
    "age-not-verified": "Its age limit may be wrong",
    "funding-ended": "Its funding has ended",
}
REPORTS = ("reported-closed", "details-wrong", "mail-bounced", "age-not-verified")
"""What people report; the end of a funding is noticed by its date."""
SETTLED = {"confirmed": "its organisation confirmed it", "corrected": "corrected", "withdrawn": "it was not so"}
ACCURACY = {
    "checked": ("good", "Checked within a year"),
    "unchecked": ("", "Not checked lately"),
    "doubtful": ("warm", "Somebody doubts it"),
    "wrong": ("alert", "Probably no longer right"),
}
TASKS = {
    "funding-ends": "Funding ends",
    "ask-organisation": "Ask the organisation",
    "lost-by-its-sources": "Its directories lost it",
}
DECLINED = {
    "full": "no place just then",
    "not-suitable": "not right for what was asked",
    "out-of-area": "outside the area",
    "could-not-reach": "the person could not be reached",
    "closed": "ended or closed",
    "other": "another reason",
}
STATUSES = {"active": "It runs", "temporarily-closed": "Closed for now", "inactive": "Closed for good"}
FIELDS = {
    "name": "name",
    "description": "what it is for",
    "sites": "where",
    "schedules": "when",
    "phone": "telephone",
    "email": "e-mail",
    "url": "website",
    "fees": "cost",
    "eligibility": "for whom",
    "alert": "note at the top",
    "minimum_age": "lower age limit",
    "maximum_age": "upper age limit",
    "status": "whether it runs",
    "needs": "what it helps with",
}
DONE = {
    "added": "It is in the directory now, and people can find it.",
    "spoke": "Thank you. The listing counts as checked on that day.",
    "room": "Thank you. Everybody who looks sees it now.",
    "right": "Thank you. The listing counts as checked today.",
    "corrected": "It is corrected. The next import of its directory does not undo that.",
    "nothing": "Nothing was different, so nothing was changed.",
    "report": "Thank you. It does not stand lower before its organisation was asked and had two weeks.",
    "asked": "It is noted that they were asked. They have two weeks.",
    "unfounded": "It no longer speaks against the listing.",
    "funding": "It is noted. Eight weeks before, it is on the list of what is to do.",
    "split": "It is a listing of its own again, and stays one.",
    "contact": "It is noted.",
    "joined": "They are one listing now.",
    "apart": "They stay two listings.",
}
ACTS: Mapping[str, str] = {
    "added": "Added by",
    "spoke": "Spoken with by",
    "room": "Told by",
    "right": "Confirmed by",
    "corrected": "Corrected by",
    "report": "Reported by",
    "asked": "Its organisation was asked by",
    "unfounded": "A report was taken back by",
    "funding": "End of funding noted by",
    "split": "Split by",
    "contact": "Contact noted by",
    "joined": "Joined by",
    "apart": "Kept apart by",
}


def who(by: str) -> str:
    """Say who did something, by role."""
    return WHO.get(by.partition(":")[0], "somebody")


def said(act: Act) -> str:
    """Say in a line what was said by an act."""
    told = act.said
    parts = [CONTACTS.get(str(told.get("kind", "")), "")]
    if "on" in told:
        parts.append(f"on {written(date.fromisoformat(told['on']))}")
    if "state" in told:
        parts.append(_room(told))
    if "finding" in told:
        parts.append(FINDINGS.get(told["finding"], told["finding"]).lower())
    if "fields" in told:
        parts.append(", ".join(FIELDS.get(field, field) for field in told["fields"]))
    if "until" in told:
        parts.append(f"until {written(date.fromisoformat(told['until']))}" if told["until"] else "it goes on")
    return ", ".join(part for part in parts if part)


def _room(told: Mapping[str, Any]) -> str:
    places, weeks = told.get("places"), told.get("weeks")
    count = "" if places is None else f", {places} {'place' if places == 1 else 'places'}"
    wait = "" if weeks is None else f", about {weeks} {'week' if weeks == 1 else 'weeks'}"
    return f"{told['state']}{count}{wait}"


def origin(found: Origin | None) -> str:
    """Say where a value comes from."""
    if found is None:
        return ""
    if found.corrected_by:
        return f"Corrected here on {written(found.on)} by {who(found.corrected_by)}"
    sources = " and ".join("added here" if source == "local" else f"from {source}" for source in found.sources)
    return f"{sources[:1].upper()}{sources[1:]}, {written(found.on)}"


def lasted(seconds: float | None) -> str:
    """Say how long something took, roughly."""
    if seconds is None:
        return "no answer yet"
    hours = seconds / 3600
    if hours < 1:
        return "within an hour"
    if hours < 36:
        return f"within {round(hours) or 1} {'hour' if round(hours) <= 1 else 'hours'}"
    return f"within {round(hours / 24)} days"


def where(listing: Listing) -> str:
    """Write the first place where a service is given, as it is typed."""
    site = listing.sites[0] if listing.sites else None
    return ", ".join(part for part in (site.name, site.postcode) if part) if site else ""


def place(listing: Listing) -> str:
    """Say in a line where a service is: its places, or its areas."""
    sites = [", ".join(part for part in (site.name, site.postcode) if part) for site in listing.sites[:2]]
    return "; ".join(filter(None, sites)) or ", ".join(area.name or area.code or "" for area in listing.areas[:3])


def _word(table: Mapping[str, str], code: str) -> str:
    return table.get(code, code.replace("-", " "))


def taught(pages: Pages) -> Pages:
    """Give templates these ways to write, beside those of signposting."""
    tables = {"finding": FINDINGS, "contact": CONTACTS, "settled": SETTLED, "task": TASKS, "declined": DECLINED}
    filters: dict[str, Callable[..., Any]] = {name: partial(_word, table) for name, table in tables.items()}
    filters |= {
        "who": who,
        "said": said,
        "origin": origin,
        "lasted": lasted,
        "where": where,
        "place": place,
        "did": partial(_word, ACTS),
        "need": lambda code: NEEDS[code].name if code in NEEDS else code,
        "wait": signposting.wait,
    }
    signposting.taught(pages).add_filters(**filters)
    return pages
