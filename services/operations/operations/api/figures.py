"""`/api`: the ledger for programs, behind the operators' key."""

import hmac
from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request

from operations import domain
from operations.api.desk import Desk, get_desk
from operations.api.stories import sentence
from operations.storage import accounts, archive, rounds
from operations.storage.accounts import Tally
from shared.messaging import Cause, Tx
from shared.service import Problem, RequestDatabase

MOST_IDS = 10_000
MOST_NAMED = 1000


def require_reader(
    request: Request, desk: Annotated[Desk, Depends(get_desk)], authorization: Annotated[str, Header()] = ""
) -> None:
    """Let programs of operators and Linkway's own services in.

    Raises:
        Problem: 401 without the operators' key or the internal key.
    """
    keys = (request.app.state.internal_key, desk.settings.operator_key.get_secret_value())
    if not any(key and hmac.compare_digest(authorization.encode(), f"Bearer {key}".encode()) for key in keys):
        raise Problem(401, "Not authorised", "Send the operators' key as a bearer token.")


router = APIRouter(prefix="/api", dependencies=[Depends(require_reader)])


@router.get("/ledger")
async def get_ledger(desk: Annotated[Desk, Depends(get_desk)], database: RequestDatabase) -> dict[str, Any]:
    """Return how many referrals are where, which are unaccounted for, and which services answered."""
    async with database.transaction(Cause.request("get_ledger", "read"), snapshot=True) as tx:
        return await _ledger(tx, desk)


@router.post("/ledger/run")
async def run_ledger(desk: Annotated[Desk, Depends(get_desk)], database: RequestDatabase) -> dict[str, Any]:
    """Run a round now and return the ledger after it."""
    await desk.ledger.run_now(database)
    return await get_ledger(desk, database)


@router.get("/ledger/ids")
async def get_ids(
    database: RequestDatabase,
    state: Annotated[str | None, Query(pattern="^[a-z-]{1,20}$")] = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_IDS)] = MOST_IDS,
) -> dict[str, Any]:
    """Return the referrals of a state, or all that were acknowledged; the next ones come with `after`."""
    if state is not None and state not in domain.STATES:
        raise Problem(422, "No such state", f"A referral is one of {', '.join(domain.STATES)}.")
    async with database.transaction(Cause.request("get_ids", "read"), snapshot=True) as tx:
        ids = await accounts.list_ids(tx, state, after, limit)
    return {"state": state, "ids": ids, "next": ids[-1] if len(ids) == limit else None}


@router.get("/referrals/{referral}")
async def get_referral(referral: UUID, database: RequestDatabase) -> dict[str, Any]:
    """Return where a referral is and its timeline."""
    async with database.transaction(Cause.request("get_referral", "read"), snapshot=True) as tx:
        found = await accounts.find_account(tx, referral)
        events = await archive.get_events(tx, referral)
    if found is None and not events:
        raise Problem(404, "Not here", "Neither the ledger nor the archive knows this id.")
    timeline = [{**asdict(event), "words": sentence(event)} for event in domain.in_causal_order(events)]
    return {"account": found, "timeline": timeline}


async def _ledger(tx: Tx, desk: Desk) -> dict[str, Any]:
    tallies = await accounts.get_tallies(tx)
    last = await rounds.find_last_round(tx)
    named = await accounts.list_unaccounted(tx, MOST_NAMED)
    overdue = await accounts.count_overdue(tx, desk.settings.overdue_after_seconds)
    return {
        "acknowledged": sum(tally.referrals for tally in tallies if tally.acknowledged),
        **{state.replace("-", "_"): count for state, count in by_state(tallies).items()},
        "overdue": overdue,
        "stages": stages_of(tallies),
        "unaccounted_ids": [row["referral"] for row in named],
        "reasons": {str(row["referral"]): row["reason"] for row in named},
        "as_of": last["began_at"] if last else None,
        "peers": {row["service"]: _peer(dict(row)) for row in await rounds.list_peers(tx)},
    }


def stages_of(tallies: list[Tally]) -> list[dict[str, Any]]:
    """Return how many referrals are in each state at each service and stage."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for tally in tallies:
        counts[tally.state, tally.service, tally.stage] += tally.referrals
    return [
        {"state": state, "service": service, "stage": stage, "referrals": count}
        for (state, service, stage), count in counts.items()
    ]


def by_state(tallies: list[Tally]) -> dict[str, int]:
    """Add up how many referrals are in each state; a state without any is zero."""
    counts = dict.fromkeys(domain.STATES, 0)
    for tally in tallies:
        counts[tally.state] += tally.referrals
    return counts


def _peer(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "answers": row["answers"],
        "answered_at": row["answered_at"],
        **(row["counts"] or {}),
        "lag": row["lag"],
    }
