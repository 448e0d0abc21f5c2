"""Topics on a real Kafka are what the registry says of them; what is there already is left as it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts import Topic
from shared.messaging.topics import create, new_topic, wanted
from tests.infrastructure import eventually

SET_ON_THE_TOPIC = 1
"""Kafka's mark of a setting that is the topic's own, and no default of the broker's."""

KEPT_14_DAYS = {
    "cleanup.policy": "delete",
    "retention.ms": "1209600000",
    "min.insync.replicas": "1",
    "unclean.leader.election.enable": "false",
    "max.message.bytes": "1048588",
}
KEPT_ALWAYS = {
    "cleanup.policy": "compact",
    "min.insync.replicas": "1",
    "unclean.leader.election.enable": "false",
    "max.message.bytes": "1048588",
}


@pytest_asyncio.fixture
async def admin(kafka_server: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka_server)
    await client.start()
    yield client
    await client.close()


async def until_there(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    """Wait until the broker has heard of topics that its controller has created."""

    async def there() -> bool:
        return set(names) <= set(await admin.list_topics())

    await eventually(there)


async def own_settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    """Return what was set on a topic itself."""
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    ((_code, _message, _kind, _name, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries if entry[3] == SET_ON_THE_TOPIC}


def under_names_of_its_own(topics: list[Topic]) -> dict[str, Topic]:
    """Return topics that no other test of this session meets, by the names that they are made after."""
    mark = uuid4().hex[:12]
    return {topic.name: replace(topic, name=f"{topic.name}-{mark}") for topic in topics}


async def test_every_topic_has_the_partitions_retention_and_safety_that_it_is_to_have(
    admin: AIOKafkaAdminClient, kafka_server: str
) -> None:
    made = under_names_of_its_own(wanted(["larder"]))
    names = [topic.name for topic in made.values()]
    assert await create(kafka_server, list(made.values())) == names
    await until_there(admin, names)
    told = {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics(names)}
    assert {name: len(told[topic.name]) for name, topic in made.items()} == {
        "linkway.referrals": 12,
        "linkway.routing": 12,
        "linkway.casework": 12,
        "linkway.notifications": 12,
        "linkway.directory": 12,
        "linkway.programmes": 12,
        "linkway.operations": 12,
        "linkway.partner.larder": 12,
    }
    for name, topic in made.items():
        kept = KEPT_ALWAYS if name == "linkway.programmes" else KEPT_14_DAYS
        assert await own_settings(admin, topic.name) == kept, name


async def test_a_topic_that_is_there_is_left_as_it_is_and_the_missing_are_created(
    admin: AIOKafkaAdminClient, kafka_server: str
) -> None:
    first, second = under_names_of_its_own([Topic("linkway.first", "toy"), Topic("linkway.second", "toy")]).values()
    assert await create(kafka_server, [first]) == [first.name]
    await until_there(admin, [first.name])
    changed = replace(first, retention_days=1)
    assert await create(kafka_server, [changed, second]) == [second.name]
    await until_there(admin, [second.name])
    assert await create(kafka_server, [changed, second]) == []
    assert await own_settings(admin, first.name) == KEPT_14_DAYS


def test_of_three_replicas_two_have_to_be_in_sync() -> None:
    asked = new_topic(Topic("linkway.three", "toy"), 3)
    assert asked.replication_factor == 3
    assert asked.topic_configs["min.insync.replicas"] == "2"
