"""The settings that every service has; each service's config.py adds its own."""

import base64
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.messaging.membership import LoopSettings
from shared.messaging.parking import Schedule
from shared.messaging.relay import RelaySettings


def _key(value: SecretStr) -> SecretStr:
    if len(base64.b64decode(value.get_secret_value(), validate=True)) != 32:
        raise ValueError("a key is 32 bytes in base64")
    return value


Key = Annotated[SecretStr, AfterValidator(_key)]
"""32 random bytes in base64."""


class ServiceSettings(BaseSettings):
    """Read from the environment, each name in capitals after `LINKWAY_`; lists are JSON."""

    model_config = SettingsConfigDict(env_prefix="LINKWAY_", extra="ignore", frozen=True)

    # Where PostgreSQL is: postgresql://host:port/database; each service connects as its own role.
    postgres: str = "postgresql://127.0.0.1:5432/linkway"
    # The roles' password; none where PostgreSQL trusts the loopback.
    db_password: SecretStr | None = None
    # Where Kafka is: host:port, several with commas.
    kafka: str = "127.0.0.1:9092"
    # Seals parked messages.
    service_key: Key
    # What services show each other at their internal doors.
    internal_key: SecretStr
    # Connections for requests, the consumer and workers.
    http_connections: Annotated[int, Field(ge=1)] = 8
    worker_connections: Annotated[int, Field(ge=1)] = 4
    # JSON log lines; else a console's.
    log_json: bool = True

    # Messages a batch holds at most, and milliseconds a poll waits at most.
    batch_messages: Annotated[int, Field(ge=1, le=200)] = 200
    batch_ms: Annotated[int, Field(ge=10, le=1000)] = 1000
    # Bytes that a broker waits for, half a second at most, before it answers a fetch: more of them, larger batches.
    fetch_min_bytes: Annotated[int, Field(ge=1)] = 1
    # Milliseconds without a heartbeat after which Kafka gives a consumer's partitions to others.
    session_timeout_ms: int = 10_000
    # Seconds before each next attempt of a parked message whose handling failed; then a person has it.
    parked_retry_seconds: tuple[float, ...] = (1, 5, 30, 120, 600)
    # Seconds at most between attempts of a message that waits for a fact from another topic.
    not_yet_longest_seconds: float = 60
    # Seconds between looks for parked messages that are due.
    redrive_tick_seconds: float = 0.5
    # Seconds between looks of the relay for unsent events that nobody woke it for.
    relay_poll_seconds: float = 1
    # Seconds for which an unsent event leaves the service ready.
    unsent_ready_seconds: float = 120
    # Days that inbox and sent outbox are kept.
    kept_days: Annotated[int, Field(ge=1)] = 35
    # Days that a settled parked message is kept.
    parked_kept_days: Annotated[int, Field(ge=1)] = 90
    # Seconds between looks at the figures that only the database knows.
    figures_seconds: float = 10

    @property
    def loop(self) -> LoopSettings:
        """The consumer loop's settings."""
        return LoopSettings(
            batch_messages=self.batch_messages,
            batch_ms=self.batch_ms,
            fetch_min_bytes=self.fetch_min_bytes,
            session_timeout_ms=self.session_timeout_ms,
            heartbeat_ms=min(1_000, self.session_timeout_ms // 3),
        )

    @property
    def relay(self) -> RelaySettings:
        """The relay's settings."""
        return RelaySettings(poll_seconds=self.relay_poll_seconds)

    @property
    def schedule(self) -> Schedule:
        """When parked messages are tried again."""
        return Schedule(fault_seconds=self.parked_retry_seconds, not_yet_longest_seconds=self.not_yet_longest_seconds)

    @property
    def parking_key(self) -> bytes:
        """The key that parked messages are sealed under."""
        return key_bytes(self.service_key)

    @property
    def password(self) -> str | None:
        """The role's password, or None."""
        return self.db_password.get_secret_value() if self.db_password else None


def key_bytes(key: SecretStr) -> bytes:
    """Return the 32 bytes of a key."""
    return base64.b64decode(key.get_secret_value())
