"""A programme of the size of a nation's: 125 practices, 250 link workers, two at each practice."""

from pathlib import Path
from typing import Any

import yaml

from deploy.local.home import PROJECT

SAMPLE = PROJECT / "deploy/programmes/dundee-sources-of-support.yaml"
DIRECTORY = PROJECT / "deploy/sample/directory.json"
PROGRAMME = "dundee-sources-of-support"
PRACTICES = tuple(f"practice-{n:03}" for n in range(1, 126))
ROOM = 1_000_000
"""Nobody is full: who waits for room is another measurement."""


def link_workers(practice: str) -> tuple[str, str]:
    """Return the two link workers of a practice."""
    number = practice.rpartition("-")[2]
    return f"link-worker-{number}-a", f"link-worker-{number}-b"


def programme() -> dict[str, Any]:
    """Return the sample's programme with the practices and link workers of a large one."""
    said: dict[str, Any] = yaml.safe_load(SAMPLE.read_text("utf-8"))
    said["practices"] = [
        {"id": practice, "name": f"{practice.title()} Surgery", "mail": f"{practice}@practices.example.org"}
        for practice in PRACTICES
    ]
    said["link_workers"] = [
        {
            "id": worker,
            "name": worker.replace("-", " ").title(),
            "mail": f"{worker}@workers.example.org",
            "practices": [practice],
            "caseload_limit": ROOM,
        }
        for practice in PRACTICES
        for worker in link_workers(practice)
    ]
    return said


def write_programme(path: Path) -> None:
    """Write it as an operator's file."""
    path.write_text(yaml.safe_dump(programme()), "utf-8")
