"""Referral-intake as its tests call it: over HTTP as practices do, with its tables beside it."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from referral_intake.api.body import EXAMPLE
from referral_intake.receiving import Desk
from tests.harness import Bench

WRAPPING_KEY = bytes(range(32, 64))
INTERNAL_KEY = "internal-key-of-the-tests"
PROGRAMME = """
programme: tayside
name: Tayside sample
minimum_age: 16
practices:
  - {id: north, name: North Surgery, ods_code: Z99901}
  - {id: south, name: South Surgery, ods_code: Z99902}
link_workers:
  - {id: ash, practices: [north, south], caseload_limit: 20}
clocks: {rules: tayside-1, needs_information: 10 working days, return_decision: 2 working days}
"""
SETTINGS = {
    "service_key": "A" * 43 + "=",
    "internal_key": INTERNAL_KEY,
    "wrapping_key": "B" * 43 + "=",
}


def a_body(**changes: Any) -> dict[str, Any]:
    """A referral's body; `person` changes are merged."""
    body: dict[str, Any] = {**EXAMPLE, **changes}
    body["person"] = {**EXAMPLE["person"], **changes.get("person", {})}  # type: ignore[dict-item]  # a JSON object
    return body


class Intake:
    """The service as its callers see it, and its tables as its own role sees them."""

    def __init__(self, bench: Bench, desk: Desk, app: Any, keys: dict[str, str], dsns: tuple[str, str]) -> None:
        self.bench, self.desk, self.keys = bench, desk, keys
        self.data_dsn, self.key_dsn = dsns
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake")

    def headers(self, practice: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[practice]}", **more}

    async def post(self, body: Any, practice: str = "north", request_id: object = None) -> httpx.Response:
        """Post a referral."""
        headers = self.headers(practice, **{"X-Request-ID": str(request_id or uuid4())})
        return await self.http.post("/referrals", json=body, headers=headers)

    async def get(self, referral: object, practice: str = "north") -> httpx.Response:
        """Read a referral."""
        return await self.http.get(f"/referrals/{referral}", headers=self.headers(practice))

    async def act(
        self, referral: object, act: str, body: Any = None, practice: str = "north", **more: str
    ) -> httpx.Response:
        """Post information or a withdrawal."""
        headers = self.headers(practice, **{"X-Request-ID": str(uuid4())} | more)
        return await self.http.post(f"/referrals/{referral}/{act}", json=body or {}, headers=headers)

    async def internal(self, path: str, body: Any = None, **more: str) -> httpx.Response:
        """Call an internal door as casework does."""
        headers = {"Authorization": f"Bearer {INTERNAL_KEY}", "X-Linkway-Service": "casework"} | more
        if body is None:
            return await self.http.get(path, headers=headers)
        return await self.http.post(path, json=body, headers=headers)

    async def message(
        self,
        content: bytes,
        *,
        kind: str = "application/fhir+xml",
        ids: tuple[object, object] | None = None,
        practice: str = "north",
    ) -> httpx.Response:
        """Post a BaRS message."""
        request_id, correlation_id = ids or (uuid4(), uuid4())
        headers = self.headers(
            practice,
            **{"X-Request-ID": str(request_id), "X-Correlation-ID": str(correlation_id), "Content-Type": kind},
        )
        return await self.http.post("/fhir/$process-message", content=content, headers=headers)

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int((await self.bench.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def at_once(*calls: Any) -> list[Any]:
    """Run calls at the same moment."""
    return list(await asyncio.gather(*calls))


def without_user(dsn: str) -> str:
    """Return a DSN as settings give it: each service adds its own role."""
    return "postgresql://" + dsn.rpartition("@")[2]
