"""The reader obeys its subset of the Compose file and refuses the rest by name."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.compose import Compose, ComposeError, load, parse, seconds

WEB: dict[str, Any] = {"command": ["serve"], "restart": "always"}
CHECK = {"test": ["CMD", "ask"]}


def read(services: dict[str, Any], profiles: frozenset[str] = frozenset(), **variables: str) -> Compose:
    """Write a file and read it."""
    return parse(load(yaml.safe_dump({"services": services})), variables, profiles)


def refusal(services: dict[str, Any]) -> str:
    """Give what the reader says against a file."""
    with pytest.raises(ComposeError) as refused:
        read(services)
    return str(refused.value)


def test_a_service_says_how_it_is_run() -> None:
    check = CHECK | {"interval": "1m30s", "start_interval": "500ms", "retries": 4}
    ports = [{"target": 8000, "published": "8010-8019"}]
    web = read({"web": WEB | {"environment": {"N": 1, "P": "${P:-q}"}, "ports": ports, "healthcheck": check}})
    service = web.services["web"]
    assert service.command == ("serve",)
    assert service.environment == {"N": "1", "P": "q"}
    assert service.ports[0].published_range == range(8010, 8020)
    assert service.healthcheck
    assert (service.healthcheck.interval, service.healthcheck.start_interval) == (90.0, 0.5)
    assert not service.is_job


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"comand": ["x"]}, "services.web.comand: Extra inputs are not permitted"),
        ({"command": "serve --now"}, "services.web.command: Value error, a list is needed, not a line for a shell"),
        ({"environment": ["A=b"]}, "services.web.environment: Input should be a valid dictionary"),
        ({"environment": {"A": None}}, "services.web.environment.A: Value error, a text is needed: quote it"),
        ({"environment": {"A": True}}, "services.web.environment.A: Value error, a text is needed: quote it"),
        ({"restart": "sometimes"}, "services.web.restart: String should match"),
        ({"restart": False}, "services.web.restart: Value error, a text is needed: quote it"),
        ({"depends_on": ["db"]}, "services.web.depends_on: Input should be a valid dictionary"),
        ({"ports": ["80:80"]}, "services.web.ports.0: Input should be a valid dictionary"),
        ({"ports": [{"target": 80, "published": "90-"}]}, "services.web.ports.0.published: String should match"),
        ({"healthcheck": CHECK | {"interval": "soon"}}, "services.web.healthcheck.interval: Value error, a duration"),
        ({"healthcheck": {"test": ["CMD-SHELL", "x"]}}, "services.web: a health check is a list that begins with CMD"),
        ({"deploy": {"replicas": 0}}, "services.web.deploy.replicas: Input should be greater than or equal to 1"),
        ({"deploy": {"mode": "global"}}, "services.web.deploy.mode: Extra inputs are not permitted"),
        ({"volumes": ["a:/b"]}, "services.web: volumes are for infrastructure"),
        ({"command": []}, "services.web: without a command only its image would know what to run"),
        ({"x-linkway": {"infrastructure": "redis"}}, "services.web.x-linkway.infrastructure: Input should be 'kafka'"),
        ({"depends_on": {"db": {"condition": "service_started"}}}, "services.web: waits for db, which is not there"),
    ],
)
def test_what_is_outside_the_subset_is_refused_with_its_place(change: dict[str, Any], said: str) -> None:
    assert said in refusal({"web": WEB | change})


def test_every_fault_is_named_at_once() -> None:
    said = refusal({"a": WEB | {"x": 1}, "b": WEB | {"y": 2}})
    assert "services.a.x" in said
    assert "services.b.y" in said


def test_a_refusal_does_not_repeat_values_which_may_be_secret() -> None:
    assert "hunter2" not in refusal({"web": WEB | {"restart": "hunter2"}})


def test_waiting_for_health_needs_a_health_check() -> None:
    waits = WEB | {"depends_on": {"db": {"condition": "service_healthy"}}}
    assert "which has no health check" in refusal({"web": waits, "db": WEB})
    read({"web": waits, "db": WEB | {"healthcheck": CHECK}})


def test_waiting_for_an_end_needs_something_that_ends() -> None:
    waits = WEB | {"depends_on": {"job": {"condition": "service_completed_successfully"}}}
    assert "which is restarted for ever" in refusal({"web": waits, "job": WEB})
    read({"web": waits, "job": {"command": ["once"]}})


def test_services_that_wait_for_each_other_are_refused() -> None:
    waits = {"condition": "service_started"}
    services = {"a": WEB | {"depends_on": {"b": waits}}, "b": WEB | {"depends_on": {"a": waits}}}
    assert "services wait for each other: " in refusal(services)


def test_replicas_need_as_many_published_ports() -> None:
    web = WEB | {"deploy": {"replicas": 3}, "ports": [{"target": 80, "published": "8010-8011"}]}
    assert "3 replicas need as many published ports" in refusal({"web": web})


def test_a_service_with_a_profile_is_left_out_unless_it_is_asked_for() -> None:
    services = {"web": WEB, "extra": WEB | {"profiles": ["more"]}}
    assert set(read(services).services) == {"web"}
    assert set(read(services, frozenset({"more"})).services) == {"web", "extra"}


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "services:\n  a:\n    image: x\n    image: y\n", "l: [{a: 1, a: 2}]"])
def test_a_key_given_twice_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ComposeError, match=r"^line \d+: \w+ is given twice$"):
        load(text)


def test_what_a_merge_brings_in_may_be_overridden() -> None:
    text = "x-a: &a {k: 1, l: 2}\nx-b: &b\n  <<: *a\n  k: 3\nservices:\n  <<: *b\n  l: 4\n"
    assert load(text) == {"services": {"k": 3, "l": 4}}


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_a_duration_is_the_sum_of_its_parts(hours: int, minutes: int, whole: int, thousandths: int) -> None:
    text = f"{hours}h{minutes}m{whole}s{thousandths}ms"
    assert seconds(text) == pytest.approx(hours * 3600 + minutes * 60 + whole + thousandths / 1000)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_whatever_stands_where_a_service_should_be_is_refused_and_not_crashed_on(value: object) -> None:
    with pytest.raises(ComposeError):
        parse({"services": {"web": value}}, {"": ""})
