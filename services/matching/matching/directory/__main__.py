"""`python -m matching.directory`: loads, fetches and exports the directory, and prints what it did."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from matching.directory import commands
from matching.directory.feed import FeedError, read_feed
from matching.directory.fetching.getting import FetchError
from matching.directory.fetching.sources import SourcesError
from matching.directory.formats import content_of, read_columns
from matching.directory.mending import NotListedError
from shared.messaging import Database, Unavailable

CONNECTIONS = 4
Told = TypeVar("Told")


class Access(BaseSettings):
    """How to reach the database; the same variables as the service's, and no key, because none is needed."""

    model_config = SettingsConfigDict(env_prefix="LINKWAY_", extra="ignore", frozen=True)

    # Where PostgreSQL is: postgresql://host:port/database.
    postgres: str = "postgresql://127.0.0.1:5432/linkway"
    # The role's password; none where PostgreSQL trusts the loopback.
    db_password: SecretStr | None = None


async def run(access: Access, command: Callable[[Database], Awaitable[Told]]) -> Told:
    """Run a command as the service's own role, and return what it tells."""
    password = access.db_password.get_secret_value() if access.db_password else None
    database = Database(
        access.postgres, user="matching", schema="matching", source="matching", size=CONNECTIONS, password=password
    )
    await database.open()
    try:
        return await command(database)
    finally:
        await database.close()


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(prog="python -m matching.directory", description=__doc__)
    verbs = made.add_subparsers(dest="command", required=True)
    loading = verbs.add_parser("load", help="load a file, archive or folder of any format that we know")
    loading.add_argument("file", type=Path)
    loading.add_argument("--source", help="name of the feed; the file's name where none is given")
    loading.add_argument("--columns", type=Path, help="YAML or JSON that says which column of a spreadsheet holds what")
    loading.add_argument("--complete", action="store_true", help="it is all that the source has: count what it lacks")
    fetching = verbs.add_parser("fetch", help="fetch a source now")
    fetching.add_argument("source")
    fetching.add_argument("--accept-shrunk", action="store_true", help="count what it lacks, though it lacks over half")
    listing = verbs.add_parser("sources", help="show the sources and how they stand")
    for each in (fetching, listing):
        configured = os.environ.get("LINKWAY_DIRECTORY_SOURCES")
        each.add_argument("--sources", type=Path, default=configured, help="instead of LINKWAY_DIRECTORY_SOURCES")
    verbs.add_parser("doubts", help="show the pairs of records that may be one service")
    for verb, help_text in (("join", "make one listing of two"), ("apart", "keep two records apart for good")):
        settling = verbs.add_parser(verb, help=help_text)
        settling.add_argument("one")
        settling.add_argument("other")
        settling.add_argument("--by", required=True, help="who says so")
    exporting = verbs.add_parser("export", help="write the directory, or what was corrected of it")
    exporting.add_argument("what", choices=("directory", "corrections"))
    exporting.add_argument("--format", choices=("hsds", "csv"), default="hsds")
    return made


def command_of(given: argparse.Namespace) -> commands.Command:
    """Return what a command line asks for.

    Raises:
        FeedError, SourcesError, OSError: a file cannot be used.
    """
    match given.command:
        case "load":
            columns = read_columns(given.columns.read_text("utf-8-sig")) if given.columns else None
            feed = read_feed(content_of(given.file), given.file.name, columns)
            return commands.loading(feed, given.source or given.file.name, complete=given.complete)
        case "fetch":
            return commands.fetching(given.sources, given.source, accept_shrunk=given.accept_shrunk)
        case "sources":
            return commands.listing_sources(given.sources)
        case "doubts":
            return commands.listing_doubts
        case "export":
            return commands.exporting(given.what, given.format)
        case verb:
            return commands.settling(verb, given.one, given.other, given.by)


def main() -> int:
    """Run the command line; 1 where a file, a source or the database cannot be used, and then nothing has changed."""
    given = parser().parse_args()
    try:
        told = asyncio.run(run(Access(), command_of(given)))
    except (FeedError, FetchError, SourcesError, OSError, Unavailable) as error:
        of = getattr(given, "source", None) or getattr(given, "file", None) or given.command
        sys.stderr.write(f"{of}: nothing was changed: {error}\n")
        return 1
    except NotListedError as error:
        sys.stderr.write(f"{given.command}: there is no such record: {error}\n")
        return 1
    sys.stdout.write(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
