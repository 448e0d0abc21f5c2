"""Every service has the same shape, every handler stays thin, and no file is called by a name that says nothing."""

import ast
import configparser
import re

import pytest

from tests.unit.house.source import ROOT, Source, services

SERVICES = services()
PARTS = ("app", "config", "handlers", "domain", "storage")
"""Beside these api, where there is HTTP, and gateway, where there is an outside provider."""
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "core", "manager", "base", "misc"}
PYTHON = [path for part in ("shared", "services", "deploy", "tools") for path in sorted((ROOT / part).rglob("*.py"))]

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@every_service
def test_every_service_has_the_same_parts(service: Source) -> None:
    package = service.folder / service.package
    missing = [part for part in PARTS if not (package / f"{part}.py").exists() and not (package / part).is_dir()]
    assert not missing, f"services/{service.name} lacks {missing}"
    assert list((service.folder / "migrations").glob("0001_*.sql")), f"services/{service.name} lacks its migrations"


@every_service
def test_a_handler_is_called_after_its_event(service: Source) -> None:
    for name, events in service.handlers.items():
        if len(events) == 1:
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", events[0].__name__).lower()
            assert name == f"on_{words}", f"call {service.package}.handlers.{name} on_{words}"


@every_service
def test_a_handler_catches_nothing_and_is_at_most_fifteen_lines(service: Source) -> None:
    for name, node in service.handler_definitions.items():
        tried = [inner for inner in ast.walk(node) if isinstance(inner, ast.Try)]
        assert not tried, f"take the try out of {name}: retry, parking and the log line are the machinery's"
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = (node.end_lineno or 0) - body[0].lineno + 1
        assert lines <= 15, f"{name} has {lines} lines: move its decisions to domain and its SQL to storage"


@every_service
def test_the_composition_root_fits_on_a_screen(service: Source) -> None:
    lines = (service.folder / service.package / "app.py").read_text().splitlines()
    assert len(lines) <= 40, f"{service.package}/app.py has {len(lines)} lines"


def test_no_module_is_called_by_a_name_that_says_nothing() -> None:
    empty = [path for path in PYTHON if EMPTY_NAMES & {path.stem, *path.relative_to(ROOT).parts}]
    assert not empty, f"name {empty} after what is in them"


def test_no_module_is_much_longer_than_two_hundred_and_fifty_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in PYTHON}
    too_long = {path: length for path, length in lengths.items() if length > 300}
    assert not too_long, f"make packages of the same name: {too_long}"


def test_the_import_rules_hold_every_service() -> None:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    packages = {service.package for service in SERVICES}
    assert packages <= set(rules["importlinter"]["root_packages"].split())
    assert packages == set(rules["importlinter:contract:services"]["modules"].split())
    assert packages == set(rules["importlinter:contract:shared"]["forbidden_modules"].split()) - {"deploy.local"}
