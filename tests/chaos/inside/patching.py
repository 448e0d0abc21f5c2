"""Replaces a named part of the product, and refuses where the name is gone."""

from collections.abc import Callable
from typing import Any


class PatchTargetGone(Exception):
    """The product no longer has what a patch replaces: the patch would do nothing, and prove nothing."""


def replace(owner: object, name: str, make: Callable[[Any], Any]) -> None:
    """Put what `make` returns, given the original, in the original's place.

    Raises:
        PatchTargetGone: the owner itself has no such attribute.
    """
    try:
        original = vars(owner)[name]
    except KeyError:
        raise PatchTargetGone(f"{getattr(owner, '__name__', owner)} has no {name}") from None
    setattr(owner, name, make(original))


def rewrite(old: str, new: str) -> Callable[[str], str]:
    """Return what changes a text, for `replace`.

    Raises:
        PatchTargetGone: when called with a text without the old words.
    """

    def rewritten(text: str) -> str:
        if old not in text:
            raise PatchTargetGone(f"no “{old}” in {text}")
        return text.replace(old, new)

    return rewritten
