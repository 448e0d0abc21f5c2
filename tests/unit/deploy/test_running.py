"""What the runner decides: restarts, delays, addresses, ports, keys."""

import base64
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.addresses import Addresses, replace_addresses
from deploy.local.compose import ComposeError, load, parse, secret_names
from deploy.local.home import PROJECT
from deploy.local.kafka import Kafka
from deploy.local.ports import FREE, Ports, free_port
from deploy.local.replica import LONGEST_DELAY_SECONDS, delay_seconds, restarts
from deploy.local.secrets import keep_secrets, read_variables
from deploy.local.services import address_table, counts_of, places_of


@pytest.mark.parametrize(
    ("policy", "code", "count", "again"),
    [
        ("always", 0, 99, True),
        ("unless-stopped", -9, 99, True),
        ("no", 1, 0, False),
        ("on-failure", 0, 0, False),
        ("on-failure", 1, 99, True),
        ("on-failure:2", 1, 1, True),
        ("on-failure:2", 1, 2, False),
    ],
)
def test_a_process_that_ends_is_started_again_as_its_policy_says(
    policy: str, code: int, count: int, again: bool
) -> None:
    assert restarts(policy, code, count) is again


def test_the_delay_before_a_restart_doubles_to_a_limit_until_a_run_was_steady() -> None:
    delays = [delay_seconds(None, 0.1)]
    while delays[-1] < LONGEST_DELAY_SECONDS:
        delays.append(delay_seconds(delays[-1], 0.1))
    assert delays[:4] == [0.1, 0.2, 0.4, 0.8]
    assert delay_seconds(delays[-1], 0.1) == LONGEST_DELAY_SECONDS
    assert delay_seconds(delays[-1], 60) == 0.1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kafka:9092", "127.0.0.1:1"),
        ("postgresql://postgres:5432/linkway", "postgresql://127.0.0.1:2/linkway"),
        ("intake=http://intake:8000,other=http://other:8000/x", "intake=http://127.0.0.1:3,other=http://other:8000/x"),
        ("http://127.0.0.1:8010/a?b=1", "http://127.0.0.1:3/a?b=1"),
        ("my-kafka:9092", "my-kafka:9092"),
        ("kafka:90921", "kafka:90921"),
        ("kafka.example:9092", "kafka.example:9092"),
        ("kafka", "kafka"),
    ],
)
def test_an_address_among_containers_becomes_the_one_that_holds_here(text: str, expected: str) -> None:
    table = {
        "kafka:9092": "127.0.0.1:1",
        "postgres:5432": "127.0.0.1:2",
        "intake:8000": "127.0.0.1:3",
        "127.0.0.1:8010": "127.0.0.1:3",
    }
    assert replace_addresses(text, table) == expected


@given(st.text())
def test_without_containers_nothing_is_replaced(text: str) -> None:
    assert replace_addresses(text, {}) == text


def test_addresses_can_be_read_back_by_another_program(tmp_path: Path) -> None:
    addresses = Addresses("k:1", "p", "q", "s:2", "http://m", {"web": ["http://127.0.0.1:3"]})
    addresses.write(tmp_path / "addresses.json", {"web-1": 42})
    found, pids = Addresses.read(tmp_path / "addresses.json")
    assert found == addresses
    assert pids["web-1"] == 42


def test_a_preferred_port_is_taken_only_while_it_is_free() -> None:
    chosen = free_port()
    assert chosen in FREE
    assert free_port(chosen) == chosen
    with socket.create_server(("127.0.0.1", chosen)):
        assert free_port(chosen) != chosen


def test_a_port_is_given_once_although_nobody_has_taken_it_yet() -> None:
    ports = Ports()
    given = [ports.take() for _ in range(200)]
    assert len(set(given)) == 200
    assert ports.take(given[0]) not in given


DOCUMENT = load((PROJECT / "compose.yaml").read_text())
COMPOSE = parse(DOCUMENT, dict.fromkeys(secret_names(DOCUMENT), "x"))


def test_the_published_ports_carry_ten_replicas_and_refuse_more_by_a_sentence() -> None:
    assert counts_of(COMPOSE, 10, published=True)["matching"] == 10
    with pytest.raises(
        ComposeError, match=r"^\S+: 12 replicas are asked for, and the published ports 80\d0-80\d9 are "
    ):
        counts_of(COMPOSE, 12, published=True)


@pytest.mark.parametrize("count", [0, -1])
def test_fewer_than_one_replica_is_refused(count: int) -> None:
    with pytest.raises(ComposeError, match="at least one must run"):
        counts_of(COMPOSE, {"matching": count}, published=False)


def test_a_job_runs_once_and_a_service_as_often_as_is_asked_or_written() -> None:
    counts = counts_of(COMPOSE, {"matching": 3}, published=False)
    assert (counts["migrate"], counts["matching"], counts["casework"]) == (1, 3, 1)
    assert counts_of(COMPOSE, 2, published=False)["migrate"] == 1


@pytest.mark.parametrize(("count", "published"), [(12, False), (10, True)])
def test_no_two_replicas_of_one_plan_have_one_port(count: int, published: bool) -> None:
    places = places_of(COMPOSE, counts_of(COMPOSE, count, published=published), Ports(), published=published)
    doors = [place.port for replicas in places.values() for place in replicas if place.port]
    assert len(doors) == len(set(doors)) == 5 * count


def test_a_published_address_leads_to_its_own_service_however_many_replicas_another_has() -> None:
    places = places_of(COMPOSE, {"casework": 1, "matching": 12}, Ports(), published=False)
    assert address_table(COMPOSE, places)["127.0.0.1:8030"] == f"127.0.0.1:{places['casework'][0].port}"


def test_keys_are_made_once_and_for_their_owner_s_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    first = keep_secrets(path, ["A", "B"])
    second = keep_secrets(path, ["A", "B", "C"])
    assert {name: second[name] for name in first} == first
    assert read_variables(path) == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(set(second.values())) == 3
    assert all(len(base64.b64decode(value, validate=True)) == 32 for value in second.values())


def test_a_key_fits_into_an_address_as_it_is(tmp_path: Path) -> None:
    made = keep_secrets(tmp_path / "secrets.env", [str(number) for number in range(40)])
    assert not set("".join(made.values())) & set("/+@:?#%")


def test_a_lone_node_keeps_one_copy_and_three_keep_three_of_which_two_must_answer(tmp_path: Path) -> None:
    lone = Kafka.at(tmp_path, [], [(1, 2)])
    three = Kafka.at(tmp_path, [], [(1, 2), (3, 4), (5, 6)])
    assert "min.insync.replicas=1\n" in lone.configuration(lone.nodes[0])
    told = three.configuration(three.nodes[2])
    for line in (
        "node.id=3",
        "controller.quorum.voters=1@127.0.0.1:2,2@127.0.0.1:4,3@127.0.0.1:6",
        "default.replication.factor=3",
        "min.insync.replicas=2",
        "auto.create.topics.enable=false",
    ):
        assert f"{line}\n" in told
    assert three.bootstrap == "127.0.0.1:1,127.0.0.1:3,127.0.0.1:5"
