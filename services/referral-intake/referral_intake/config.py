"""The settings of referral-intake, read from the environment."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.service import Key, ServiceSettings


class DatabaseSettings(BaseSettings):
    """What a command needs: the data, and no key of any kind."""

    model_config = SettingsConfigDict(env_prefix="LINKWAY_", extra="ignore", frozen=True)

    # Where PostgreSQL is, and its roles' password, as for every service.
    postgres: str = "postgresql://127.0.0.1:5432/linkway"
    db_password: SecretStr | None = None


class Settings(ServiceSettings):
    """What referral-intake needs beside what every service needs."""

    # The key database: postgresql://host:port/database, never the data's own and never in its backups.
    keys_postgres: str = "postgresql://127.0.0.1:5432/linkway_keys"
    # Wraps the keys of people: 32 random bytes in base64, kept in no database.
    wrapping_key: Key
    # Connections to the key database.
    key_connections: Annotated[int, Field(ge=1)] = 4

    # Longest bodies, in bytes, at the JSON door and at the FHIR door.
    json_limit_bytes: Annotated[int, Field(ge=1024)] = 1024 * 1024
    fhir_limit_bytes: Annotated[int, Field(ge=1024)] = 5_000_000
    # Our endpoint and our use cases in BaRS messages; what is addressed to others is refused.
    fhir_endpoints: tuple[str, ...] = ("linkway-social-prescribing",)
    fhir_use_cases: tuple[str, ...] = ("linkway-social-prescribing",)

    # Hours within which a second open referral of a person is told as possibly the same.
    same_person_hours: Annotated[float, Field(ge=0)] = 24
    # In place of the programme's clocks, where a demonstration or a test cannot wait for days: "20 seconds".
    needs_information_clock: str | None = None
    return_decision_clock: str | None = None
    # Seconds between looks at those clocks, and at both copies of the erasure log.
    clock_tick_seconds: Annotated[float, Field(gt=0)] = 5
    erasure_tick_seconds: Annotated[float, Field(gt=0)] = 60

    @property
    def same_person_within(self) -> timedelta:
        """The time within which a second open referral of a person is told as possibly the same."""
        return timedelta(hours=self.same_person_hours)
