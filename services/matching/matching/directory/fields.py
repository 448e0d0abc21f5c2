"""Reads the fields of an HSDS-UK 3.0 service one by one: what a record does not speak of is in no answer."""

from collections.abc import Mapping
from typing import Any

from matching.directory.ids import SLUG
from matching.directory.labels import label_of, needs_of
from matching.directory.raw import Raw, instant, number
from matching.directory.text import link, mail, plain, text_of
from matching.domain import Capacity, Label, Schedule
from matching.domain.listing import Status
from shared.needs import NEEDS

STATUSES: Mapping[str, Status] = {
    "active": "active",
    "inactive": "inactive",
    "defunct": "defunct",
    "temporarily closed": "temporarily-closed",
}

_KINDS = {"need": "needs", "needs": "needs", "format": "formats", "access": "access"}
"""What the link type of an attribute says that it is; anything else is a label."""


def status(raw: Raw) -> dict[str, Any]:
    """Read the status; what is no word of HSDS is unknown."""
    if "status" not in raw.body:
        return {}
    text = plain(raw.body.get("status"), 64).lower().replace("-", " ")
    if text not in STATUSES:
        raw.leave_out("status: not a word of HSDS")
    return {"status": STATUSES.get(text, "unknown")}


def texts(raw: Raw) -> dict[str, Any]:
    """Read what the listing says in words."""
    found: dict[str, Any] = {}
    for name, most in (("alternate_name", 400), ("description", 4000), ("interpretation_services", 300)):
        if name in raw.body:
            found[name] = plain(raw.body[name], most)
    if "keywords" in raw.body:
        told = raw.body["keywords"]
        words = told if isinstance(told, list) else [told]
        found["keywords"] = plain(", ".join(filter(None, map(text_of, words))), 1000)
    for name, theirs, most in (("alert", "alert", 400), ("eligibility", "eligibility_description", 300)):
        if theirs in raw.body:
            found[name] = plain(raw.body[theirs], most) or None
    return found


def contact(raw: Raw) -> dict[str, Any]:
    """Read how to reach the service; `contacts` are named people, who stay where they are."""
    found: dict[str, Any] = {}
    for name, reader in (("url", link), ("email", mail), ("source_url", link)):
        if name in raw.body:
            found[name] = reader(raw.body[name])
            if found[name] is None and plain(raw.body[name], 500):
                raw.leave_out(f"{name}: not of its form")
    if "phones" in raw.body:
        numbers = (plain(text_of(entry.get("number")), 40).strip('"') for entry in raw.entries("phones"))
        found["phone"] = next((number for number in numbers if number), None)
    return found


def fees(raw: Raw) -> dict[str, Any]:
    """Read what it costs, in words and in a line of amounts."""
    found: dict[str, Any] = {}
    told = [plain(raw.body[name], 300) for name in ("fees_description", "fees") if name in raw.body]
    if told:
        found["fees"] = next(filter(None, told), None)
    if "cost_options" in raw.body:
        found["costs"] = "; ".join(filter(None, map(_cost, raw.entries("cost_options"))))[:400] or None
    return found


def _cost(entry: Mapping[str, Any]) -> str:
    amount, option = number(entry.get("amount")), plain(entry.get("option"), 100)
    pounds = f"£{amount:.2f}".removesuffix(".00") if amount is not None and 0 <= amount < 1_000_000 else ""
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
    years = number(value)
    if value in (None, "") or years == -1:
        return None
    if years is None or not 0 <= years <= 150:
        raw.leave_out(f"{name}: no age")
        return None
    return int(years)


def terms(raw: Raw) -> dict[str, Any]:
    """Read the coded attributes: formats, access and needs of ours by their link type, the directory's labels else.

    A label that means just one need brings it, told apart from the needs that are stated.
    """
    if "attributes" not in raw.body:
        return {}
    codes: dict[str, set[str]] = {"needs": set(), "formats": set(), "access": set()}
    labels: list[Label] = []
    for entry in raw.entries("attributes"):
        kind = _KINDS.get(plain(entry.get("link_type"), 64).lower(), "labels")
        if kind != "labels" and (code := _code(entry, kind)):
            codes[kind].add(code)
        elif label := label_of(entry):
            labels.append(label)
            if kind == "needs":
                raw.leave_out("attributes: a need that the vocabulary does not have")
    by_label = {need for label in labels for need in needs_of(label)} - codes["needs"]
    codes["needs"] |= by_label
    found: dict[str, Any] = {name: tuple(sorted(each)) for name, each in codes.items()}
    return found | {"labels": tuple(dict.fromkeys(labels)), "needs_by_label": tuple(sorted(by_label))}


def _code(entry: Mapping[str, Any], kind: str) -> str | None:
    """Return the code of ours that an entry states."""
    term = entry.get("taxonomy_term")
    term = term if isinstance(term, Mapping) else {}
    told = [plain(value, 64).lower() for value in (entry.get("value"), term.get("term"), term.get("code"))]
    return next((code for code in told if SLUG.fullmatch(code) and (kind != "needs" or code in NEEDS)), None)


def languages(raw: Raw) -> dict[str, Any]:
    """Read in which languages it is given."""
    if "languages" not in raw.body:
        return {}
    entries = raw.entries("languages")
    told = (plain(entry.get("code") or entry.get("name") or entry.get("language"), 64).lower() for entry in entries)
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
        available = number(entry.get("available"))
        if available is not None and 0 <= available < 1_000_000:
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
