"""Say on what a run was measured: enough to compare by, and nothing that names the machine or its user."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("aiokafka", "asyncpg", "fastapi", "pydantic", "uvicorn", "uvloop", "orjson", "structlog")


def facts() -> dict[str, str]:
    """Return what the machine is and what ran on it."""
    return {
        "processor": _processor(),
        "cores": str(psutil.cpu_count()),
        "memory_gib": f"{psutil.virtual_memory().total / 2**30:.0f}",
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def commit() -> str:
    """Return the commit that was measured, with a plus sign where files differ from it."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return f"{head}+" if _git("status", "--porcelain", "--", "shared", "services", "benchmarks") else head


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _git(*arguments: str) -> str:
    called = subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=True)
    return called.stdout.strip()
