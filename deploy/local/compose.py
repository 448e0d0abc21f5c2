"""Read the one list of processes, `compose.yaml`, as far as the embedded runner obeys it, and refuse the rest."""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from deploy.local.interpolation import InterpolationError, interpolate_all

Kind = Literal["kafka", "postgres", "keys", "mail"]
Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]
UNITS_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001}


class ComposeError(ValueError):
    """The file asks for something that the embedded runner does not do, or contradicts itself."""


def seconds(text: object) -> float:
    """Read a duration as Compose writes it: `10s`, `1m30s`, `500ms`."""
    if not isinstance(text, str) or not re.fullmatch(r"(\d+(h|ms|us|m|s))+", text):
        raise ValueError("a duration is needed, such as 10s or 1m30s")
    return sum(int(count) * UNITS_SECONDS[unit] for count, unit in re.findall(r"(\d+)(h|ms|us|m|s)", text))


def words(value: object) -> object:
    """Take a list of words; a line would need a shell to take it apart."""
    if isinstance(value, str):
        raise ValueError("a list is needed, not a line for a shell")  # noqa: TRY004 - pydantic collects ValueError
    return value


def scalar(value: object) -> object:
    """Take a text or a whole number; YAML reads a bare `no`, `1.10` or `null` as something else than was meant."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("a text is needed: quote it")  # noqa: TRY004 - pydantic collects ValueError
    return str(value)


Text = Annotated[str, BeforeValidator(scalar)]
Words = Annotated[tuple[Text, ...], BeforeValidator(words)]
Seconds = Annotated[float, BeforeValidator(seconds)]


class Strict(BaseModel):
    """Refuse keys outside the subset, and keep values, which may be secrets, out of messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


class Ports(Strict):
    """A port inside the container, and the range from which each replica is published on one."""

    target: int
    published: Annotated[Text, Field(pattern=r"^\d+(-\d+)?$")]
    host_ip: Text | None = None

    @property
    def published_range(self) -> range:
        """The published ports."""
        first, _, last = self.published.partition("-")
        return range(int(first), int(last or first) + 1)


class Healthcheck(Strict):
    """How to ask a container whether it is well."""

    test: Words
    interval: Seconds = 30.0
    timeout: Seconds = 30.0
    retries: int = 3
    start_period: Seconds = 0.0
    start_interval: Seconds = 5.0


class Dependency(Strict):
    """What must be true of another service before this one starts."""

    condition: Condition


class Deploy(Strict):
    """How many of a service run."""

    replicas: int = Field(default=1, ge=1)


class Build(Strict):
    """What the image is built from; the embedded runner needs no image."""

    context: Text
    dockerfile: Text


class Linkway(Strict):
    """Our own marks on a service: which part of the infrastructure it is."""

    infrastructure: Kind


class Service(Strict):
    """One service of the file."""

    image: Text | None = None
    build: Build | None = None
    command: Words = ()
    environment: dict[str, Text] = {}
    depends_on: dict[str, Dependency] = {}
    healthcheck: Healthcheck | None = None
    restart: Annotated[Text, Field(pattern=r"^(no|always|unless-stopped|on-failure(:\d+)?)$")] = "no"
    deploy: Deploy = Deploy()
    ports: tuple[Ports, ...] = ()
    profiles: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    linkway: Linkway | None = Field(default=None, alias="x-linkway")

    @property
    def infrastructure(self) -> Kind | None:
        """Which embedded part stands in for this service, if one does."""
        return self.linkway.infrastructure if self.linkway else None

    @property
    def is_job(self) -> bool:
        """Whether it runs once and ends."""
        return not self.linkway and self.restart not in {"always", "unless-stopped"}


class Settings(Strict):
    """Our own marks on the whole file: the names of the keys that the runner makes where none are given."""

    secrets: tuple[str, ...] = ()


class Compose(Strict):
    """The whole file."""

    name: str = "linkway"
    services: dict[str, Service]
    volumes: dict[str, None] = {}
    linkway: Settings = Field(default=Settings(), alias="x-linkway")


def load(text: str) -> dict[str, Any]:
    """Read the YAML, before anything is filled in; `x-…` at the top other than ours is left out: it is for anchors."""
    try:
        refuse_repeated_keys(yaml.compose(text, yaml.SafeLoader))
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ComposeError(str(error)) from None
    if not isinstance(document, dict):
        raise ComposeError("a mapping is needed")
    return {key: value for key, value in document.items() if not str(key).startswith("x-") or key == "x-linkway"}


def refuse_repeated_keys(node: yaml.Node | None) -> None:
    """Refuse a key given twice, of which YAML would silently take the last."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for key, value in node.value:
            if keys.count(key.value) > 1:
                raise ComposeError(f"line {key.start_mark.line + 1}: {key.value} is given twice")
            refuse_repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            refuse_repeated_keys(item)


def secret_names(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the names of the keys to be made, which must be known before anything can be filled in."""
    return Settings.model_validate(document.get("x-linkway", {})).secrets


def parse(document: Mapping[str, Any], variables: Mapping[str, str], profiles: frozenset[str] = frozenset()) -> Compose:
    """Fill in the variables, check the subset, and leave out services whose profile is not asked for.

    Raises:
        ComposeError: with every place that is wrong.
    """
    try:
        compose = Compose.model_validate(interpolate_all(dict(document), variables))
    except InterpolationError as error:
        raise ComposeError(str(error)) from None
    except ValidationError as error:
        places = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise ComposeError("; ".join(places)) from None
    chosen = {
        name: service
        for name, service in compose.services.items()
        if not service.profiles or profiles.intersection(service.profiles)
    }
    faults = list(contradictions(chosen))
    if faults:
        raise ComposeError("; ".join(faults))
    return compose.model_copy(update={"services": chosen})


def contradictions(services: Mapping[str, Service]) -> Iterator[str]:
    """Name what each service says that cannot be done."""
    for name, service in services.items():
        yield from (f"services.{name}: {fault}" for fault in faults_of(service, services))
    try:
        TopologicalSorter({name: service.depends_on for name, service in services.items()}).prepare()
    except CycleError as error:
        yield f"services wait for each other: {' -> '.join(error.args[1])}"


def faults_of(service: Service, services: Mapping[str, Service]) -> Iterator[str]:
    """Name what one service says that cannot be done."""
    if not service.infrastructure and not service.command:
        yield "without a command only its image would know what to run"
    if not service.infrastructure and service.volumes:
        yield "volumes are for infrastructure: a service keeps nothing on disk"
    if service.healthcheck and service.healthcheck.test[:1] != ("CMD",):
        yield "a health check is a list that begins with CMD"
    for ports in service.ports:
        if len(ports.published_range) < service.deploy.replicas:
            yield f"{service.deploy.replicas} replicas need as many published ports"
    for name, dependency in service.depends_on.items():
        if name not in services:
            yield f"waits for {name}, which is not there"
        elif dependency.condition == "service_healthy" and not services[name].healthcheck:
            yield f"waits for the health of {name}, which has no health check"
        elif dependency.condition == "service_completed_successfully" and not services[name].is_job:
            yield f"waits for the end of {name}, which is restarted for ever"
