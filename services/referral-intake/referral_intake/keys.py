"""Issue and revoke the keys that practices call with; a key is shown once and stored as its hash.

python -m referral_intake.keys issue PRACTICE --programme PROGRAMME
python -m referral_intake.keys issue-all --programme-file FILE --out FILE   (keeps the keys of FILE that are still good)
python -m referral_intake.keys revoke PRACTICE --programme PROGRAMME
"""

import argparse
import asyncio
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from referral_intake import storage
from referral_intake.api.calling import hash_key
from referral_intake.domain import Caller
from referral_intake.own_database import own_database
from referral_intake.programmes import read_programme
from shared.messaging import Cause, Tx


async def issue(tx: Tx, caller: Caller) -> str:
    """Make a key for a practice and return it; only its hash is kept.

    Raises:
        LookupError: the programme has no such practice.
    """
    if caller.practice not in {practice.id for practice in await storage.find_practices(tx, caller.programme)}:
        raise LookupError(f"{caller.programme} has no practice {caller.practice}: apply its programme file first")
    key = f"lw_{secrets.token_urlsafe(32)}"
    await storage.save_key(tx, caller, hash_key(key))
    return key


async def keep_or_issue(tx: Tx, caller: Caller, held: str | None) -> str:
    """Return the key that a practice holds if it is known as its own, else a new one."""
    if held and await storage.find_caller(tx, hash_key(held)) == caller:
        return held
    return await issue(tx, caller)


async def issue_all(callers: Sequence[Caller], known: Mapping[str, str]) -> dict[str, str]:
    """Return a key for each practice: the known one while it is good, else a new one."""
    async with (
        own_database() as database,
        database.transaction(Cause.request("issue_keys", secrets.token_hex(8))) as tx,
    ):
        return {caller.practice: await keep_or_issue(tx, caller, known.get(caller.practice)) for caller in callers}


async def revoke(caller: Caller) -> int:
    """Revoke every key of a practice and return how many there were."""
    async with (
        own_database() as database,
        database.transaction(Cause.request("revoke_keys", secrets.token_hex(8))) as tx,
    ):
        return await storage.revoke_keys(tx, caller)


def read_keys(path: Path) -> dict[str, str]:
    """Return the keys of a file that was written before, or none."""
    keys: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return keys


def write_keys(path: Path, keys: dict[str, str]) -> None:
    """Write keys to a file that only its owner can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=2)


def issue_to_file(callers: Sequence[Caller], path: Path) -> str:
    """Bring a file of keys to hold a good one for each practice, and return what came of it."""
    held = read_keys(path)
    keys = asyncio.run(issue_all(callers, held))
    write_keys(path, keys)
    issued = len(set(keys.values()) - set(held.values()))
    return f"{issued} issued, {len(keys) - issued} as they were"


def _callers(programme_file: Path) -> list[Caller]:
    programme = read_programme(programme_file.read_text("utf-8"))
    return [Caller(programme.programme, practice.id) for practice in programme.practices]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m referral_intake.keys", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for act in ("issue", "revoke"):
        one = acts.add_parser(act)
        one.add_argument("practice")
        one.add_argument("--programme", required=True)
    every = acts.add_parser("issue-all")
    every.add_argument("--programme-file", type=Path, required=True)
    every.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    given = _arguments()
    try:
        if given.act == "issue-all":
            sys.stdout.write(issue_to_file(_callers(given.programme_file), given.out) + "\n")
        elif given.act == "issue":
            keys = asyncio.run(issue_all([Caller(given.programme, given.practice)], {}))
            sys.stdout.write(keys[given.practice] + "\n")
        else:
            count = asyncio.run(revoke(Caller(given.programme, given.practice)))
            sys.stdout.write(f"{count} revoked\n")
    except (LookupError, ValueError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
