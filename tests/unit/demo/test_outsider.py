"""The driver is an outsider: it knows doors and keys, and nothing of what is behind them."""

import ast
from dataclasses import fields
from pathlib import Path

import deploy.demo.driver
from deploy.demo.driver import Doors

FOLDER = Path(deploy.demo.driver.__file__).parent
INSIDE = {
    "shared",
    "services",
    "referral_intake",
    "matching",
    "casework",
    "notifications",
    "operations",
    "asyncpg",
    "psycopg",
    "faststream",
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_the_driver_imports_nothing_of_the_services_nor_of_what_they_share_nor_a_database() -> None:
    files = sorted(FOLDER.rglob("*.py"))
    assert len(files) > 10
    for path in files:
        assert not {name for name in imported(path) if name.split(".")[0] in INSIDE}, path.name


def test_of_the_project_the_driver_imports_only_itself() -> None:
    for path in sorted(FOLDER.rglob("*.py")):
        ours = {name for name in imported(path) if name.split(".")[0] == "deploy"}
        assert all(name.startswith("deploy.demo.driver") for name in ours), path.name


def test_what_it_is_told_of_linkway_names_no_database() -> None:
    assert not {field.name for field in fields(Doors) if "postgres" in field.name or "database" in field.name}


def test_keys_do_not_show_when_doors_are_printed() -> None:
    doors = Doors(
        ("i",), ("c",), ("o",), "m", "k", 1, "hook secret", {"p": "practice key"}, "operator key", "staff key"
    )
    for secret in ("hook secret", "practice key", "operator key", "staff key"):
        assert secret not in repr(doors)
