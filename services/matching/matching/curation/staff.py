"""Load who may mend the directory: a programme's link workers and curators, and organisations' registered addresses.

python -m matching.curation.staff apply PROGRAMME_FILE [DIRECTORY_FILE]
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from pydantic import BaseModel, ValidationError

from matching.directory.__main__ import Access, run
from matching.storage import menders
from matching.storage.menders import CURATOR, LINK_WORKER, Staff
from shared.addresses import Directory, Mail, registered_addresses
from shared.contracts.words import Slug
from shared.messaging import Cause, Database


class LinkWorker(BaseModel):
    """A link worker; after their last day they can no longer sign in."""

    id: Slug
    mail: Mail
    ends_on: date | None = None


class Curator(BaseModel):
    """Somebody of a third-sector interface who looks after the directory."""

    id: Slug
    mail: Mail


class Programme(BaseModel):
    """What is read here of a programme file; names are not."""

    programme: Slug
    link_workers: tuple[LinkWorker, ...] = ()
    curators: tuple[Curator, ...] = ()

    def staff(self) -> list[Staff]:
        """Return everybody who may sign in for it."""
        workers = [Staff(LINK_WORKER, each.id, each.mail, each.ends_on) for each in self.link_workers]
        return workers + [Staff(CURATOR, each.id, each.mail) for each in self.curators]


async def apply(database: Database, programme: Programme, registered: Sequence[tuple[str, str]] = ()) -> None:
    """Make this who may sign in; doing it again changes nothing."""
    async with database.transaction(Cause.request("apply_staff", str(uuid4()))) as tx:
        await menders.save_staff(tx, programme.programme, programme.staff())
        await menders.save_registered(tx, registered)


def registered(directory: Directory) -> list[tuple[str, str]]:
    """Return the organisations that have an address, as offers to them are mailed."""
    return [(key, mail) for key, (_, mail) in registered_addresses(directory.contents).items() if mail]


def main() -> None:
    """Apply a programme's staff, and the organisations of a directory file."""
    parser = argparse.ArgumentParser(prog="python -m matching.curation.staff", description=__doc__)
    act = parser.add_subparsers(dest="act", required=True).add_parser("apply", help="load who may sign in")
    act.add_argument("programme", type=Path)
    act.add_argument("directory", type=Path, nargs="?")
    given = parser.parse_args()
    try:
        programme = Programme.model_validate(yaml.safe_load(given.programme.read_text("utf-8")))
        content = json.loads(given.directory.read_bytes()) if given.directory else {"contents": ()}
        mails = registered(Directory.model_validate(content))
    except ValidationError as error:
        sys.exit("\n".join(_fault(fault) for fault in error.errors(include_input=False, include_url=False)))

    async def command(database: Database) -> str:
        await apply(database, programme, mails)
        counts = (len(programme.link_workers), len(programme.curators), len(mails))
        return "{} link workers, {} curators, {} organisations\n".format(*counts)

    sys.stdout.write(asyncio.run(run(Access(), command)))


def _fault(fault: Any) -> str:
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


if __name__ == "__main__":
    main()
