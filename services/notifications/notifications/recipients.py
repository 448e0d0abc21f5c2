"""Load who can be told: people and channels from a programme file, organisations' addresses from a directory file.

python -m notifications.recipients apply PROGRAMME_FILE DIRECTORY_FILE
python -m notifications.recipients partners PROGRAMME_FILE
"""

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ValidationError

from notifications import storage
from notifications.domain import Recipient, Role
from shared.addresses import Directory, Listing, Mail, registered_addresses
from shared.contracts.words import Slug
from shared.messaging import Cause, Database


class Person(BaseModel):
    """A link worker or a practice."""

    id: Slug
    name: str
    mail: Mail | None = None


class DutyContact(BaseModel):
    """Whoever is told when nobody else can be; without an address a programme is refused."""

    role: str
    mail: Mail


class Channel(BaseModel):
    """How one organisation wants to be told; addresses and secrets of endpoints are settings, named here."""

    organisation: Slug
    channel: Literal["mail", "webhook", "partner-topic", "none"]
    endpoint_from: str | None = None
    secret_from: str | None = None


class Channels(BaseModel):
    """How organisations are told."""

    default: Literal["mail", "none"] = "mail"
    organisations: tuple[Channel, ...] = ()


class Programme(BaseModel):
    """What a programme file says about who is told."""

    programme: Slug
    practices: tuple[Person, ...]
    link_workers: tuple[Person, ...]
    duty_contact: DutyContact
    channels: Channels = Channels()


def read_programme(text: str) -> Programme:
    """Read a programme file.

    Raises:
        pydantic.ValidationError: it lacks something, or says what we do not know.
    """
    return Programme.model_validate(yaml.safe_load(text))


def partner_topics(programme: Programme) -> tuple[str, ...]:
    """Return the names of the topics that the programme's organisations asked for."""
    return tuple(f"linkway.partner.{organisation}" for organisation in partners(programme))


def partners(programme: Programme) -> tuple[str, ...]:
    """Return the organisations that asked for a topic of their own."""
    return tuple(each.organisation for each in programme.channels.organisations if each.channel == "partner-topic")


def recipients(programme: Programme, directory: Directory, environment: Mapping[str, str]) -> list[Recipient]:
    """Return everybody who can be told for a programme."""
    duty = programme.duty_contact
    return [
        Recipient(Role.DUTY_CONTACT, programme.programme, duty.role, duty.mail, ("mail",)),
        *(_person(Role.PRACTICE, each) for each in programme.practices),
        *(_person(Role.LINK_WORKER, each) for each in programme.link_workers),
        *_organisations(programme.channels, directory.contents, environment),
    ]


def _person(role: Role, person: Person) -> Recipient:
    return Recipient(role, person.id, person.name, person.mail, ("mail",) if person.mail else ())


def _organisations(
    channels: Channels, listings: Iterable[Listing], environment: Mapping[str, str]
) -> Iterable[Recipient]:
    wishes = {wish.organisation: wish for wish in channels.organisations}
    for id_, (name, mail) in registered_addresses(listings).items():
        wish = wishes.get(id_) or Channel(organisation=id_, channel=channels.default)
        yield _organisation(wish, name, mail, environment)


def _organisation(wish: Channel, name: str, mail: str | None, environment: Mapping[str, str]) -> Recipient:
    """Return an organisation with its channels.

    A topic carries no capability, so an organisation with a topic is mailed the link as well. A webhook whose address
    or secret is not set is a mail until it is.
    """
    endpoint = environment.get(wish.endpoint_from or "") if wish.channel == "webhook" else None
    by_mail = ("mail",) if mail else ()
    if endpoint and environment.get(wish.secret_from or ""):
        return Recipient(Role.ORGANISATION, wish.organisation, name, mail, ("webhook",), endpoint, wish.secret_from)
    channels = {"partner-topic": ("partner-topic", *by_mail), "none": ()}.get(wish.channel, by_mail)
    return Recipient(Role.ORGANISATION, wish.organisation, name, mail, channels)


async def apply(database: Database, programme: str, everybody: Sequence[Recipient]) -> None:
    """Make these the programme's recipients; doing it again changes nothing."""
    async with database.transaction(Cause.request("apply_recipients", programme)) as tx:
        await storage.replace_recipients(tx, programme, everybody)


async def _load(programme: str, everybody: Sequence[Recipient]) -> None:
    database = Database(
        os.environ["LINKWAY_POSTGRES"],
        user="notifications",
        schema="notifications",
        source="notifications",
        size=1,
        password=os.environ.get("LINKWAY_DB_PASSWORD") or None,
    )
    await database.open()
    try:
        await apply(database, programme, everybody)
    finally:
        await database.close()


def _summary(everybody: Sequence[Recipient]) -> str:
    """Say how many are told by which channel, and name those who have none."""
    counts = Counter(channel for each in everybody for channel in each.channels)
    silent = [each.id for each in everybody if not each.channels]
    lines = [f"{len(everybody)} recipients: " + ", ".join(f"{n} by {channel}" for channel, n in sorted(counts.items()))]
    if silent:
        lines.append(f"without a channel, so that the duty contact is told instead: {', '.join(silent)}")
    return "\n".join(lines)


def main() -> None:
    """Apply a programme's recipients, or list the organisations that want a topic."""
    parser = argparse.ArgumentParser(prog="python -m notifications.recipients", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("apply", help="load link workers, practices, duty contact and organisations")
    act.add_argument("programme", type=Path)
    act.add_argument("directory", type=Path)
    acts.add_parser("partners", help="print the organisations that asked for a topic").add_argument(
        "programme", type=Path
    )
    arguments = parser.parse_args()
    try:
        programme = read_programme(arguments.programme.read_text())
        lines = "\n".join(partners(programme))
        if arguments.act == "apply":
            directory = Directory.model_validate(json.loads(arguments.directory.read_bytes()))
            everybody = recipients(programme, directory, os.environ)
            asyncio.run(_load(programme.programme, everybody))
            lines = _summary(everybody)
    except ValidationError as error:
        sys.exit("\n".join(_fault(fault) for fault in error.errors(include_input=False, include_url=False)))
    sys.stdout.write(lines + "\n")


def _fault(fault: Any) -> str:
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


if __name__ == "__main__":
    main()
