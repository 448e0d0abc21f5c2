"""Reads the fields of an HSDS-UK 3.0 service one by one: what a record does not speak of is in no answer."""

from collections.abc import Mapping
from typing import Any

from matching.directory.raw import SLUG, Raw, instant
from matching.directory.text import link, mail, plain
from matching.domain import Capacity, Schedule
from matching.domain.listing import Status
from shared.needs import NEEDS

STATUSES: Mapping[str, Status] = {
    "active": "active",
    "inactive": "inactive",
    "defunct": "defunct",
    "temporarily closed": "temporarily-closed",
}


def status(raw: Raw) -> dict[str, Any]:
    """Read the status; what is no word of HSDS is unknown."""
    text = plain(raw.body.get("status"), 64).lower().replace("-", " ")
    if text not in STATUSES:
        raw.leave_out("status: not a word of HSDS")
    return {"status": STATUSES.get(text, "unknown")}


def texts(raw: Raw) -> dict[str, Any]:
    """Read what the listing says in words."""
    found: dict[str, Any] = {}
    if "description" in raw.body:
        found["description"] = plain(raw.body["description"], 4000)
    for name, theirs, most in (("alert", "alert", 400), ("eligibility", "eligibility_description", 300)):
        if theirs in raw.body:
            found[name] = plain(raw.body[theirs], most) or None
    return found


def contact(raw: Raw) -> dict[str, Any]:
    """Read how to reach the service; `contacts` are named people, who stay where they are."""
    found: dict[str, Any] = {}
    for name, reader in (("url", link), ("email", mail)):
        if name in raw.body:
            found[name] = reader(raw.body[name])
            if found[name] is None and plain(raw.body[name], 500):
                raw.leave_out(f"{name}: not of its form")
    if "phones" in raw.body:
        numbers = (plain(entry.get("number"), 40) for entry in raw.entries("phones"))
        found["phone"] = next((number for number in numbers if number), None)
    return found


def fees(raw: Raw) -> dict[str, Any]:
    """Read what it costs, in words and in a line of amounts."""
    found: dict[str, Any] = {}
    if "fees" in raw.body:
        found["fees"] = plain(raw.body["fees"], 300) or None
    if "cost_options" in raw.body:
        found["costs"] = "; ".join(filter(None, map(_cost, raw.entries("cost_options"))))[:400] or None
    return found


def _cost(entry: Mapping[str, Any]) -> str:
    amount, option = entry.get("amount"), plain(entry.get("option"), 100)
    pounds = f"£{amount:g}" if isinstance(amount, int | float) and 0 <= amount < 1_000_000 else ""
    parts = (pounds, plain(entry.get("amount_description"), 100), f"({option})" if option else "")
    return " ".join(part for part in parts if part)


def ages(raw: Raw) -> dict[str, Any]:
    """Read the age limits in whole years; vendors write -1 where there is none."""
    found = {}
    for name in ("minimum_age", "maximum_age"):
        if name in raw.body:
            found[name] = _age(raw, name)
    low, high = found.get("minimum_age"), found.get("maximum_age")
    if low is not None and high is not None and low > high:
        raw.leave_out("minimum_age, maximum_age: the least is above the most")
        return {"minimum_age": None, "maximum_age": None}
    return found


def _age(raw: Raw, name: str) -> int | None:
    value = raw.body[name]
    try:
        years = None if value in (None, "") else int(float(value))
    except (TypeError, ValueError, OverflowError):
        years = -2
    if years is None or years == -1:
        return None
    if not 0 <= years <= 150:
        raw.leave_out(f"{name}: no age")
        return None
    return years


def terms(raw: Raw) -> dict[str, Any]:
    """Read the coded attributes: needs by the vocabulary's codes, formats and access by their link type."""
    if "attributes" not in raw.body:
        return {}
    found: dict[str, list[str]] = {"needs": [], "formats": [], "access": []}
    for entry in raw.entries("attributes"):
        term = entry.get("taxonomy_term")
        term = term if isinstance(term, Mapping) else {}
        told = [plain(value, 64).lower() for value in (entry.get("value"), term.get("term"), term.get("code"))]
        codes = [code for code in told if SLUG.fullmatch(code)]
        kind = {"format": "formats", "access": "access"}.get(plain(entry.get("link_type"), 64).lower(), "needs")
        if kind == "needs":
            codes = [code for code in codes if code in NEEDS]
            if not codes and "need" in plain(entry.get("link_type"), 64).lower():
                raw.leave_out("attributes: a need that the vocabulary does not have")
        found[kind] += codes[:1]
    return {name: tuple(sorted(set(codes))) for name, codes in found.items()}


def languages(raw: Raw) -> dict[str, Any]:
    """Read in which languages it is given."""
    if "languages" not in raw.body:
        return {}
    told = (plain(entry.get("code") or entry.get("name"), 64).lower() for entry in raw.entries("languages"))
    return {"languages": tuple(sorted({language for language in told if language}))}


def schedules(raw: Raw) -> dict[str, Any]:
    """Read when it is given, as it is told."""
    if "schedules" not in raw.body:
        return {}
    return {
        "schedules": tuple(
            Schedule(
                days=plain(entry.get("byday"), 64) or None,
                opens_at=plain(entry.get("opens_at"), 16)[:5] or None,
                closes_at=plain(entry.get("closes_at"), 16)[:5] or None,
                description=plain(entry.get("description"), 300),
            )
            for entry in raw.entries("schedules")
        )
    }


def capacity(raw: Raw) -> dict[str, Any]:
    """Read how many places are free; how many there are at most says nothing of that."""
    name = "capacities" if "capacities" in raw.body else "service_capacity"
    if name not in raw.body:
        return {}
    for entry in raw.entries(name):
        available = entry.get("available")
        if isinstance(available, int | float) and 0 <= available < 1_000_000:
            return {"capacity": Capacity(int(available), instant(entry.get("updated")))}
    return {"capacity": Capacity()}


def checked(raw: Raw) -> dict[str, Any]:
    """Read when somebody last vouched for the listing, else when it was last touched."""
    if not {"assured_date", "last_modified"} & raw.body.keys():
        return {}
    for name in ("assured_date", "last_modified"):
        if found := instant(raw.body.get(name)):
            return {"checked_on": found.date()}
        if raw.body.get(name):
            raw.leave_out(f"{name}: no date")
    return {"checked_on": None}
