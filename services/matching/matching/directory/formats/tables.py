"""Joins the tables of an HSDS package, versions 1.1 to 3.1, into services with what belongs to each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matching.directory.formats.shapes import Object, first, words

Rows = Sequence[Any]
"""Rows of a table, which are objects unless somebody wrote something else there."""

_NAMES = {
    "organisation": "organization",
    "services_taxonomy": "service_taxonomy",
    "services_at_location": "service_at_location",
    "regular_schedule": "regular_schedule",
    "cost": "cost_option",
    "service_capacity": "capacity",
    "eligibilitys": "eligibility",
    "service_taxonomys": "service_taxonomy",
}
_CHILDREN = {
    "phone": "phones",
    "schedule": "schedules",
    "regular_schedule": "regular_schedules",
    "service_area": "service_areas",
    "language": "languages",
    "cost_option": "cost_options",
    "eligibility": "eligibility",
    "capacity": "capacities",
    "service_taxonomy": "service_taxonomy",
    "attribute": "attributes",
    "service_at_location": "service_at_locations",
}
"""The tables whose rows belong to a service, and where HSDS's JSON keeps them."""
_OTHERS = frozenset({"organization", "location", "address", "physical_address", "taxonomy", "taxonomy_term"})
TABLES = frozenset({"service", *_CHILDREN, *_OTHERS})


def table_named(name: str) -> str:
    """Return the singular by which a table is known here, for any of the spellings in use."""
    bare = name.strip().lower().replace("-", "_").rpartition("/")[2].removesuffix(".csv")
    if bare.endswith("ies"):
        singular = f"{bare.removesuffix('ies')}y"
    elif bare.endswith("addresses"):
        singular = bare.removesuffix("es")
    else:
        singular = bare if bare.endswith("address") else bare.removesuffix("s")
    return _NAMES.get(bare) or _NAMES.get(singular, singular)


def are_tables(body: Object) -> bool:
    """Say whether an object holds tables: services and at least one other."""
    known = {table_named(name) for name, value in body.items() if isinstance(value, list)} & TABLES
    return "service" in known and len(known) > 1


def services_of(tables: Mapping[str, Rows]) -> Iterator[object]:
    """Yield each row of services with the rows that point at it; what it holds already stands."""
    known = {table_named(name): rows for name, rows in tables.items()}
    known["service_at_location"] = _sites(known)
    terms = _terms(known)
    for name in ("attribute", "service_taxonomy"):
        if name in known:
            known[name] = [_with_term(row, terms) for row in _objects(known[name])]
    owner_of_site = {_id(row): row.get("service_id") for row in known["service_at_location"]}
    children = {field: _by_service(known[name], owner_of_site) for name, field in _CHILDREN.items() if name in known}
    organisations = {_id(row): row for row in _objects(known.get("organization", ()))}
    if "location" not in known and not known["service_at_location"]:
        del children[_SITES]
    for service in known.get("service", ()):
        yield _joined(service, children, organisations) if isinstance(service, Mapping) else service


_SITES = "service_at_locations"


def _joined(
    service: Object, children: Mapping[str, Mapping[str, list[Object]]], organisations: Mapping[str, Object]
) -> Object:
    joined: dict[str, Any] = {field: rows.get(_id(service), []) for field, rows in children.items()}
    if organisation := organisations.get(words(service.get("organization_id"))):
        joined["organization"] = organisation
    held = {name: value for name, value in service.items() if name not in joined or value not in (None, "", [])}
    return {**joined, **held}


def _sites(known: Mapping[str, Rows]) -> list[Object]:
    """Give each place of a service its location, and that its addresses; HSDS 1.0 names the location in the service."""
    addresses: dict[str, list[Object]] = defaultdict(list)
    for name in ("address", "physical_address"):
        for row in _objects(known.get(name, ())):
            addresses[words(row.get("location_id"))].append(row)
    locations = {
        _id(row): {"addresses": addresses[_id(row)], **row} if addresses[_id(row)] else row
        for row in _objects(known.get("location", ()))
    }
    rows = _objects(known.get("service_at_location", ()))
    rows += [
        {"service_id": _id(row), "location_id": row["location_id"]}
        for row in _objects(known.get("service", ()))
        if row.get("location_id")
    ]
    return [{"location": locations.get(words(row.get("location_id"))), **row} for row in rows]


def _terms(known: Mapping[str, Rows]) -> Mapping[str, Object]:
    """Index the terms, each with its taxonomy's name; in HSDS 1 a row of `taxonomy` is itself a term."""
    taxonomies = {_id(row): row for row in _objects(known.get("taxonomy", ()))}
    terms: dict[str, Object] = {
        key: {"code": key, "taxonomy": row.get("vocabulary"), **row} for key, row in taxonomies.items()
    }
    for row in _objects(known.get("taxonomy_term", ())):
        taxonomy = taxonomies.get(words(row.get("taxonomy_id")))
        terms[_id(row)] = {**row, "taxonomy_detail": taxonomy} if taxonomy else row
    return terms


def _with_term(row: Object, terms: Mapping[str, Object]) -> Object:
    term = terms.get(words(first(row, "taxonomy_term_id", "taxonomy_id")))
    return {**row, "taxonomy_term": term} if term and not isinstance(row.get("taxonomy_term"), Mapping) else row


def _by_service(rows: Rows, owner_of_site: Mapping[str, object]) -> Mapping[str, list[Object]]:
    found: dict[str, list[Object]] = defaultdict(list)
    for row in _objects(rows):
        owner = first(row, "service_id", "link_id") or owner_of_site.get(words(row.get("service_at_location_id")))
        found[words(owner)].append(row)
    return found


def _objects(rows: Rows) -> list[Object]:
    return [row for row in rows if isinstance(row, Mapping)]


def _id(row: Object) -> str:
    return words(row.get("id"))
