"""Read FHIR's JSON and XML into one tree, so that what reads a message need not know how it was written."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lxml import etree

from referral_intake.fhir.problem import FhirProblem

NAMESPACE = "{http://hl7.org/fhir}"
DEEPEST = 60
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids: control characters, halves of surrogate pairs, and non-characters."""


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """An element: every part is a tuple, because FHIR's XML does not show which elements may repeat."""

    kind: str | None = None
    """The resource type, where the element is a resource."""
    parts: dict[str, tuple["Node | str", ...]] = field(default_factory=dict)

    def nodes(self, *path: str) -> list["Node"]:
        """Return the elements at the end of a path."""
        return [part for part in self._follow(path) if isinstance(part, Node)]

    def texts(self, *path: str) -> list[str]:
        """Return the values at the end of a path that are not blank, stripped."""
        return [part.strip() for part in self._follow(path) if isinstance(part, str) and part.strip()]

    def text(self, *path: str) -> str | None:
        """Return the first value at the end of a path, if there is one."""
        return next(iter(self.texts(*path)), None)

    def _follow(self, path: tuple[str, ...]) -> Iterable["Node | str"]:
        found: Iterable[Node | str] = (self,)
        for name in path:
            found = [part for node in found if isinstance(node, Node) for part in node.parts.get(name, ())]
        return found


def read_json(body: bytes) -> Node:
    """Read FHIR JSON; a byte-order mark is no error.

    Raises:
        FhirProblem: 400, saying where it is not JSON or what kind of character it may not hold.
    """
    try:
        value = json.loads(_text(body), parse_float=str, parse_int=str, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _malformed(f"the body is not JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _malformed("the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise _malformed("the body is not a FHIR resource")
    return _from_json(value, 0)


def read_xml(body: bytes) -> Node:
    """Read FHIR XML without entities, document types or anything fetched; comments are skipped.

    Raises:
        FhirProblem: 400, saying where it is not XML or what is refused.
    """
    text = _text(body)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _malformed("document type and entity declarations are refused")
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        raise _malformed(f"the body is not well-formed XML: line {error.lineno}, column {error.offset}") from None
    if not root.tag.startswith(NAMESPACE):
        raise _malformed("the root element is not in FHIR's namespace")
    return _from_xml(root, 0, kind=root.tag.removeprefix(NAMESPACE))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(f"the body is not UTF-8 at byte {error.start}") from None


def _from_json(value: dict[str, Any], depth: int) -> Node:
    _check_depth(depth)
    kind = value.get("resourceType")
    parts: dict[str, tuple[Node | str, ...]] = {}
    for name, part in value.items():
        # A leading underscore holds extensions of a primitive; narrative is for people's eyes.
        if name[:1] == "_" or name == "resourceType" or (kind and name == "text"):
            continue
        if isinstance(part, list):
            parts[name] = tuple([_json_part(item, depth) for item in part if item is not None])
        else:
            parts[name] = () if part is None else (_json_part(part, depth),)
    return Node(kind if isinstance(kind, str) else None, parts)


def _json_part(item: Any, depth: int) -> Node | str:
    if isinstance(item, str):
        return _clean(item)
    if isinstance(item, dict):
        return _from_json(item, depth + 1)
    if isinstance(item, list):
        raise _malformed("a list stands directly in a list, which FHIR does not know")
    return str(item).lower()


def _from_xml(element: etree._Element, depth: int, kind: str | None = None) -> Node:
    _check_depth(depth)
    parts: dict[str, list[Node | str]] = {}
    if "url" in element.attrib:
        parts["url"] = [str(element.attrib["url"])]
    for child in element:
        if isinstance(child.tag, str) and child.tag.startswith(NAMESPACE):
            parts.setdefault(child.tag.removeprefix(NAMESPACE), []).append(_xml_part(child, depth))
    return Node(kind, {name: tuple(items) for name, items in parts.items()})


def _xml_part(element: etree._Element, depth: int) -> Node | str:
    if "value" in element.attrib:
        return _clean(str(element.attrib["value"]))
    name = element[0].tag.removeprefix(NAMESPACE) if len(element) == 1 and isinstance(element[0].tag, str) else ""
    if name[:1].isupper():  # only resources are written with a capital: this element is their wrapper
        return _from_xml(element[0], depth + 1, kind=name)
    return _from_xml(element, depth + 1)


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        raise _malformed("the body is nested too deeply")


def _clean(text: str) -> str:
    if not text.isprintable() and NOT_TEXT.search(text):  # the first costs a tenth, and sees all that the second does
        raise _malformed("a value holds a null byte, another control character or half a surrogate pair")
    return text


def _no_constant(_name: str) -> NoReturn:
    raise _malformed("NaN and Infinity are not JSON")


def _malformed(diagnostics: str) -> FhirProblem:
    return FhirProblem(400, "structure", diagnostics)
