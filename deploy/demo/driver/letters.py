"""Tell mails apart as their readers do: by where their links lead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Literal
from urllib.parse import urlsplit

Kind = Literal["sign-in", "offer", "case", "notice", "other"]

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
IN_FULL = re.compile(rf"In full:\s+({UUID})")
REFERENCE = re.compile(r"LW-[0-9A-F]{4}-[0-9A-F]{4}")


@dataclass(frozen=True)
class Letter:
    """A mail: what it is for, what it is about (a referral's id or reference), to whom, and its link."""

    kind: Kind
    about: str
    to: str
    name: str
    subject: str
    link: str
    message_id: str


def read_letter(mail: Mapping[str, Any]) -> Letter:
    """Read a mail as the mail sink gives it."""
    headers = {name.lower(): value for name, value in mail["headers"]}
    to = str(mail["to"][0]) if mail["to"] else ""
    kind, about, link = _purpose(mail, to)
    name = parseaddr(headers.get("to", ""))[0]
    return Letter(kind, about, to, name, str(mail["subject"]), link, str(mail["message_id"]))


def _purpose(mail: Mapping[str, Any], to: str) -> tuple[Kind, str, str]:
    links = [(urlsplit(link).path.strip("/").split("/"), link) for link in mail["links"]]
    for path, link in links:
        match path:
            case ["sign-in", _]:
                return "sign-in", to, link
            case ["offers", _]:
                found = REFERENCE.search(mail["subject"])
                return "offer", found[0] if found else "", link
            case ["referrals", referral]:
                return "case", referral, link
    full = IN_FULL.search(mail["text"])
    return ("notice", full[1], "") if full else ("other", "", "")
