"""Creates the topics of the registry, with partitions, replication and retention; changes none that exist.

python -m shared.messaging.topics [--partner ORGANISATION …]
"""

import argparse
import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code

from shared.contracts import TOPICS, Topic

DAY_MS = 86_400_000


def wanted(partners: list[str]) -> list[Topic]:
    """Return the registry's topics and one for each partner organisation that asked for its own."""
    return [*TOPICS, *(Topic(f"linkway.partner.{organisation}", "notifications") for organisation in partners)]


def new_topic(topic: Topic, replication: int) -> NewTopic:
    """Say to Kafka how a topic is to be: unclean elections never, two in-sync replicas where there are three."""
    kept = (
        {"cleanup.policy": "compact"}
        if topic.retention_days is None
        else {"cleanup.policy": "delete", "retention.ms": str(topic.retention_days * DAY_MS)}
    )
    return NewTopic(
        topic.name,
        topic.partitions,
        replication,
        topic_configs={
            **kept,
            "min.insync.replicas": str(max(1, replication - 1)),
            "unclean.leader.election.enable": "false",
            "max.message.bytes": "1048588",
        },
    )


async def create(bootstrap: str, topics: list[Topic], replication: int | None = None) -> list[str]:
    """Create what is missing and return the names; replication is 3 where there are as many brokers."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        brokers = len((await admin.describe_cluster())["brokers"])
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in there]
        if missing:
            response = await admin.create_topics(
                [new_topic(topic, replication or min(3, brokers)) for topic in missing]
            )
            for _name, code, *_ in response.topic_errors:
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise for_code(code)
    finally:
        await admin.close()
    return [topic.name for topic in missing]


async def cluster_id(bootstrap: str) -> str:
    """Ask the cluster who it is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


def main() -> None:
    """Create the topics on the cluster that LINKWAY_KAFKA names."""
    parser = argparse.ArgumentParser(prog="python -m shared.messaging.topics", description=__doc__)
    parser.add_argument("--partner", action="append", default=[], help="an organisation that wants a topic of its own")
    parser.add_argument("--replication", type=int, help="copies of each partition; 3 if there are three brokers")
    arguments = parser.parse_args()
    try:
        created = asyncio.run(create(os.environ["LINKWAY_KAFKA"], wanted(arguments.partner), arguments.replication))
    except KafkaConnectionError:
        sys.exit("no broker answers at LINKWAY_KAFKA")
    sys.stdout.write("\n".join(created or ["nothing to create"]) + "\n")


if __name__ == "__main__":
    main()
