"""Who plays: the people and organisations of a programme file, as they know of each other."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml


@dataclass(frozen=True)
class Party:
    """A practice, a link worker or an organisation."""

    id: str
    name: str
    mail: str = ""


@dataclass(frozen=True)
class Cast:
    """Everybody of one programme whom Linkway writes to, and how."""

    practices: Mapping[str, Party]
    link_workers: Mapping[str, Party] = field(default_factory=dict)
    duty_contact: Party = Party("duty-contact", "Duty contact")
    # Organisations by name, as mails and webhooks call them.
    with_webhook: Mapping[str, Party] = field(default_factory=dict)
    with_topic: Mapping[str, Party] = field(default_factory=dict)
    # Each organisation's addresses, as the directory has them, by its name.
    addresses: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, programme_file: Path, directory_file: Path) -> Self:
        """Read a programme file and a directory."""
        programme: dict[str, Any] = yaml.safe_load(programme_file.read_text("utf-8"))
        listings: list[dict[str, Any]] = json.loads(directory_file.read_bytes())["contents"]
        duty = programme["duty_contact"]
        wishes = programme.get("channels", {}).get("organisations", [])
        organisations = [(wish["channel"], Party(wish["organisation"], wish["name"])) for wish in wishes]
        return cls(
            practices={each["id"]: Party(each["id"], each["name"], each["mail"]) for each in programme["practices"]},
            link_workers={
                each["mail"]: Party(each["id"], each["name"], each["mail"]) for each in programme["link_workers"]
            },
            duty_contact=Party("duty-contact", duty["role"], duty["mail"]),
            with_webhook={party.name: party for channel, party in organisations if channel == "webhook"},
            with_topic={party.name: party for channel, party in organisations if channel == "partner-topic"},
            addresses=addresses_of(listings),
        )


def addresses_of(listings: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Return every address that a directory gives for each organisation: its own, and those of its services."""
    addresses: dict[str, frozenset[str]] = {}
    for listing in listings:
        organisation = listing["organization"]
        given = {mail for mail in (listing.get("email"), organisation.get("email")) if mail}
        addresses[organisation["name"]] = addresses.get(organisation["name"], frozenset()) | given
    return addresses
