"""Installs the packages of the lock file and shows how far it is, because the first time they are some 500 MB.

python tools/install.py PYTHON LOCK, by any Python 3.11: nothing is installed yet.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

# What pip says of each package once, when it fetches it or finds it there, and of all of them when it unpacks them.
COLLECTS = re.compile(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)")
UNPACKS = re.compile(r"Installing collected packages")
WIDTH = 24


def bar(done: int, total: int, doing: str) -> str:
    """Draw one line over the last one."""
    full = WIDTH * done // total
    return f"\rInstalling [{'#' * full}{'.' * (WIDTH - full)}] {done} of {total}, {doing}\x1b[K"


def drawn(lines: Iterator[str], total: int, screen: TextIO) -> Iterator[str]:
    """Pass pip's lines on, and draw what they mean where somebody looks."""
    seen: set[str] = set()
    for line in lines:
        if screen.isatty() and (found := COLLECTS.match(line.strip())):
            seen.add(found[1].lower())
            screen.write(bar(min(len(seen), total), total, found[1]))
        elif screen.isatty() and UNPACKS.match(line):
            screen.write(bar(total, total, "unpacking"))
        screen.flush()
        yield line
    screen.write("\r\x1b[K" if screen.isatty() else "")


def install(command: list[str], total: int, screen: TextIO) -> int:
    """Run pip and return its exit code; what it said is shown when it fails."""
    began = time.monotonic()
    if not screen.isatty():
        screen.write(f"Installing {total} packages\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603 - ours
        said = list(drawn(iter(pip.stdout or ()), total, screen))
    end = f"Installed {total} packages in {time.monotonic() - began:.0f} s\n"
    screen.write("".join(said) if pip.returncode else end)
    return pip.returncode


if __name__ == "__main__":
    python, lock = sys.argv[1:]
    packages = len(re.findall(r"^[\w.-]+==", Path(lock).read_text(), re.MULTILINE))
    pip_install = [python, "-u", "-m", "pip", "install", "--progress-bar", "off", "--require-hashes", "-r", lock]
    sys.exit(install(pip_install, packages, sys.stderr))
