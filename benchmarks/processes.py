"""Count the processor time and the memory of every process that takes part, broker, database and driver too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

DRIVER = "driver"


def part_of(name: str) -> str:
    """Return the service that a replica is one of: `matching-2` is of `matching`."""
    stem, _, number = name.rpartition("-")
    return stem if stem and number.isdigit() else name


def processor_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the seconds each part has spent so far: its processes, their children, and children that have ended."""
    spent: dict[str, float] = {DRIVER: _own(psutil.Process())}
    for name, pid in pids.items():
        with _may_be_gone():
            tree = psutil.Process(pid)
            part = part_of(name)
            spent[part] = spent.get(part, 0.0) + _with_ended(tree)
            for child in tree.children(recursive=True):
                with _may_be_gone():
                    spent[part] += _with_ended(child)
    return spent


def resident_megabytes(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the resident memory of each process by name; pages that processes share count in each."""
    return {name: psutil.Process(pid).memory_info().rss / 1e6 for name, pid in pids.items()}


@contextmanager
def _may_be_gone() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:  # a connection's backend ended while we looked; its parent counts it from now on
        return


def _own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _with_ended(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


class Meter:
    """Adds up what each part spends while something is measured."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.items = 0

    @contextmanager
    def running(self, pids: Mapping[str, int], items: int) -> Iterator[dict[str, float]]:
        """Count a block that handles so many items; what each part spent in it is in the mapping afterwards."""
        before, spent = processor_seconds(pids), dict[str, float]()
        yield spent
        for part, seconds in processor_seconds(pids).items():
            spent[part] = max(0.0, seconds - before.get(part, 0.0))
            self.add(part, spent[part])
        self.items += items

    def add(self, part: str, seconds: float) -> None:
        """Count what a process measured of itself."""
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds

    @property
    def per_item_ms(self) -> dict[str, float]:
        """Milliseconds of each part for one item."""
        return {part: 1000 * seconds / max(1, self.items) for part, seconds in sorted(self.seconds.items())}
