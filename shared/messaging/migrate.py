"""The one job that changes schemas: under a lock, forward only, as plain SQL files in their order.

python -m shared.messaging.migrate
"""

import asyncio
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

ROOT = Path(__file__).parents[2]
MACHINERY = Path(__file__).parent / "migrations"

SCHEMAS = {
    "referral-intake": "intake",
    "matching": "matching",
    "casework": "casework",
    "notifications": "notifications",
    "operations": "operations",
}
"""The PostgreSQL schema of each service; the service's role has the same name."""

ROLE_SETTINGS = {
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "transaction_timeout": "15s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What bounds every connection of a service, so that nothing hangs."""

ROLE_PLANNING = {"enable_seqscan": "off", "jit": "off"}
"""How statements of services are planned. A connection keeps a plan, also one that was made while a day's partition was
all but empty and reading all of it was the cheapest; by an index each of our statements stays as quick as it is."""

_LOCK = 7_310_001


class MigrationError(Exception):
    """A schema is not what this release expects."""


@dataclass(frozen=True)
class Target:
    """A schema, its role, and the files that make it."""

    schema: str
    files: tuple[Path, ...]


def targets(folder: str = "migrations") -> list[Target]:
    """Return the schema of every service that has such a folder; the machinery's files come first in each."""
    found = []
    for service, schema in SCHEMAS.items():
        own = sorted((ROOT / "services" / service / folder).glob("*.sql"))
        if folder == "migrations":
            found.append(Target(schema, (*sorted(MACHINERY.glob("*.sql")), *own)))
        elif own:
            found.append(Target(f"{schema}_keys", tuple(own)))
    return found


async def migrate(admin_dsn: str, wanted: list[Target], password: str | None = None) -> int:
    """Bring schemas up to date and return how many files were applied.

    Raises:
        MigrationError: a file that was applied has changed since.
    """
    await _create_database(admin_dsn)
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        return sum([await _bring_up(connection, target, password) for target in wanted])
    finally:
        await connection.close()


async def missing(connection: Any, target: Target) -> list[str]:
    """Return the files of this release that a schema has not had yet."""
    exists = await connection.fetchval("SELECT to_regclass($1)", f"{target.schema}.migration")
    applied = (
        {row["name"] for row in await connection.fetch(f'SELECT name FROM "{target.schema}".migration')}  # noqa: S608 -- a name of ours
        if exists
        else set()
    )
    return [name for name in map(_name, target.files) if name not in applied]


async def _create_database(dsn: str) -> None:
    """Create the DSN's database where there is none yet."""
    parts = urlsplit(dsn)
    name = parts.path.lstrip("/")
    connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")))
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    except asyncpg.DuplicateDatabaseError:
        pass  # another job was first, which is as good
    finally:
        await connection.close()


async def _bring_up(connection: Any, target: Target, password: str | None) -> int:
    async with connection.transaction():
        await _create_roles(connection, target.schema, password)
        await connection.execute(_SCHEMA.format(schema=target.schema))
    applied = {
        row["name"]: row["sha256"]
        for row in await connection.fetch(f'SELECT name, sha256 FROM "{target.schema}".migration')  # noqa: S608 -- a name of ours
    }
    count = 0
    for file in target.files:
        text = file.read_text()
        digest = hashlib.sha256(text.encode()).hexdigest()
        if applied.get(_name(file), digest) != digest:
            raise MigrationError(f"{target.schema}: {_name(file)} was applied and has changed since")
        if _name(file) not in applied:
            await _apply(connection, target.schema, file, text, digest)
            count += 1
    return count


async def _apply(connection: Any, schema: str, file: Path, text: str, digest: str) -> None:
    async with connection.transaction():
        await connection.execute(f'SET LOCAL ROLE "{schema}_owner"')
        await connection.execute(f'SET LOCAL search_path TO "{schema}"')
        await connection.execute(text)
        await connection.execute("INSERT INTO migration (name, sha256) VALUES ($1, $2)", _name(file), digest)


async def _create_roles(connection: Any, schema: str, password: str | None) -> None:
    """Create the owner, who may not log in, and the service's role with its time-outs."""
    for role, login in ((f"{schema}_owner", "NOLOGIN"), (schema, "LOGIN")):
        if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            try:
                async with connection.transaction():
                    await connection.execute(f'CREATE ROLE "{role}" {login}')
            except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                pass  # roles belong to the whole server; another database's job was first
    has = await connection.fetchval(_ROLE_HAS, schema) or []
    for name, value in (ROLE_SETTINGS | ROLE_PLANNING).items():
        if f"{name}={value}" not in has:
            await connection.execute(f"ALTER ROLE \"{schema}\" SET {name} = '{value}'")
    if password:
        quoted = await connection.fetchval("SELECT quote_literal($1)", password)
        await connection.execute(f'ALTER ROLE "{schema}" PASSWORD {quoted}')


def _name(file: Path) -> str:
    """Name a file so that the machinery's and the service's own are told apart."""
    return f"machinery/{file.name}" if file.parent == MACHINERY else file.name


_ROLE_HAS = "SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole = $1::text::regrole"

_SCHEMA = """
    CREATE SCHEMA IF NOT EXISTS "{schema}" AUTHORIZATION "{schema}_owner";
    REVOKE ALL ON SCHEMA "{schema}" FROM PUBLIC;
    GRANT USAGE ON SCHEMA "{schema}" TO "{schema}";
    ALTER DEFAULT PRIVILEGES FOR ROLE "{schema}_owner" IN SCHEMA "{schema}"
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{schema}";
    ALTER DEFAULT PRIVILEGES FOR ROLE "{schema}_owner" IN SCHEMA "{schema}"
        GRANT USAGE ON SEQUENCES TO "{schema}";
    CREATE TABLE IF NOT EXISTS "{schema}".migration (
        name       text PRIMARY KEY,
        sha256     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE "{schema}".migration OWNER TO "{schema}_owner";
    GRANT SELECT ON "{schema}".migration TO "{schema}";
"""


def admin_dsn(dsn: str, password: str | None) -> str:
    """Return a service's DSN as the administrator's."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    user = os.environ.get("LINKWAY_POSTGRES_ADMIN", "postgres")
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}" if password else f"{user}@{host}"))


async def main() -> None:
    """Migrate the data database and the key database that the environment names."""
    password = os.environ.get("LINKWAY_DB_PASSWORD") or None
    for name, folder in (("LINKWAY_POSTGRES", "migrations"), ("LINKWAY_KEYS_POSTGRES", "key-migrations")):
        if name not in os.environ:
            sys.exit(f"{name} is not set")
        count = await migrate(admin_dsn(os.environ[name], password), targets(folder), password)
        sys.stdout.write(f"{folder}: {count} applied\n")


if __name__ == "__main__":
    asyncio.run(main())
