"""A group that is in no directory, as somebody here describes it in a minute."""

from dataclasses import dataclass

from matching.directory.ids import slug_of_name
from matching.directory.imports.correcting import checked
from matching.directory.imports.recording import Origin
from matching.directory.record import Read
from matching.directory.text import plain
from matching.domain import Area, Listing, Point, Schedule, Site
from shared.places import Postcode, outward_centre, read_postcode

LOCAL = Origin("local", priority=100)
"""What people here added; they are believed before any directory."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody knows of a group; what is empty is unknown."""

    name: str
    organisation_name: str
    organisation: str | None = None
    """The id of an organisation that is in the directory already."""
    description: str = ""
    phone: str | None = None
    email: str | None = None
    url: str | None = None
    postcode: str | None = None
    place: str = ""
    """What people call where it meets."""
    area: str | None = None
    """A GSS code."""
    area_name: str = ""
    when: str = ""
    fees: str | None = None
    needs: tuple[str, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None


def local_read(draft: Draft) -> Read:
    """Return a draft as a record of ours; the same name, organisation and postcode are the same record.

    Raises:
        ValueError: the name or a field is not of its kind; says which.
    """
    fields = {
        name: checked(name, value)
        for name in ("name", "description", "phone", "email", "url", "fees", "needs", "minimum_age", "maximum_age")
        if (value := getattr(draft, name)) not in (None, "", ())
    }
    if "name" not in fields:
        raise ValueError("name is empty")
    low, high = fields.get("minimum_age"), fields.get("maximum_age")
    if low is not None and high is not None and low > high:
        raise ValueError("minimum_age is above maximum_age")
    organisation_name = plain(draft.organisation_name, 400) or fields["name"]
    organisation = draft.organisation or slug_of_name(organisation_name)
    postcode = _postcode(draft.postcode)
    written = postcode and (postcode.full or postcode.outward)
    fields["status"] = "active"
    place = plain(draft.place, 200)
    if postcode or place:
        fields["sites"] = (_site(postcode, place),)
    if when := plain(draft.when, 300):
        fields["schedules"] = (Schedule(description=when),)
    if draft.area:
        fields["areas"] = (Area("gss", draft.area, name=draft.area_name),)
    ours = slug_of_name(f"{fields['name']} {organisation_name} {written or ''}")
    listing = Listing(id=ours, organisation=organisation, organisation_name=organisation_name, **fields)
    stated = frozenset({*fields, "organisation", "organisation_name"})
    return Read(listing, stated, (), ours, organisation)


def _postcode(typed: str | None) -> Postcode | None:
    found = read_postcode(typed) if typed else None
    if typed and found is None:
        raise ValueError("postcode is none")
    return found


def _site(postcode: Postcode | None, place: str) -> Site:
    """Put a place where its outward code is, which is better than nowhere."""
    if postcode is None:
        return Site(place)
    centre = outward_centre(postcode.outward)
    return Site(place, postcode.full or postcode.outward, Point(centre.latitude, centre.longitude) if centre else None)
