"""Where organisations are written to, by a directory file: casework and notifications must mean the same address.

The address that an offer is mailed to is the registered one, which alone may ask how to reach the person.
"""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BaseModel, Field

from shared.contracts.words import Slug

_MAIL = re.compile(r"[!-;=?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _mail(text: str) -> str:
    """Take an address that can stand in a mail's envelope as it is."""
    if not _MAIL.fullmatch(text):
        raise ValueError("this is not a mail address")
    return text


Mail = Annotated[str, AfterValidator(_mail)]


class Organisation(BaseModel):
    """An organisation of a directory; what is no mail address counts as none."""

    id: Slug
    name: str
    email: str | None = None


class Contact(BaseModel):
    """A contact of a service."""

    email: str | None = None


class Listing(BaseModel):
    """A service of a directory in HSDS-UK 3.0."""

    email: str | None = None
    organization: Organisation
    contacts: tuple[Contact, ...] = ()

    @property
    def referral_mail(self) -> str | None:
        """Where referrals to this service go: its own mailbox, a contact's, else the organisation's."""
        offered = (self.email, *(contact.email for contact in self.contacts), self.organization.email)
        return next((mail for mail in offered if mail and _MAIL.fullmatch(mail)), None)


class Directory(BaseModel):
    """A directory file; publishers use two envelopes."""

    contents: tuple[Listing, ...] = Field(validation_alias=AliasChoices("contents", "content"))


def registered_addresses(listings: Iterable[Listing]) -> dict[str, tuple[str, str | None]]:
    """Return name and address of each organisation, by id: the address of the first of its services that has one."""
    found: dict[str, tuple[str, str | None]] = {}
    for listing in listings:
        organisation = listing.organization
        name, mail = found.get(organisation.id, (organisation.name, None))
        found[organisation.id] = (name, mail or listing.referral_mail)
    return found
