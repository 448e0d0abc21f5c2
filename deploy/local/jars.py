"""Fetch Kafka's jars by their Maven coordinates, checked against a committed list, so that all starts run the same."""

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.maven import Artifact, MavenContext, PythonResolver
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

LOCK = Path(__file__).with_name("kafka-jars.lock")
KAFKA = "org.apache.kafka:kafka_2.13:4.2.0"
# `!` keeps these from steering other versions: the BOM of log4j 2.24 would pull kafka-clients down to 3.8.
LOGGING = ("org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!", "org.apache.logging.log4j:log4j-core:2.24.3!")


@dataclass(frozen=True)
class Jar:
    """One line of the list: what to fetch, and how to know that it is that."""

    coordinate: str
    size_bytes: int
    sha256: str

    @classmethod
    def parse(cls, line: str) -> "Jar":
        """Read `sha256 bytes group:artifact:version`."""
        sha256, size_bytes, coordinate = line.split()
        return cls(coordinate, int(size_bytes), sha256)

    def __str__(self) -> str:
        return f"{self.sha256} {self.size_bytes} {self.coordinate}"


def locked() -> list[Jar]:
    """Read the committed list."""
    return [Jar.parse(line) for line in LOCK.read_text().splitlines() if not line.startswith("#")]


def classpath(cache: Path) -> list[Path]:
    """Give the jars, downloading what is missing under a progress bar; a second start reads nothing but names.

    Raises:
        RuntimeError: a jar could not be had, or is not the one in the list.
    """
    jars = locked()
    resolver = PythonResolver()
    context = MavenContext(resolver=resolver, repo_cache=cache / "maven", timeout=60)
    artifacts = [context.create_dependency(jar.coordinate).artifact for jar in jars]
    checked = cache / f"kafka-jars-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}.checked"
    if not checked.exists():
        with alone(cache), progress(resolver, sum(jar.size_bytes for jar in jars)), ThreadPoolExecutor(6) as threads:
            list(threads.map(fetch, artifacts, jars))
        checked.touch()
    return [artifact.resolve() for artifact in artifacts]


def fetch(artifact: Artifact, jar: Jar) -> None:
    """Download one jar unless a whole one is there; half a file from an interrupted start is thrown away."""
    for _ in range(2):
        try:
            path = artifact.resolve()
        except requests.RequestException as error:
            raise RuntimeError(f"{jar.coordinate} cannot be fetched: {type(error).__name__}") from error
        if hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256:
            return
        path.unlink()
    raise RuntimeError(f"{jar.coordinate} is not the file that kafka-jars.lock names")


@contextlib.contextmanager
def alone(cache: Path) -> Iterator[None]:
    """Let one process at a time download: two stacks may share the cache."""
    with (cache / "downloading").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def progress(resolver: PythonResolver, total_bytes: int, what: str = "Fetching Apache Kafka") -> Iterator[None]:
    """Show one bar for all downloads."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(what, total=total_bytes)

        @contextlib.contextmanager
        def one_file(_name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
            yield lambda count_bytes: bar.advance(task, count_bytes)

        resolver.progress_callback = one_file
        yield


def resolve(cache: Path) -> list[Jar]:
    """Work out the whole list from the coordinates above, as Maven would."""
    context = MavenContext(resolver=PythonResolver(), repo_cache=cache / "maven", timeout=60)
    wanted = [context.create_dependency(coordinate) for coordinate in (KAFKA, *LOGGING)]
    inputs, transitive = context.resolver.resolve(wanted)
    jars = []
    for artifact in (dependency.artifact for dependency in inputs + transitive if dependency.type == "jar"):
        content = artifact.resolve().read_bytes()
        coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        jars.append(Jar(coordinate, len(content), hashlib.sha256(content).hexdigest()))
    return sorted(jars, key=lambda jar: jar.coordinate)


def write_lock(cache: Path) -> None:
    """Write the list anew, after a version above was changed."""
    lines = ["# sha256, bytes, Maven coordinate; written by `python -m deploy.local lock`", *map(str, resolve(cache))]
    LOCK.write_text("\n".join(lines) + "\n")
