"""The reader of the services' source sees handlers, published events and the README's table."""

import ast
import sys
from pathlib import Path

import pytest

from shared.contracts import EVENTS, OfferExpired, ReferralAccepted
from tests.unit.house.source import Row, Source

FILES = {
    "README.md": """# Toy

| Consumes | Handler | Publishes |
|---|---|---|
| `ReferralAccepted` | `on_referral_accepted` | `LinkWorkerAssigned`, `MatchNotFound` |
| `OfferExpired` | `on_offer_expired` | - |
| `POST /toys` | `make_offer` | `OfferMade` |

More words | and a bar.
""",
    "toy_service/__init__.py": "",
    "toy_service/handlers.py": """
from shared.contracts import OfferExpired, ReferralAccepted
from shared.messaging.handlers import consumes
from toy_service import domain

@consumes(ReferralAccepted)
async def on_referral_accepted(event: ReferralAccepted, tx: object) -> None:
    domain.assign(event)

@consumes(OfferExpired)
async def on_offer_expired(event: OfferExpired, tx: object) -> None:
    if isinstance(event, OfferExpired):
        return
""",
    "toy_service/domain.py": """
from shared.contracts import LinkWorkerAssigned, MatchNotFound, OfferMade, ReferralClosed

class Assignment:
    def as_event(self) -> LinkWorkerAssigned:
        return LinkWorkerAssigned()

class Missed:
    def as_event(self) -> MatchNotFound:
        return {"missed": MatchNotFound}["missed"]()

def assign(event) -> Assignment | Missed | ReferralClosed:
    return Assignment().as_event() if event else Missed().as_event()

def make_offer():
    return OfferMade()
""",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    folder = tmp_path / "toy-service"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    for name in ("toy_service", "toy_service.domain", "toy_service.handlers"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return Source(folder)


def test_handlers_are_read_by_their_mark(toy: Source) -> None:
    assert toy.handlers == {"on_referral_accepted": (ReferralAccepted,), "on_offer_expired": (OfferExpired,)}
    assert [type(node) for node in toy.handler_definitions.values()] == [ast.AsyncFunctionDef] * 2


def test_events_that_are_made_are_told_from_those_that_are_only_named(toy: Source) -> None:
    assert toy.published == {"LinkWorkerAssigned", "MatchNotFound", "OfferMade"}


def test_what_a_handler_may_lead_to_is_followed_through_the_package(toy: Source) -> None:
    assert toy.reachable("on_referral_accepted") == {"LinkWorkerAssigned", "MatchNotFound"}
    assert toy.reachable("on_offer_expired") == set()
    assert toy.defines("make_offer")
    assert not toy.defines("forget_offer")


def test_the_readmes_table_is_read_to_its_end(toy: Source) -> None:
    assert toy.table == [
        Row("ReferralAccepted", "on_referral_accepted", ("LinkWorkerAssigned", "MatchNotFound")),
        Row("OfferExpired", "on_offer_expired", ()),
        Row("POST /toys", "make_offer", ("OfferMade",)),
    ]


def test_a_readme_without_the_table_has_no_rows(toy: Source) -> None:
    (toy.folder / "README.md").write_text("# Toy\n\n| Setting | Meaning |\n|---|---|\n| a | b |\n")
    assert toy.table == []


def test_the_contracts_have_the_names_that_a_table_uses() -> None:
    assert len({event.__name__ for event in EVENTS.values()}) == len(EVENTS)
