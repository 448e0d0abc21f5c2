"""Finds an organisation's number in the registers of charities, by which two directories mean the same one."""

import re
from collections.abc import Mapping
from typing import Any

from matching.directory.ids import written

_SCHEMES = frozenset({"GB-CHC", "GB-SC", "GB-NIC"})
"""Registers of charities in the lists of org-id.guide: England and Wales, Scotland, Northern Ireland."""

_FIELDS = ("charity_number", "charity_no", "registered_charity_number", "charityNumber")

_SCOTTISH = re.compile(r"\bSC ?0(\d{5})\b", re.IGNORECASE)
_NORTHERN = re.compile(r"\bNIC ?(\d{6})\b", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(\d{6,7})\b")
_IN_TEXT = re.compile(r"charit(?:y|able)[^.;\d]{0,40}?\b(\d{6,7})\b", re.IGNORECASE)


def charity_of(body: Mapping[str, Any]) -> str:
    """Return the number that a record's organisation gives as such, in the register's writing, or none."""
    told = body.get("organization") or body.get("organisation")
    if not isinstance(told, Mapping):
        return ""
    numbers = [written(told.get(name)) for name in _FIELDS]
    identifiers = told.get("organization_identifiers")
    numbers += [
        written(each.get("identifier"))
        for each in (identifiers if isinstance(identifiers, list) else ())
        if isinstance(each, Mapping) and each.get("identifier_scheme") in _SCHEMES
    ]
    return next(filter(None, (_number(number, _ENGLISH) for number in numbers)), "")


def charity_in(text: str) -> str:
    """Return the number that a text gives as a registered charity's, or none."""
    return _number(text, _IN_TEXT)


def _number(text: str, english: re.Pattern[str]) -> str:
    if match := _SCOTTISH.search(text):
        return f"SC0{match[1]}"
    if match := _NORTHERN.search(text):
        return f"NIC{match[1]}"
    match = english.search(text)
    return match[1] if match else ""
