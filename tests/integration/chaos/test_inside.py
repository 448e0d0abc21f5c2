"""What the fault run puts into processes: a fail-point kills once, a clock is off, a patch without a target refuses."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from deploy.local.home import PROJECT
from tests.chaos.failpoints import arm, disarm, fired, set_clock
from tests.chaos.inside.sitecustomize import REFUSED
from tests.integration.messaging.conftest import Toys, closed, until
from tests.integration.messaging.test_process import Process

INSIDE = PROJECT / "tests/chaos/inside"


class Chaotic(Process):
    """A replica of the toy service with the fault run's folder on its path; what it says on stderr is kept."""

    async def start(self, roles: str = "http,consumer,relay,workers") -> "Chaotic":
        faststream, app = Path(sys.executable).parent / "faststream", "tests.integration.chaos.app:app"
        self.handle = await asyncio.create_subprocess_exec(
            *(str(faststream), "run", app, "--port", str(self.port), "--roles", roles),
            env={"PYTHONPATH": str(INSIDE), **self._environment},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def last_words(self) -> tuple[int, str]:
        assert self.handle is not None
        _, said = await asyncio.wait_for(self.handle.communicate(), 60)
        assert self.handle.returncode is not None
        return self.handle.returncode, said.decode()


@pytest.mark.parametrize(
    ("point", "handled_then"),
    [
        ("after-effect-before-position", False),
        ("after-commit-before-send", True),
        ("after-send-before-mark", True),
    ],
)
async def test_an_armed_point_kills_one_process_and_the_next_goes_on(
    toys: Toys, service_dsn: str, tmp_path: Path, point: str, handled_then: bool
) -> None:
    arm(tmp_path, "chaos", point)
    await toys.send(closed("done"))
    first = await Chaotic(toys, service_dsn, LINKWAY_CHAOS_DIR=str(tmp_path)).start()
    code, _ = await first.last_words()
    assert code == -9
    assert fired(tmp_path, "chaos", point)
    assert not disarm(tmp_path, "chaos", point)
    assert await toys.effects() == (["done"] if handled_then else [])
    assert await toys.value("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL") == 0

    second = await Chaotic(toys, service_dsn, LINKWAY_CHAOS_DIR=str(tmp_path)).start()
    try:
        await toys.until_effects(1)
        await until(lambda: _all_sent(toys))
        assert second.handle is not None
        assert second.handle.returncode is None
    finally:
        await _end(second)
    assert await toys.effects() == ["done"]


async def test_a_member_with_partitions_dies_in_a_rebalance(toys: Toys, service_dsn: str, tmp_path: Path) -> None:
    first = await Chaotic(toys, service_dsn, LINKWAY_CHAOS_DIR=str(tmp_path)).start()
    await until(first.ready)
    arm(tmp_path, "chaos", "in-a-rebalance")
    second = await Chaotic(toys, service_dsn, LINKWAY_CHAOS_DIR=str(tmp_path)).start()
    try:
        code, _ = await first.last_words()
        assert code == -9
        assert fired(tmp_path, "chaos", "in-a-rebalance")
        await until(second.ready)
    finally:
        await _end(second)


async def test_the_wall_clock_of_a_process_is_off_and_everything_in_it_goes_on(
    toys: Toys, service_dsn: str, tmp_path: Path
) -> None:
    set_clock(tmp_path, "chaos", 300)
    before = time.time()
    process = await Chaotic(toys, service_dsn, LINKWAY_CHAOS_DIR=str(tmp_path)).start()
    try:
        await until(process.ready)
        await toys.send(closed("done"))
        await toys.until_effects(1)
        await until(lambda: _all_sent(toys))
        await until(lambda: process.shows("linkway_messages_created"))
        figures = (await process.figures()).splitlines()
        began = next(line for line in figures if line.startswith("linkway_messages_created"))
        assert before + 299 < float(began.split()[-1]) < time.time() + 301
    finally:
        await _end(process)


async def test_a_patch_whose_target_is_gone_refuses_to_start(toys: Toys, service_dsn: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import runpy\n"
        "from shared.messaging.relay import Relay\n"
        "del Relay._mark\n"
        f"runpy.run_path({str(INSIDE / 'sitecustomize.py')!r})\n"
    )
    process = Chaotic(toys, service_dsn, LINKWAY_CHAOS_DIR=str(tmp_path), PYTHONPATH=f"{tmp_path}{os.pathsep}{INSIDE}")
    code, said = await (await process.start()).last_words()
    assert code == REFUSED
    assert "Relay has no _mark" in said


async def test_an_unknown_mistake_refuses_to_start(toys: Toys, service_dsn: str) -> None:
    code, said = await (await Chaotic(toys, service_dsn, LINKWAY_CHAOS_MUTANT="no-such-mistake").start()).last_words()
    assert code == REFUSED
    assert "no-such-mistake is none of" in said


async def _all_sent(toys: Toys) -> bool:
    return await toys.value("SELECT count(*) > 0 AND bool_and(sent_at IS NOT NULL) FROM outbox") is True


async def _end(process: Process) -> None:
    assert process.handle is not None
    if process.handle.returncode is None:
        process.handle.kill()
    await process.handle.wait()
