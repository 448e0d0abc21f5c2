"""The runner starts processes in order, starts again what dies, and ends all of them, whatever ends it."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
import yaml

from deploy.local.home import PROJECT, Home
from deploy.local.lock import AlreadyRunning
from deploy.local.plan import Options
from deploy.local.ports import listening
from deploy.local.replica import StartFailed
from deploy.local.stack import Stack
from tests.infrastructure import eventually

TINY = Options(file=Path(__file__).with_name("tiny.yaml"))


@pytest.fixture
def home() -> Iterator[Home]:
    """A state folder of the test's own."""
    with Home.temporary() as home:
        yield home


@contextlib.asynccontextmanager
async def command_line(home: Home, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the runner as a person would, but with no home, no Java and nothing on the path; yields when all is up."""
    environment = os.environ | {"LINKWAY_HOME": str(home.root), "HOME": "/nonexistent", "PATH": ""}
    (home.root / "cache").symlink_to(home.cache)
    runner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local", *arguments),
        cwd=PROJECT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert runner.stdout is not None
    try:
        async with asyncio.timeout(100):
            while b"Ctrl-C ends it" not in await runner.stdout.readline():
                assert runner.returncode is None
        yield runner
    finally:
        if runner.returncode is None:
            runner.kill()
        await runner.communicate()


def family(runner: asyncio.subprocess.Process) -> list[psutil.Process]:
    """Give all processes that descend from the runner."""
    return psutil.Process(runner.pid).children(recursive=True)


async def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of these processes runs; one that only waits to be reaped does not run."""
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


async def door(stack: Stack, service: str, number: int = 0, path: str = "/") -> httpx.Response:
    """Ask a replica."""
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.get(stack.addresses.services[service][number] + path)


async def test_nothing_survives_the_runner_not_even_its_kill(home: Home) -> None:
    compose = yaml.safe_load(TINY.file.read_text())
    with_infrastructure = home.root / "compose.yaml"
    for kind in ("kafka", "postgres", "keys", "mail"):
        compose["services"][kind] = {"x-linkway": {"infrastructure": kind}}
    with_infrastructure.write_text(yaml.safe_dump(compose))
    async with command_line(home, "up", "--file", str(with_infrastructure)) as runner:
        processes = family(runner)
        commands = [" ".join(process.cmdline()) for process in processes]
        for part in ("kafka.Kafka", "postgres -D", "deploy.local.mailsink", "tiny.py", "guardian.py"):
            assert any(part in command for command in commands), part
        runner.kill()
        await runner.wait()
        await eventually(lambda: all_gone(processes))
    left = [
        process.pid for process in psutil.process_iter(["cmdline"]) if str(home.root) in str(process.info["cmdline"])
    ]
    assert left == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_everything_in_order(home: Home, number: signal.Signals) -> None:
    async with command_line(home, "up", "--file", str(TINY.file)) as runner:
        processes = family(runner)
        assert len(processes) == 6
        runner.send_signal(number)
        assert await asyncio.wait_for(runner.wait(), 60) == 0
        assert await all_gone(processes)
    assert not home.addresses.exists()


async def test_down_ends_a_stack_that_another_terminal_runs(home: Home) -> None:
    async with command_line(home, "up", "--file", str(TINY.file)) as runner:
        processes = family(runner)
        environment = os.environ | {"LINKWAY_HOME": str(home.root)}
        down = (sys.executable, "-m", "deploy.local", "down")
        ending = await asyncio.create_subprocess_exec(*down, cwd=PROJECT, env=environment)
        assert await asyncio.wait_for(ending.wait(), 60) == 0
        assert await all_gone(processes)
        assert await asyncio.wait_for(runner.wait(), 60) == 0


async def test_a_guardian_that_is_killed_takes_its_process_along(home: Home) -> None:
    async with Stack(home, TINY) as stack:
        process = psutil.Process(stack.pids()["web-1"])
        guardian = process.parent()
        assert guardian is not None
        guardian.kill()
        await eventually(lambda: all_gone([process]))


async def test_a_killed_process_is_started_again_at_its_old_address(home: Home) -> None:
    async with Stack(home, TINY) as stack:
        pid = stack.pids()["web-2"]
        stack.kill("web-2")

        async def back() -> bool:
            return stack.pids().get("web-2", pid) != pid and await listening(int(port))

        port = stack.addresses.services["web"][1].rpartition(":")[2]
        await eventually(back)
        assert [replica.restarts for replica in stack.replicas("web")] == [0, 1]


async def end(stack: Stack, code: int) -> None:
    """Tell the service `other` to end itself."""
    with contextlib.suppress(httpx.HTTPError):
        await door(stack, "other", path=f"/end/{code}")


async def test_a_process_is_restarted_only_as_often_as_its_policy_allows(home: Home) -> None:
    async with Stack(home, TINY) as stack:
        [other] = stack.replicas("other")
        await end(stack, 3)
        await eventually(lambda: asyncio.sleep(0, other.restarts == 1 and other.healthy.is_set()))
        await end(stack, 4)
        with pytest.raises(StartFailed, match="other-1 ended with 4"):
            await asyncio.wait_for(other.done(), 60)
        assert other.restarts == 1


async def test_an_end_without_a_fault_is_no_reason_to_restart_on_failure(home: Home) -> None:
    async with Stack(home, TINY) as stack:
        [other] = stack.replicas("other")
        await end(stack, 0)
        await asyncio.wait_for(other.done(), 60)
        assert other.restarts == 0


async def test_a_stopped_service_stays_stopped_until_it_is_started(home: Home) -> None:
    async with Stack(home, TINY) as stack:
        await stack.stop("web")
        assert {"web-1", "web-2"}.isdisjoint(stack.pids())
        await stack.start("web")
        assert (await door(stack, "web", 0)).status_code == 200
        assert (await door(stack, "web", 1)).status_code == 200
        assert [replica.restarts for replica in stack.replicas("web")] == [0, 0]


async def test_a_stack_that_was_ended_comes_up_again_at_the_same_addresses(home: Home) -> None:
    async with Stack(home, TINY) as stack:
        await stack.down()
        assert stack.pids() == {}
        await stack.up()
        assert (await door(stack, "other")).status_code == 200


async def test_each_replica_has_a_port_of_its_own_and_addresses_hold_here(home: Home) -> None:
    async with Stack(home, replace(TINY, replicas=3)) as stack:
        assert len(set(stack.addresses.services["web"])) == 3
        environment = (await door(stack, "web", 2)).json()
        [other, *_] = stack.addresses.services["other"]
        assert environment["OTHER"] == f"{other}/path"
        assert environment["PUBLIC"] == other


async def test_a_process_gets_nothing_of_the_caller_s_environment(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    async with Stack(home, TINY) as stack:
        assert "SECRET_OF_THE_CALLER" not in (await door(stack, "web")).json()


async def test_two_stacks_run_side_by_side(home: Home) -> None:
    with Home.temporary() as second_home:
        async with Stack(home, TINY) as first, Stack(second_home, TINY) as second:
            mine, theirs = first.addresses.services, second.addresses.services
            assert {*mine["web"], *mine["other"]}.isdisjoint({*theirs["web"], *theirs["other"]})
            assert (await door(first, "other")).status_code == (await door(second, "other")).status_code == 200


async def test_one_home_has_one_stack(home: Home) -> None:
    async with Stack(home, TINY):
        with pytest.raises(AlreadyRunning):
            async with Stack(home, TINY):
                pass


async def test_a_job_that_fails_stops_the_start_and_names_its_log(home: Home) -> None:
    file = home.root / "compose.yaml"
    compose = yaml.safe_load(TINY.file.read_text())
    compose["services"]["job"]["command"] = ["python", "-c", "import sys; print('no disk'); sys.exit(3)"]
    file.write_text(yaml.safe_dump(compose))
    with pytest.raises(StartFailed, match=re.escape(f"job-1 ended with 3: see {home.log / 'job-1.log'}")):
        async with Stack(home, replace(TINY, file=file)):
            pass
    assert (home.log / "job-1.log").read_text() == "no disk\n"
    assert not home.addresses.exists()


async def test_a_service_that_ends_again_and_again_stops_the_start_without_a_long_wait(home: Home) -> None:
    file = home.root / "compose.yaml"
    compose = yaml.safe_load(TINY.file.read_text())
    compose["services"]["web"]["command"] = ["python", "-c", "import sys; sys.exit(7)"]
    file.write_text(yaml.safe_dump(compose))
    with pytest.raises(StartFailed, match=r"web-[12] ended with 7"):
        async with asyncio.timeout(45), Stack(home, replace(TINY, file=file)):
            pass


async def test_a_program_that_is_not_there_is_named_in_its_log(home: Home) -> None:
    file = home.root / "compose.yaml"
    file.write_text(yaml.safe_dump({"services": {"job": {"command": ["no-such-program"]}}}))
    with pytest.raises(StartFailed, match="job-1 ended with 127"):
        async with Stack(home, replace(TINY, file=file)):
            pass
    assert "no-such-program: " in (home.log / "job-1.log").read_text()
