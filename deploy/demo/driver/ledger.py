"""Read the ledger as an operator does: where Linkway itself says that each referral is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import httpx

from deploy.demo.driver.calling import Call, Caller, Surprised

MOVING = frozenset({"in-outbox", "in-flight", "unchecked", "parked", "unaccounted"})
STATES = ("closed", "open", *sorted(MOVING))
# The way of a referral, in people's words; what is not here is shown by its own name, before what has ended.
STAGES = {
    ("unchecked", ""): "just arrived",
    ("in-outbox", ""): "on its way",
    ("in-flight", ""): "on its way",
    ("open", "needs-information"): "practice is asked for more",
    ("open", "return-proposed"): "return is proposed",
    ("open", "awaiting-link-worker"): "waits for a link worker",
    ("open", "first-contact"): "waits for first contact",
    ("open", "conversation"): "in conversation",
    ("open", "offered"): "organisation is asked",
    ("open", "choices-exhausted"): "no choice left",
    ("open", "accepted"): "has a place",
    ("parked", ""): "set aside",
    ("closed", "closed"): "closed",
    ("closed", "withdrawn"): "withdrawn",
    ("closed", "returned"): "returned",
    ("unaccounted", ""): "UNACCOUNTED FOR",
}
LOST = STAGES["unaccounted", ""]


class Fate(StrEnum):
    """What has become of a referral."""

    CLOSED = "closed"
    OPEN = "open"
    PARKED = "parked"
    UNACCOUNTED = "unaccounted"


@dataclass(frozen=True)
class LedgerPage:
    """How many referrals are at each stage, in the order of a referral's way, and how many nobody can account for."""

    stages: Mapping[str, int]
    unaccounted: int


@dataclass(frozen=True)
class Held:
    """An open referral: who has it, at which stage, and until when."""

    referral: str
    stage: str
    owner: str
    deadline: datetime


@dataclass(frozen=True)
class Found:
    """Where the ledger has some referrals; one that it does not have is not in it."""

    states: Mapping[str, str]
    wanted: Sequence[str]

    @property
    def is_settled(self) -> bool:
        """Whether all are there, and nothing of them is on its way or set aside."""
        return all(self.states.get(referral, "unaccounted") not in MOVING for referral in self.wanted)

    @property
    def fates(self) -> dict[str, Fate]:
        """Say what has become of each."""
        return {referral: fate_of(state) for referral, state in self.states.items() if referral in self.wanted}


class Ledger:
    """The ledger, read with the operators' key."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def look(self) -> LedgerPage:
        """Read the first page."""
        return read_page(await self._read("GET", "/api/ledger"))

    async def find(self, referrals: Sequence[str]) -> Found:
        """Have the books compared now, and say where these referrals are."""
        await self._read("POST", "/api/ledger/run")
        states: dict[str, str] = {}
        for state in STATES:
            states |= dict.fromkeys(await self._ids(state), state)
        # One that moved from a state to another between two of these questions was in none of the answers.
        for referral in set(referrals) - set(states):
            if account := await self._account(referral):
                states[referral] = account["state"]
        return Found(states, referrals)

    async def holders(self, referrals: Sequence[str]) -> list[Held]:
        """Say in whose hands open referrals are."""
        accounts = [(referral, await self._account(referral)) for referral in referrals]
        return [
            Held(referral, stage_name("open", told["stage"]), told["owner"], datetime.fromisoformat(told["deadline"]))
            for referral, told in accounts
            if told and told["state"] == "open"
        ]

    async def _ids(self, state: str) -> list[str]:
        ids: list[str] = []
        following: str | None = ""
        while following is not None:
            after = f"&after={following}" if following else ""
            page = await self._read("GET", f"/api/ledger/ids?state={state}{after}")
            ids += page["ids"]
            following = page["next"]
        return ids

    async def _account(self, referral: str) -> dict[str, Any] | None:
        answer = await self._caller.send(Call("GET", f"/api/referrals/{referral}"))
        account: dict[str, Any] | None = answer.json()["account"] if answer.is_success else None
        return account

    async def _read(self, method: str, path: str) -> dict[str, Any]:
        answer = await self._caller.send(Call(method, path))
        if answer.status_code != httpx.codes.OK:
            raise Surprised(f"the ledger answered {answer.status_code}")
        said: dict[str, Any] = answer.json()
        return said


def read_page(said: Mapping[str, Any]) -> LedgerPage:
    """Read the ledger's page: its tallies in the order of a referral's way, those of one name together."""
    counted: Counter[str] = Counter()
    for tally in said["stages"]:
        if tally["state"] == "no-referral":
            continue
        counted[stage_name(tally["state"], tally["stage"])] += tally["referrals"]
    return LedgerPage({name: counted[name] for name in in_order(counted) if counted[name]}, said["unaccounted"])


def in_order(stages: Iterable[str]) -> list[str]:
    """Put stages into the order of a referral's way; one that is new here comes before those that end it."""
    places = {name: place for place, name in enumerate(STAGES.values())}
    return sorted(stages, key=lambda name: (places.get(name, places["set aside"]), name))


def stage_name(state: str, stage: str) -> str:
    """Name a stage as people do."""
    return STAGES.get((state, stage)) or STAGES.get((state, "")) or (stage or state).replace("-", " ")


def fate_of(state: str) -> Fate:
    """Say what a state of the ledger comes to: what is on its way is known, and open; what was not looked at is not."""
    if state in ("in-outbox", "in-flight"):
        return Fate.OPEN
    return Fate.UNACCOUNTED if state == "unchecked" else Fate(state)
