"""One Linkway for the fault runs: two replicas of every service, short clocks, link workers with room for all."""

import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from tests.acceptance.world import PROGRAMME, World, running

REPLICAS = 2
ROOM = 100_000
SETTINGS = {
    # A service that was killed is missed this soon; Kafka allows no less.
    "LINKWAY_SESSION_TIMEOUT_MS": "6000",
    # A mail has longer than a busy machine may take for it: one that was given up too soon would go twice.
    "LINKWAY_SEND_SECONDS": "20",
    "LINKWAY_LEASE_SECONDS": "30",
    # One that did not go, goes again soon.
    "LINKWAY_RETRY_SECONDS": "[0.5, 1, 2, 2, 5, 5, 10, 10, 20, 20]",
    "LINKWAY_PARKED_RETRY_SECONDS": "[0.2, 0.5, 1, 2, 5, 10]",
    "LINKWAY_NOT_YET_LONGEST_SECONDS": "1",
    # Nobody's time to answer runs out here.
    "LINKWAY_OFFER_RESPONSE_SECONDS": "3600",
    "LINKWAY_LEDGER_EVERY_SECONDS": "3",
}

TRAFFIC_SECONDS = 12.0

Tell = Callable[[str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting of how much a restore loses."""
    parser.addoption(
        "--traffic-seconds",
        type=float,
        default=TRAFFIC_SECONDS,
        help="how long referrals come after the backup that the restore test goes back to",
    )


@pytest.fixture
def traffic_seconds(request: pytest.FixtureRequest) -> float:
    """How long referrals come between a backup and its restore."""
    seconds: float = request.config.getoption("--traffic-seconds", TRAFFIC_SECONDS)
    return seconds


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's programme, whose link workers can take on everybody."""
    said = yaml.safe_load(PROGRAMME.read_text("utf-8"))
    for worker in said["link_workers"]:
        worker["caseload_limit"] = ROOM
    path = tmp_path_factory.mktemp("programme") / "programme.yaml"
    path.write_text(yaml.safe_dump(said), "utf-8")
    return path


@pytest_asyncio.fixture(scope="session")
async def world(programme: Path) -> AsyncIterator[World]:
    """A running Linkway; its parts are embedded, because they are killed and set back."""
    variables = {"LINKWAY_PROGRAMME_FILE": str(programme)}
    async with running(REPLICAS, containers=False, variables=variables, also=SETTINGS) as world:
        yield world


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print a line of figures, whether or not pytest captures."""

    def write(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{request.node.name}: {line}")
            sys.stdout.flush()

    return write
