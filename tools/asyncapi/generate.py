"""Write docs/asyncapi.json from the registry of contracts and the services' handlers, so that no document drifts."""

import json
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pydantic.json_schema import models_json_schema

from shared.contracts import EVENTS, TOPICS, Envelope, Event, Topic
from shared.contracts.registry import PARTNER_TOPIC
from shared.contracts.release import EXAMPLES
from shared.messaging.handlers import collect

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "asyncapi.json"
BINDING = "0.5.0"
MILLISECONDS_A_DAY = 86_400_000

Json = dict[str, Any]
Consumers = Mapping[str, set[type[Event]]]


def consumers() -> Consumers:
    """Return what each service consumes, by its `@consumes` functions; a service without handlers consumes nothing."""
    found = {}
    for folder in sorted((ROOT / "services").iterdir()):
        package = folder.name.replace("-", "_")
        if (folder / package / "handlers.py").exists() or (folder / package / "handlers").is_dir():
            handlers = collect(import_module(f"{package}.handlers"))
            found[folder.name] = {EVENTS[event_type] for event_type in handlers}
    return found


def document(consuming: Consumers) -> Json:
    """Return the AsyncAPI 3.0 document of all services together."""
    return {
        "asyncapi": "3.0.0",
        "info": _about(),
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {topic.name: _channel(topic) for topic in _topics()},
        "operations": {**_sends(consuming), **_receives(consuming)},
        "components": {
            "messages": {event.type: _message(event) for event in EVENTS.values()},
            "schemas": _schemas(),
        },
    }


def _about() -> Json:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "title": "Linkway events",
        "version": project["version"],
        "description": (
            f"{project['description']}\n\n"
            "CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the value is the data alone. "
            "Order holds per key and topic. Delivery is at least once, and an event's id is the same each time. "
            "Readers ignore fields that they do not know and take words outside an `x-vocabulary` as *unrecognised*."
        ),
    }


def _server() -> Json:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "variables": {"bootstrap": {"default": "kafka:9092", "description": "The cluster's bootstrap servers."}},
    }


def _topics() -> tuple[Topic, ...]:
    return (*TOPICS, PARTNER_TOPIC)


def _types(topic: Topic) -> list[str]:
    return [event.type for event in EVENTS.values() if event.topic == topic.name]


def _channel(topic: Topic) -> Json:
    kept: Json = {"cleanup.policy": ["compact"]}
    if topic.retention_days is not None:
        kept = {"cleanup.policy": ["delete"], "retention.ms": topic.retention_days * MILLISECONDS_A_DAY}
    channel: Json = {
        "address": topic.name,
        "description": f"Published by {topic.publisher}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _types(topic)},
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": kept, "bindingVersion": BINDING}},
    }
    if topic is PARTNER_TOPIC:
        channel["address"] = f"{topic.name}.{{organisation}}"
        channel["parameters"] = {"organisation": {"description": "The partner organisation whose own topic it is."}}
    return channel


def _sends(consuming: Consumers) -> Json:
    """Return a send operation for each service and topic; what was parked is told by every consumer itself."""
    operations = {}
    for topic in _topics():
        for service in sorted(consuming) if topic.publisher == "every consumer" else [topic.publisher]:
            operation = _operation("send", service, topic, _types(topic))
            operations[f"{service}.sends.{topic.name}"] = {**operation, "summary": f"{service} publishes."}
    return operations


def _receives(consuming: Consumers) -> Json:
    operations = {}
    for service, events in sorted(consuming.items()):
        for topic in _topics():
            types = [name for name in _types(topic) if EVENTS[name] in events]
            if types:
                group = {"type": "string", "enum": [service]}
                operation = _operation("receive", service, topic, types)
                operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": BINDING}}
                operations[f"{service}.receives.{topic.name}"] = {**operation, "summary": f"{service} consumes."}
    return operations


def _operation(action: str, service: str, topic: Topic, types: list[str]) -> Json:
    channel = f"#/channels/{topic.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "tags": [{"name": service}],
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in types],
    }


def _message(event: type[Event]) -> Json:
    key = event.model_json_schema()["properties"][event.key_field]
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": (event.__doc__ or "").partition("\n")[0],
        "contentType": "application/json",
        "headers": _headers(event),
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {
            "kafka": {
                "key": {**key, "description": f"The event's {event.key_field}, the same as ce_subject."},
                "bindingVersion": BINDING,
            }
        },
        "examples": [_example(event)],
    }


def _headers(event: type[Event]) -> Json:
    publisher = next(topic.publisher for topic in _topics() if topic.name == event.topic)
    text = {"type": "string", "minLength": 1, "maxLength": 256}
    uuid = {"type": "string", "format": "uuid"}
    properties: Json = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {**uuid, "description": "Unique; the same when the event is sent again."},
        "ce_source": {**text, "description": f"The publishing service: {publisher}."},
        "ce_type": {"const": event.type},
        "ce_time": {"type": "string", "format": "date-time", "description": "Informative; nothing is ordered by it."},
        "ce_subject": {**text, "description": f"The event's {event.key_field}, and the record's key."},
        "ce_correlationid": {**text, "description": "The request that began it all."},
        "ce_causationid": {**text, "description": "The event or request that led to this one."},
        "content-type": {"const": "application/json"},
    }
    trace = {"type": "string", "description": "W3C Trace Context, where the publisher traced."}
    return {"type": "object", "required": list(properties), "properties": {**properties, "traceparent": trace}}


def _example(event: type[Event]) -> Json:
    payload = json.loads((EXAMPLES / f"{event.type}.json").read_bytes())
    publisher = next(topic.publisher for topic in _topics() if topic.name == event.topic)
    envelope = Envelope(
        id=uuid5(NAMESPACE_URL, event.type),
        source=payload["consumer"] if publisher == "every consumer" else publisher,
        type=event.type,
        time=datetime(2026, 3, 2, 9, 14, 31, tzinfo=UTC),
        subject=str(payload[event.key_field]),
        correlation_id="2f1c9d30-practice-request",
        causation_id=str(uuid5(NAMESPACE_URL, "cause")),
    )
    headers = {name: value.decode() for name, value in envelope.to_headers()}
    return {"name": event.__name__, "headers": headers, "payload": payload}


def _schemas() -> Json:
    _, schemas = models_json_schema(
        [(event, "validation") for event in EVENTS.values()], ref_template="#/components/schemas/{model}"
    )
    definitions: Json = schemas["$defs"]
    return definitions


def render(consuming: Consumers) -> str:
    """Return the document as it is committed."""
    return json.dumps(document(consuming), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(render(consumers()))
    sys.stdout.write(f"wrote {DOCUMENT.relative_to(ROOT)}\n")
