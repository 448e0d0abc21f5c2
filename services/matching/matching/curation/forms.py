"""The forms of mending: all that is typed is taken as text, so that it can be given back beside what is wrong."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.web.sessions import Guarded

Typed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=6000, pattern=r"^[^\x00]*$")]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class AddForm(Guarded):
    """A group that is in no directory; `act` says whether to look for what it helps with, or to add it."""

    act: Literal["look", "add"] = "look"
    name: Typed = ""
    purpose: Typed = ""
    where: Typed = ""
    when: Typed = ""
    contact: Typed = ""
    organisation: Typed = ""
    minimum_age: Typed = ""
    maximum_age: Typed = ""
    fees: Typed = ""
    note: Typed = ""
    need: list[Id] = Field(default_factory=list, max_length=100)


class SpokeForm(Guarded):
    """A word with an organisation: how, when, and whether they have room."""

    kind: Literal["phone", "visit", "meeting", "message"] = "phone"
    on: Typed = ""
    state: Literal["", "open", "waiting", "full", "paused"] = ""
    places: Typed = ""
    weeks: Typed = ""
    days: Literal["7", "14", "28", "84"] = "28"
    note: Typed = ""


class ReportForm(Guarded):
    """Something that speaks against a listing."""

    finding: Literal["", "reported-closed", "details-wrong", "mail-bounced", "age-not-verified"] = ""
    note: Typed = ""


class FindingForm(Guarded):
    """One thing that speaks against a listing, to be settled."""

    finding: Id


class FundingForm(Guarded):
    """When a service's funding ends; empty is that it goes on."""

    ends_on: Typed = ""
    note: Typed = ""


class ContactForm(Guarded):
    """A visit to an organisation or a word with it, about nothing in particular."""

    kind: Literal["phone", "visit", "meeting", "message"] = "visit"
    on: Typed = ""
    note: Typed = ""


class SplitForm(Guarded):
    """The record that is to be a listing of its own."""

    own: Id


class CorrectForm(Guarded):
    """A listing as it should be; `shown` is what it was when the form was made, `back` what its sources say better."""

    shown: Typed = ""
    name: Typed = ""
    description: Typed = ""
    where: Typed | None = None
    when: Typed = ""
    phone: Typed = ""
    email: Typed = ""
    url: Typed = ""
    fees: Typed = ""
    eligibility: Typed = ""
    alert: Typed = ""
    minimum_age: Typed = ""
    maximum_age: Typed = ""
    status: Literal["", "active", "temporarily-closed", "inactive"] = ""
    need: list[Id] = Field(default_factory=list, max_length=100)
    back: list[Id | Literal["minimum_age", "maximum_age"]] = Field(default_factory=list, max_length=30)
    note: Typed = ""
