"""Play a practice: its system sends referrals until they are acknowledged, and does what it is asked."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import orjson
from lxml import etree

from deploy.demo.driver.book import Book
from deploy.demo.driver.calling import Call, Caller, Surprised
from deploy.demo.driver.cast import Party
from deploy.demo.driver.samples import JSON, XML, Sample, Withdrawal

FHIR = {"f": "http://hl7.org/fhir"}
URN = "urn:uuid:"


class Practice:
    """One practice with its key."""

    def __init__(self, party: Party, caller: Caller, book: Book) -> None:
        self.party = party
        self._caller, self._book = caller, book

    async def refer(self, sample: Sample, request_id: str) -> str:
        """Send a referral and return its id; the same request id again is the same referral."""
        headers = {"X-Request-ID": request_id, "Content-Type": sample.media_type}
        path = "/referrals"
        if sample.by_fhir:
            path, headers["X-Correlation-ID"] = "/fhir/$process-message", request_id
        response = await self._caller.send(Call("POST", path, sample.body, headers))
        if response.status_code == httpx.codes.CONFLICT and sample.by_fhir:
            return await self._find_unnamed()  # received, but the answer that names it was lost on its way
        referral = referral_in(_good(response).content, response.headers["content-type"])
        self._book.acknowledge("refer", request_id, response.status_code, referral)
        return referral

    async def state_of(self, referral: str) -> str:
        """Look where a referral of ours is."""
        view = _good(await self._caller.send(Call("GET", f"/referrals/{referral}"))).json()
        return str(view["state"])

    async def inform(self, referral: str, information: Mapping[str, Any]) -> None:
        """Add what Linkway asked for."""
        await self._post(referral, "information", {"person": dict(information)})

    async def withdraw(self, referral: str, withdrawal: Withdrawal) -> None:
        """Withdraw a referral."""
        await self._post(referral, "withdraw", {"by": withdrawal.by, "reason": withdrawal.reason})

    async def _post(self, referral: str, act: str, body: Mapping[str, Any]) -> None:
        request_id = str(uuid4())
        headers = {"X-Request-ID": request_id, "Content-Type": JSON}
        call = Call("POST", f"/referrals/{referral}/{act}", orjson.dumps(body), headers)
        answer = _good(await self._caller.send(call))
        self._book.acknowledge(act, request_id, answer.status_code, answer.json()["referral"])

    async def _find_unnamed(self) -> str:
        """Find the referral that no answer has named to us: the one of ours that is not in the book."""
        listed = _good(await self._caller.send(Call("GET", "/referrals?open=true"))).json()["referrals"]
        known = set(self._book.referrals)
        for view in listed:
            by_fhir = any(step["facts"].get("door") == "fhir" for step in view["timeline"])
            if by_fhir and view["referral"] not in known:
                return str(view["referral"])
        raise Surprised("a message was called a duplicate, and nothing of it is listed")


def referral_in(answer: bytes, media_type: str) -> str:
    """Read the referral's id in an acknowledgement of either door.

    Raises:
        Surprised: it names none.
    """
    if media_type.startswith(XML):
        root: Any = etree.fromstring(answer, etree.XMLParser(resolve_entities=False, no_network=True))
        named = [str(value) for value in root.xpath("//f:ServiceRequest/f:identifier/f:value/@value", namespaces=FHIR)]
    elif media_type.startswith(JSON):
        named = [orjson.loads(answer).get("referral", "")]
    else:
        resources = [entry["resource"] for entry in orjson.loads(answer)["entry"]]
        requests = [resource for resource in resources if resource["resourceType"] == "ServiceRequest"]
        named = [identifier["value"] for request in requests for identifier in request["identifier"]]
    if not named or not named[0]:
        raise Surprised("an acknowledgement that names no referral")
    return named[0].removeprefix(URN)


def _good(response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        raise Surprised(f"{response.request.method} was answered {response.status_code}: {_reason(response)}")
    return response


def _reason(response: httpx.Response) -> str:
    try:
        said = response.json()
    except ValueError:
        return response.text[:200]
    return str(said.get("detail") or said.get("issue") or said)[:200]
