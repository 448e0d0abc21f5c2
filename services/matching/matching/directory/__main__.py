"""`python -m matching.directory load FILE`: brings the directory to what a file says, and prints what it did."""

import argparse
import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from matching.directory.feed import Feed, FeedError, read_feed
from matching.directory.load import Report, load
from shared.messaging import Cause, Database, Unavailable


class Access(BaseSettings):
    """How to reach the database; the same variables as the service's, and no key, because none is needed."""

    model_config = SettingsConfigDict(env_prefix="LINKWAY_", extra="ignore", frozen=True)

    # Where PostgreSQL is: postgresql://host:port/database.
    postgres: str = "postgresql://127.0.0.1:5432/linkway"
    # The role's password; none where PostgreSQL trusts the loopback.
    db_password: SecretStr | None = None


async def run(access: Access, feed: Feed, source: str) -> Report:
    """Load a feed as the service's own role."""
    password = access.db_password.get_secret_value() if access.db_password else None
    database = Database(
        access.postgres, user="matching", schema="matching", source="matching", size=1, password=password
    )
    await database.open()
    try:
        async with database.transaction(Cause.request("load_directory", feed.digest)) as tx:
            return await load(tx, feed, source)
    finally:
        await database.close()


def main() -> int:
    """Run the command line; 1 where the file or the database cannot be used, and then nothing has changed."""
    parser = argparse.ArgumentParser(prog="python -m matching.directory", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser("load", help="load HSDS-UK 3.0 JSON")
    loading.add_argument("file", type=Path)
    loading.add_argument("--source", help="name of the feed; the file's name where none is given")
    given = parser.parse_args()
    source = given.source or given.file.name
    try:
        report = asyncio.run(run(Access(), read_feed(given.file.read_bytes()), source))
    except (FeedError, OSError, Unavailable) as error:
        sys.stderr.write(f"{source}: nothing was changed: {error}\n")
        return 1
    sys.stdout.write("\n".join((*report.lines(), "")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
