"""The first installation shows how far it is, to whoever looks, and says all that pip said when it fails."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.house.source import ROOT
from tools.install import WIDTH, bar, drawn, install

PIP = [
    "Collecting aiokafka==0.14.0 (from -r requirements.lock (line 1))\n",
    "  Downloading aiokafka-0.14.0-cp311.whl (1.2 MB)\n",
    "Requirement already satisfied: Jinja2==3.1.6 in /somewhere\n",
    "Collecting aiokafka[gssapi]==0.14.0\n",
    "Installing collected packages: aiokafka, jinja2\n",
]


class Terminal(io.StringIO):
    """A screen that somebody looks at."""

    def isatty(self) -> bool:
        return True


def program(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


@pytest.mark.parametrize(("done", "full"), [(0, 0), (5, WIDTH // 2), (10, WIDTH)])
def test_the_bar_is_as_full_as_packages_are_there(done: int, full: int) -> None:
    assert bar(done, 10, "x").count("#") == full


def test_each_package_that_pip_names_moves_the_bar_once() -> None:
    screen = Terminal()
    assert list(drawn(iter(PIP), 2, screen)) == PIP
    seen = [line.partition("] ")[2].removesuffix("\x1b[K") for line in screen.getvalue().split("\r") if "]" in line]
    assert seen == ["1 of 2, aiokafka", "2 of 2, Jinja2", "2 of 2, aiokafka", "2 of 2, unpacking"]
    assert screen.getvalue().endswith("\r\x1b[K")


def test_without_a_terminal_there_are_a_start_line_and_an_end_line_only() -> None:
    screen = io.StringIO()
    assert install(program("print('Collecting a')"), 3, screen) == 0
    start, end, after = screen.getvalue().split("\n")
    assert (start, after) == ("Installing 3 packages", "")
    assert end.startswith("Installed 3 packages in ")


def test_what_pip_said_is_shown_when_it_fails_and_its_exit_code_kept() -> None:
    screen = Terminal()
    fails = program("import sys; print('Collecting a'); print('no such version', file=sys.stderr); sys.exit(3)")
    assert install(fails, 3, screen) == 3
    assert "no such version\n" in screen.getvalue()
    assert "Installed" not in screen.getvalue()


def test_the_real_pip_is_run_with_the_lock_and_its_hashes(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    (tmp_path / "setup.py").touch()
    lock.write_text(f"{tmp_path}\n")  # what has no hash
    command = [sys.executable, str(ROOT / "tools" / "install.py"), sys.executable, str(lock)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Can't verify hashes" in ended.stderr
