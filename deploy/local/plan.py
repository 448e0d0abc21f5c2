"""Work out what a stack consists of: from the file, from what is given, and from what is asked for."""

import asyncio
import contextlib
import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.local import compose as reader
from deploy.local.addresses import Addresses
from deploy.local.compose import Compose
from deploy.local.home import PROJECT, Home
from deploy.local.infrastructure import DATABASES, GIVEN_BY, START_SECONDS, Embedded, Part
from deploy.local.model import MODEL, model_folder
from deploy.local.ports import Ports
from deploy.local.replica import Health
from deploy.local.secrets import keep_secrets
from deploy.local.services import Builder, Place, address_table, counts_of, places_of
from deploy.local.supervisor import Unit


@dataclass(frozen=True)
class Options:
    """What is asked of a stack beyond what the file says."""

    file: Path = PROJECT / "compose.yaml"
    # Each service of our own gets so many replicas, or each that is named.
    replicas: int | Mapping[str, int] | None = None
    # For `${NAME}` in the file; they come before those of the environment.
    variables: Mapping[str, str] = field(default_factory=dict)
    # For every process of our own, beside what the file gives it: the settings of a demonstration or of a test.
    settings: Mapping[str, str] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    only_infrastructure: bool = False
    # Faster and not safe from a power cut: for tests.
    ephemeral: bool = False
    # Take the ports that the file publishes, where they are free, so that addresses stay the same from day to day.
    published_ports: bool = False
    kafka_nodes: int = 1
    # Run Kafka and PostgreSQL as containers.
    containers: bool = False
    # Fetch the model of meaning where no folder is given; without one, services are found by words alone.
    model: bool = False


@dataclass(frozen=True)
class Plan:
    """What to run, and where it will answer."""

    units: list[Unit]
    addresses: Addresses
    embedded: Embedded


async def make_plan(home: Home, options: Options, containers: contextlib.ExitStack) -> Plan:
    """Read the file, choose ports, and create what a first start needs; downloads and formats where it must.

    Raises:
        ComposeError: the file asks for what cannot be done.
        RuntimeError: a part of the infrastructure cannot be created.
    """
    document = reader.load(options.file.read_text())
    variables = given_variables(home, options, document)
    compose = reader.parse(document, variables, options.profiles)
    counts = counts_asked(compose, options)
    if options.containers:
        variables |= await asyncio.to_thread(start_containers, containers)
    if options.model and not variables.get(MODEL):
        variables |= await asyncio.to_thread(model_where_it_can_be_had, home)
    names = {name: service.infrastructure for name, service in compose.services.items() if service.infrastructure}
    missing = {kind for kind in names.values() if not variables.get(GIVEN_BY[kind])}
    ports = Ports()
    embedded = await asyncio.to_thread(
        Embedded.at, home, missing, ports, ephemeral=options.ephemeral, kafka_nodes=options.kafka_nodes
    )
    parts = embedded.parts()
    await asyncio.gather(*(asyncio.to_thread(part.prepare) for part in parts.values()))
    units = [infrastructure(name, compose, parts.get(kind), home) for name, kind in names.items()]
    places = places_of(compose, counts, ports, published=options.published_ports)
    builder = Builder(document, variables, options.settings, options.profiles, embedded.table(names), home)
    return Plan(*add_services(builder, compose, places, units, embedded.addresses(variables)), embedded)


def counts_asked(compose: Compose, options: Options) -> dict[str, int]:
    """Say how many of each service are to run, before anything is downloaded or made for them."""
    if options.only_infrastructure:
        return {}
    return counts_of(compose, options.replicas, published=options.published_ports)


def given_variables(home: Home, options: Options, document: Mapping[str, Any]) -> dict[str, str]:
    """Give the values for `${NAME}`: those asked for, else the environment's, else keys made for this home."""
    given = dict(os.environ) | dict(options.variables)
    return keep_secrets(home.secrets, (name for name in reader.secret_names(document) if not given.get(name))) | given


def model_where_it_can_be_had(home: Home) -> dict[str, str]:
    """Give the folder of the model, or nothing, and say so: Linkway works without it, and finds less."""
    try:
        return {MODEL: str(model_folder(home.cache))}
    except RuntimeError as error:
        print(f"Services will be found by words alone: {error}", file=sys.stderr)
        return {}


def start_containers(containers: contextlib.ExitStack) -> dict[str, str]:
    """Run Kafka and both PostgreSQL servers as containers, as if their addresses had been given."""
    from deploy.local.containers import kafka_container, postgres_container  # noqa: PLC0415 - Docker's client only here

    given = {GIVEN_BY["kafka"]: containers.enter_context(kafka_container())}
    for kind, database in DATABASES.items():
        address = containers.enter_context(postgres_container(database))
        given[GIVEN_BY[kind]] = f"postgresql://{address}/{database}"
    return given


def infrastructure(name: str, compose: Compose, part: Part | None, home: Home) -> Unit:
    """Put an embedded part, or nothing where one is given, in the place of a service."""
    if part is None:
        return Unit(name)
    launches = part.launches(home.log)
    asks = (functools.partial(part.answers, number) for number in range(len(launches)))
    healths = [Health(ask, every_seconds=0.05, patience_seconds=START_SECONDS) for ask in asks]
    return Unit(name, launches, healths, restart=compose.services[name].restart)


def add_services(
    builder: Builder,
    compose: Compose,
    places: Mapping[str, list[Place]],
    units: list[Unit],
    addresses: Addresses,
) -> tuple[list[Unit], Addresses]:
    """Add the services that the file lists beside the infrastructure, and where they answer."""
    builder = replace(builder, table={**builder.table, **address_table(compose, places)})
    services = [builder.unit(name, replicas) for name, replicas in places.items()]
    reached = {name: [place.address for place in replicas if place.address] for name, replicas in places.items()}
    doors = {name: addresses for name, addresses in reached.items() if addresses}
    return [*units, *services], replace(addresses, services=doors)
