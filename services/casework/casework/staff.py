"""Load who may sign in: link workers from a programme file, organisations' registered addresses from a directory file.

python -m casework.staff apply PROGRAMME_FILE [DIRECTORY_FILE]
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ValidationError

from casework.storage import staff
from shared.addresses import Directory, Mail, registered_addresses
from shared.clocks import Clock
from shared.contracts.words import Slug
from shared.messaging import Cause, Database


def _clock(text: str) -> str:
    Clock.read(text)
    return text


class Practice(BaseModel):
    """A practice, as people call it."""

    id: Slug
    name: str


class LinkWorker(BaseModel):
    """A link worker; without an address they cannot sign in."""

    id: Slug
    name: str
    mail: Mail


class Clocks(BaseModel):
    """The clocks that casework keeps."""

    rules: str
    review_after: Annotated[str, AfterValidator(_clock)]


class Programme(BaseModel):
    """What casework reads of a programme file."""

    programme: Slug
    name: str
    practices: tuple[Practice, ...]
    link_workers: tuple[LinkWorker, ...]
    clocks: Clocks


def registered(directory: Directory) -> list[staff.Organisation]:
    """Return the organisations that have an address."""
    found = registered_addresses(directory.contents)
    return [staff.Organisation(key, name, mail) for key, (name, mail) in found.items() if mail]


async def apply(database: Database, programme: Programme, organisations: Sequence[staff.Organisation]) -> None:
    """Make this what casework knows of a programme and of organisations; doing it again changes nothing."""
    async with database.transaction(Cause.request("apply_staff", programme.programme)) as tx:
        await staff.save_programme(
            tx,
            staff.Programme(
                id=programme.programme,
                name=programme.name,
                practices={practice.id: practice.name for practice in programme.practices},
                review_after=programme.clocks.review_after,
                rules=programme.clocks.rules,
            ),
        )
        workers = [
            staff.LinkWorker(each.id, programme.programme, each.name, each.mail) for each in programme.link_workers
        ]
        await staff.save_link_workers(tx, programme.programme, workers)
        await staff.save_organisations(tx, organisations)


async def _load(programme: Programme, organisations: Sequence[staff.Organisation]) -> None:
    database = Database(
        os.environ["LINKWAY_POSTGRES"],
        user="casework",
        schema="casework",
        source="casework",
        size=1,
        password=os.environ.get("LINKWAY_DB_PASSWORD") or None,
    )
    await database.open()
    try:
        await apply(database, programme, organisations)
    finally:
        await database.close()


def main() -> None:
    """Apply a programme's link workers, and the organisations of a directory."""
    parser = argparse.ArgumentParser(prog="python -m casework.staff", description=__doc__)
    act = parser.add_subparsers(dest="act", required=True).add_parser("apply", help="load who may sign in")
    act.add_argument("programme", type=Path)
    act.add_argument("directory", type=Path, nargs="?")
    arguments = parser.parse_args()
    try:
        programme = Programme.model_validate(yaml.safe_load(arguments.programme.read_text()))
        content = json.loads(arguments.directory.read_bytes()) if arguments.directory else {"contents": ()}
        organisations = registered(Directory.model_validate(content))
    except ValidationError as error:
        sys.exit("\n".join(_fault(fault) for fault in error.errors(include_input=False, include_url=False)))
    asyncio.run(_load(programme, organisations))
    sys.stdout.write(f"{len(programme.link_workers)} link workers, {len(organisations)} organisations\n")


def _fault(fault: Any) -> str:
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


if __name__ == "__main__":
    main()
