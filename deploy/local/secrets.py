"""Make the keys of a home once, so that what was sealed yesterday can be opened today."""

import base64
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from dotenv import dotenv_values


def read_variables(path: Path) -> dict[str, str]:
    """Read a file of `NAME=value` lines, as `docker compose --env-file` would."""
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def keep_secrets(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Give 32 random bytes in base64 for each name; what the file has already stays as it is."""
    kept = read_variables(path) if path.exists() else {}
    missing = [name for name in names if name not in kept]
    if missing:
        made = {name: make_secret() for name in missing}
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:  # noqa: PTH123 - the mode
            file.writelines(f"{name}={value}\n" for name, value in made.items())
        kept |= made
    return kept


def make_secret() -> str:
    """Make 32 random bytes in base64, such that it is the same in the URL-safe alphabet: one of them is a password."""
    while True:
        made = base64.b64encode(secrets.token_bytes(32)).decode()
        if "+" not in made and "/" not in made:
            return made
