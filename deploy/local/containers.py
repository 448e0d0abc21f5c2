"""Run Kafka and PostgreSQL as containers for those who ask for it; the images are those of `compose.yaml`."""

import contextlib
from collections.abc import Iterator

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.ports import free_port

START_SECONDS = 60
KAFKA_IMAGE = "apache/kafka:4.2.0"
POSTGRES_IMAGE = "postgres:18"


@contextlib.contextmanager
def postgres_container(database: str) -> Iterator[str]:
    """Run PostgreSQL, open to the superuser `postgres` without a password; gives its HOST:PORT."""
    container = DockerContainer(POSTGRES_IMAGE).with_exposed_ports(5432)
    container = container.with_envs(POSTGRES_HOST_AUTH_METHOD="trust", POSTGRES_DB=database)
    # The image starts the server twice, and the first time only for itself.
    ready = LogMessageWaitStrategy("database system is ready to accept connections", times=2)
    with container.waiting_for(ready.with_startup_timeout(START_SECONDS)):
        yield f"{container.get_container_host_ip()}:{container.get_exposed_port(5432)}"


@contextlib.contextmanager
def kafka_container() -> Iterator[str]:
    """Run Kafka; gives its HOST:PORT, which it must know before it starts."""
    port = free_port()
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port)
    container = container.with_envs(
        KAFKA_NODE_ID="1",
        KAFKA_PROCESS_ROLES="broker,controller",
        KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
        KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
        KAFKA_LISTENERS="PLAINTEXT://:9092,CONTROLLER://:9093",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://127.0.0.1:{port}",
        KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
    )
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(START_SECONDS)):
        yield f"127.0.0.1:{port}"
