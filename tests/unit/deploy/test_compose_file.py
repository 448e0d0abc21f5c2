"""The project's own `compose.yaml` is what both Compose and the embedded runner can read."""

import json
from importlib import import_module
from typing import Any

import pytest
from compose_spec import PyCompose
from pydantic_core import PydanticUndefined

from deploy.local.addresses import replace_addresses
from deploy.local.compose import Compose, load, parse, secret_names
from deploy.local.containers import KAFKA_IMAGE, POSTGRES_IMAGE
from deploy.local.home import PROJECT
from deploy.local.interpolation import interpolate_all
from deploy.local.jars import KAFKA, locked
from deploy.local.postgres import SETTINGS
from shared.service import ServiceSettings

DOCUMENT = load((PROJECT / "compose.yaml").read_text())
SECRETS = {name: f"the value of {name}" for name in secret_names(DOCUMENT)}
SERVICES = {"referral-intake", "matching", "casework", "notifications", "operations"}


@pytest.fixture(scope="module")
def compose() -> Compose:
    """The file as it is read where only the keys are given."""
    return parse(DOCUMENT, SECRETS)


def test_it_lists_the_services_the_jobs_and_the_infrastructure(compose: Compose) -> None:
    jobs = {name for name, service in compose.services.items() if service.is_job}
    infrastructure = {name: service.infrastructure for name, service in compose.services.items()}
    assert jobs == {"migrate", "topics", "setup"}
    assert {name for name, kind in infrastructure.items() if kind} == {"kafka", "postgres", "keys", "mail"}
    assert set(compose.services) - jobs - {name for name, kind in infrastructure.items() if kind} == SERVICES


def test_the_compose_specification_accepts_it() -> None:
    """As far as the package compose-spec knows the specification; merges are done by YAML before."""
    accepted = PyCompose.from_json(json.dumps(interpolate_all(DOCUMENT, SECRETS)))
    accepted.validate()
    assert set(accepted.service_names()) == set(DOCUMENT["services"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"comand": ["x"]}, "comand"),
        ({"restart": "sometimes"}, "sometimes"),
        ({"volumes": [{"type": "disk"}]}, "disk"),
        ({"deploy": {"replicas": "x"}}, '"x"'),
    ],
)
def test_the_compose_specification_would_refuse_a_mistake(change: dict[str, Any], said: str) -> None:
    services = {**DOCUMENT["services"], "mail": {**DOCUMENT["services"]["mail"], **change}}
    with pytest.raises(ValueError, match=said):
        PyCompose.from_json(json.dumps({"services": services}))


def test_no_key_has_a_default(compose: Compose) -> None:
    values = {value for service in compose.services.values() for value in service.environment.values()}
    assert values.issuperset(SECRETS.values())


def test_people_s_keys_go_to_nobody_but_the_service_that_opens_them_and_the_jobs(compose: Compose) -> None:
    holders = {name for name, service in compose.services.items() if "LINKWAY_WRAPPING_KEY" in service.environment}
    assert holders == {"referral-intake", "migrate", "setup"}


def test_every_service_is_restarted_checked_and_published_in_a_range(compose: Compose) -> None:
    for name in SERVICES:
        service = compose.services[name]
        assert service.restart == "always"
        assert service.healthcheck is not None
        assert len(service.ports[0].published_range) >= 2


def test_no_published_port_is_given_out_twice(compose: Compose) -> None:
    ranges = [ports.published_range for service in compose.services.values() for ports in service.ports]
    published = [port for ports in ranges for port in ports]
    assert len(published) == len(set(published))


# Where these answer on the machine itself; what the file publishes answers at the first port of its range.
UNPUBLISHED = {"kafka:9092": 9092, "postgres:5432": 5432, "keys:5432": 5432, "mail:1025": 1025}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_s_default_address_is_where_the_file_publishes_it(compose: Compose, name: str) -> None:
    published = {f"{at}:{p.target}": p.published_range.start for at, of in compose.services.items() for p in of.ports}
    here = {address: f"127.0.0.1:{port}" for address, port in (UNPUBLISHED | published).items()}
    settings: type[ServiceSettings] = import_module(f"{name.replace('-', '_')}.config").Settings
    defaults = {f"LINKWAY_{each.upper()}": field.default for each, field in settings.model_fields.items()}
    given = {key: replace_addresses(value, here) for key, value in compose.services[name].environment.items()}
    addresses = {key for key, value in given.items() if "127.0.0.1:" in value and key in defaults}
    assert "LINKWAY_KAFKA" in addresses
    assert {key: defaults[key] for key in addresses if defaults[key] not in (given[key], PydanticUndefined)} == {}


def test_a_replica_listens_where_the_runner_says(compose: Compose) -> None:
    own = parse(DOCUMENT, {**SECRETS, "LINKWAY_PORT": "8123", "LINKWAY_HOST": "127.0.0.1"})
    for name in SERVICES:
        assert own.services[name].command[-4:] == ("--host", "127.0.0.1", "--port", "8123")
        check = own.services[name].healthcheck
        assert check is not None
        assert "8123" in check.test
        assert compose.services[name].command[-4:] == ("--host", "0.0.0.0", "--port", "8000")


def test_containers_and_embedded_servers_are_of_one_version_and_keep_rows_out_of_logs(compose: Compose) -> None:
    assert compose.services["kafka"].image == KAFKA_IMAGE == f"apache/kafka:{KAFKA.rpartition(':')[2]}"
    for name in ("postgres", "keys"):
        assert compose.services[name].image == POSTGRES_IMAGE
        said = set(compose.services[name].command)
        assert {f"{key}={value}" for key, value in SETTINGS.items() if key.startswith("log_")} <= said


def test_kafka_s_jars_are_all_of_kafka_s_version() -> None:
    """The resolver once took kafka-clients 3.8 from the BOM of log4j."""
    versions = {jar.coordinate.rpartition(":")[2] for jar in locked() if jar.coordinate.startswith("org.apache.kafka:")}
    assert versions == {KAFKA.rpartition(":")[2]}
