"""The AsyncAPI document says of every topic, operation and message what Kafka and a reader need to know."""

from typing import Any

import jsonschema
import pytest

from shared.contracts import EVENTS, TOPICS, Event, MessageParked, OfferMade, ReferralAccepted
from tools.asyncapi.generate import document

CONSUMING: dict[str, set[type[Event]]] = {
    "matching": {ReferralAccepted},
    "notifications": {OfferMade, ReferralAccepted, MessageParked},
}
DOCUMENT = document(CONSUMING)
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def test_every_type_is_a_message_on_its_topics_channel() -> None:
    on_channels = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert on_channels == set(MESSAGES) == set(EVENTS)
    for name, event in EVENTS.items():
        assert name in DOCUMENT["channels"][event.topic]["messages"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_channel_says_how_its_topic_is_created(topic: Any) -> None:
    kafka = DOCUMENT["channels"][topic.name]["bindings"]["kafka"]
    kept = kafka["topicConfiguration"]
    assert kafka["partitions"] == topic.partitions
    if topic.retention_days is None:
        assert kept == {"cleanup.policy": ["compact"]}
    else:
        assert kept == {"cleanup.policy": ["delete"], "retention.ms": topic.retention_days * 24 * 60 * 60 * 1000}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_example_of_a_message_keeps_its_headers_and_its_payload(name: str) -> None:
    message = MESSAGES[name]
    (example,) = message["examples"]
    definitions = {"components": DOCUMENT["components"]}
    jsonschema.validate(example["headers"], message["headers"])
    jsonschema.validate(example["payload"], {**message["payload"], **definitions})
    jsonschema.validate(example["headers"]["ce_subject"], message["bindings"]["kafka"]["key"])
    assert set(message["headers"]["properties"]) - set(example["headers"]) == {"traceparent"}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_says_its_key_by_the_events_key_field(name: str) -> None:
    example = MESSAGES[name]["examples"][0]
    assert example["headers"]["ce_subject"] == example["payload"][EVENTS[name].key_field]


def test_a_service_receives_what_it_consumes_in_its_own_group() -> None:
    operation = DOCUMENT["operations"]["notifications.receives.linkway.routing"]
    assert operation["action"] == "receive"
    assert operation["messages"] == [{"$ref": f"#/channels/linkway.routing/messages/{OfferMade.type}"}]
    assert operation["bindings"]["kafka"]["groupId"]["enum"] == ["notifications"]
    received = {name for name in DOCUMENT["operations"] if ".receives." in name}
    assert received == {
        "matching.receives.linkway.referrals",
        "notifications.receives.linkway.referrals",
        "notifications.receives.linkway.routing",
        "notifications.receives.linkway.operations",
    }


def test_each_topic_is_sent_by_its_publisher_and_parked_messages_by_every_consumer() -> None:
    sent = {name for name in DOCUMENT["operations"] if ".sends." in name}
    assert {"matching.sends.linkway.routing", "casework.sends.linkway.casework"} <= sent
    operations = {name for name in sent if name.endswith("linkway.operations")}
    assert operations == {"matching.sends.linkway.operations", "notifications.sends.linkway.operations"}
    assert all(DOCUMENT["operations"][name]["action"] == "send" for name in sent)


def test_a_partner_organisations_topic_carries_its_name() -> None:
    channel = DOCUMENT["channels"]["linkway.partner"]
    assert channel["address"] == "linkway.partner.{organisation}"
    assert "organisation" in channel["parameters"]
