"""Say where everything of a running stack answers, to people, to tests and to the demonstration."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Addresses:
    """The addresses of one stack; an empty one is of a part that was given from outside and has no such door."""

    kafka: str
    postgres: str
    keys: str
    smtp: str
    mail: str
    services: dict[str, list[str]] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        """Name the infrastructure as `compose.yaml` does, to give it to another stack or to a program."""
        return {
            "LINKWAY_KAFKA": self.kafka,
            "LINKWAY_POSTGRES": self.postgres,
            "LINKWAY_KEYS_POSTGRES": self.keys,
            "LINKWAY_SMTP": self.smtp,
        }

    def write(self, path: Path, pids: Mapping[str, int]) -> None:
        """Write the file that programs outside the runner read; whole or not at all."""
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(asdict(self) | {"runner": os.getpid(), "pids": dict(pids)}, indent=2))
        unfinished.rename(path)

    @classmethod
    def read(cls, path: Path) -> tuple[Self, dict[str, int]]:
        """Read that file: the addresses, and the processes by name."""
        found = json.loads(path.read_text())
        pids = found.pop("pids") | {"runner": found.pop("runner")}
        return cls(**found), pids


def replace_addresses(text: str, table: Mapping[str, str]) -> str:
    """Put the address that holds here in the place of each `host:port` that holds among containers."""
    if not table:
        return text
    hosts = "|".join(re.escape(address) for address in sorted(table, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])({hosts})(?!\d)", lambda found: table[found[0]], text)
