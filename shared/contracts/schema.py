"""The JSON Schema of an event, the form in which contracts are released, compared and documented."""

from typing import Any

from shared.contracts.event import Event

Schema = dict[str, Any]


def schema_of(event: type[Event]) -> Schema:
    """Return an event's data as JSON Schema 2020-12, with its type, its topic and the field that is its key."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-type": event.type,
        "x-topic": event.topic,
        "x-key": event.key_field,
        **event.model_json_schema(),
    }
