"""What we import is declared and pinned, and what is locked can be fetched from anywhere."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.unit.house.source import ROOT, services

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text()
RECORD = (ROOT / "docs" / "decisions" / "dependencies.md").read_text()
OURS = {"shared", "deploy", "tests", "tools", "benchmarks", *(service.package for service in services())}
# Where code lies, and which extras are installed where it runs; an image has none of them.
INSTALLED: dict[str, list[str]] = {
    "shared": [],
    "services": [],
    "deploy/docker": [],
    "deploy/setup": [],
    "deploy/local": ["local"],
    "deploy/demo": ["local"],
    "tools": ["dev"],
    "tests": ["local", "dev"],
}


def plain(requirement: str) -> str:
    """The name of a requirement, as registries compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[=<>!~; ]", requirement, maxsplit=1)[0]).lower()


def imported(path: Path) -> Iterator[str]:
    """The top-level names of what a file imports from elsewhere, wherever in the file it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def undeclared(folder: Path, declared: set[str]) -> dict[str, set[str]]:
    """What each file imports of packages that are not declared."""
    owners = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*.py"):
        foreign = set(imported(path)) - set(sys.stdlib_module_names) - OURS
        missing = {name for name in foreign if not declared & {plain(owner) for owner in owners.get(name, [])}}
        if missing:
            found[str(path.relative_to(folder))] = missing
    return found


@pytest.mark.parametrize(("folder", "extras"), INSTALLED.items())
def test_every_package_that_is_imported_is_declared(folder: str, extras: list[str]) -> None:
    declared = {plain(each) for each in (*PROJECT["dependencies"], *(each for name in extras for each in EXTRAS[name]))}
    assert undeclared(ROOT / folder, declared) == {}


def test_all_of_deploy_is_looked_at() -> None:
    with_code = {f"deploy/{path.relative_to(ROOT / 'deploy').parts[0]}" for path in (ROOT / "deploy").rglob("*.py")}
    assert with_code - set(INSTALLED) == set()


def test_an_import_of_what_is_not_declared_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import os\nimport shared.web\nimport yaml\n\ndef f():\n    from lxml import etree\n"
    )
    assert undeclared(tmp_path, {"pyyaml"}) == {"a.py": {"lxml"}}
    assert undeclared(tmp_path, {"pyyaml", "lxml"}) == {}


def test_every_declared_package_is_pinned_to_the_version_that_is_locked() -> None:
    declared = [*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)]
    locked = dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==(\S+)", LOCK, re.MULTILINE))
    assert {each for each in declared if locked.get(plain(each)) != each.partition("==")[2]} == set()


def test_the_python_lock_names_no_index_and_no_host_and_pins_every_package_by_its_hash() -> None:
    requirements = LOCK.replace("\\\n", " ").splitlines()
    odd = [
        line for line in requirements if not re.fullmatch(r"[a-z0-9.-]+==\S+( ; [^:]+)?( +--hash=sha256:\w{64})+", line)
    ]
    assert odd == [], "run `make lock`"


def test_the_record_of_dependencies_gives_a_reason_for_every_declared_package() -> None:
    declared = {
        plain(each) for each in (*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra))
    }
    assert {name for name in declared if not re.search(rf"(?<![\w-]){name}(?![\w-])", RECORD)} == set()
