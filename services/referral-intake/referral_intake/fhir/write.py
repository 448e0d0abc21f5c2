"""Write FHIR resources as JSON or XML, in the form that the sender used."""

from typing import Any

import orjson
from lxml import etree

JSON = "application/fhir+json"
XML = "application/fhir+xml"
NAMESPACE = "http://hl7.org/fhir"


def write(resource: dict[str, Any], media_type: str) -> bytes:
    """Return a resource's bytes; its elements stand in FHIR's order, which XML demands."""
    if media_type == JSON:
        return orjson.dumps(resource)
    return etree.tostring(_resource(resource), xml_declaration=True, encoding="UTF-8")


def _resource(resource: dict[str, Any]) -> etree._Element:
    element = etree.Element(f"{{{NAMESPACE}}}{resource['resourceType']}", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs forget the default namespace
    _fill(element, resource)
    return element


def _fill(element: etree._Element, parts: dict[str, Any]) -> None:
    for name, value in parts.items():
        if name != "resourceType":
            for item in value if isinstance(value, list) else [value]:
                _append(element, name, item)


def _append(parent: etree._Element, name: str, item: Any) -> None:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if not isinstance(item, dict):
        child.set("value", str(item).lower() if isinstance(item, bool) else str(item))
    elif "resourceType" in item:
        child.append(_resource(item))
    else:
        _fill(child, item)
