"""The finer terms under the needs: what directories call a kind of help, and how people say that they want it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from shared.needs import NEEDS
from shared.needs.sheet import CODE, Fault, FaultyFileError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Term:
    """A kind of help that a directory can list; `also` are its other names, `lay` how people say what they want."""

    code: str
    name: str
    need: str
    also: tuple[str, ...]
    lay: tuple[str, ...]

    @property
    def phrases(self) -> tuple[str, ...]:
        """Every way in which it is said, its name first."""
        return (self.name, *self.also, *self.lay)


@cache
def terms() -> Mapping[str, Term]:
    """Return every term by its code, in the file's order."""
    return read_terms((files("shared.needs") / "terms.yaml").read_text("utf-8"))


def read_terms(content: str, name: str = "terms.yaml") -> Mapping[str, Term]:
    """Read a file of terms; raise FaultyFileError with every fault in it. A name may stand under one term only."""
    found: dict[str, Term] = {}
    faults: list[Fault] = []
    owner: dict[str, str] = {}
    for number, entry in enumerate(yaml.load(content, Loader=_LOADER), start=1):  # noqa: S506 - both loaders are safe
        term = Term(
            entry["code"], entry["term"], entry["need"], tuple(entry.get("also") or ()), tuple(entry.get("lay") or ())
        )
        if not CODE.fullmatch(term.code) or term.code in found:
            faults.append(Fault(number, f"entry {number}: “{term.code}” is no code, or another term's"))
        if term.need not in NEEDS:
            faults.append(Fault(number, f"entry {number}: there is no need “{term.need}”"))
        faults += [
            Fault(number, f"entry {number}: “{called}” is already “{owner[called.lower()]}”")
            for called in (term.name, *term.also)
            if owner.setdefault(called.lower(), term.code) != term.code
        ]
        found[term.code] = term
    if faults:
        raise FaultyFileError(name, faults)
    return MappingProxyType(found)
