"""Fill in `${NAME}` as the Compose specification says, so that one file serves containers and the embedded runner."""

import re
from collections.abc import Mapping

REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-?])(?P<operand>[^${}]*))?\}|(?P<wrong>))",
    re.ASCII,
)


class InterpolationError(ValueError):
    """A reference cannot be filled in."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Fill in `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`, `$$`.

    A name without a value and without a default is an error here, where Compose would warn and put nothing.

    Raises:
        InterpolationError: a value is missing, or the form is another one, as a default within a default.
    """

    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        if found["wrong"] is not None:
            raise InterpolationError(f"cannot read the reference at {text[found.start() :][:40]!r}")
        return _value(found["plain"] or found["name"], found["operator"] or "", found["operand"] or "", variables)

    return REFERENCE.sub(value, text)


def _value(name: str, operator: str, operand: str, variables: Mapping[str, str]) -> str:
    given = variables.get(name)
    if given is not None and (given or not operator.startswith(":")):
        return given
    if operator.endswith("-"):
        return operand
    raise InterpolationError(f"{name} is not set{f': {operand}' if operand else ''}")


def interpolate_all(value: object, variables: Mapping[str, str], where: str = "") -> object:
    """Fill in every text of a document, keys excepted; an error says where in the document it is."""
    if isinstance(value, dict):
        return {key: interpolate_all(item, variables, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate_all(item, variables, f"{where}.{number}") for number, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    try:
        return interpolate(value, variables)
    except InterpolationError as error:
        raise InterpolationError(f"{where}: {error}") from None
