"""Whatever is sent to the doors: a clear no that says what is wrong, nothing of it repeated, nothing half stored."""

import json
import platform
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from lxml import etree

from deploy.demo.driver.calling import Call
from tests.acceptance import books
from tests.acceptance.bad_bodies import BAD, FAMILY, FHIR_JSON, FHIR_XML, GIVEN, GOOD, PRACTICE, Bad
from tests.acceptance.people import Input, input_of
from tests.acceptance.stories.arriving import PUBLISHED
from tests.acceptance.world import SERVICES, World

FHIR = "{http://hl7.org/fhir}"
UNSAID = (GIVEN[1:], FAMILY[1:6], platform.node())
"""Parts of the name in each body, and what an entity of one would read; none may be in an answer."""

ITS_OWN = frozenset({"operations"})
"""The schema whose rows come and go with the ledger's rounds, whatever is sent."""


@pytest_asyncio.fixture(scope="module")
async def door(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The doors of intake, with a practice's key, when the setting-up has come to rest."""
    world.inputs.append(Input("a bad body", (GIVEN, FAMILY, f"{GIVEN} {FAMILY}")))
    world.inputs.append(input_of(json.loads(GOOD)))
    await books.at_rest(world)
    headers = {"Authorization": f"Bearer {world.keys[PRACTICE]}"}
    async with httpx.AsyncClient(base_url=world.doors("referral-intake")[0], headers=headers, timeout=60) as client:
        yield client


async def refused(world: World, door: httpx.AsyncClient, bad: Bad) -> str:
    """Send it, see that nothing is stored in either database, and return what the answer says is wrong."""
    ids = {"X-Request-ID": str(uuid4()), "X-Correlation-ID": str(uuid4()), "Content-Type": bad.media_type}
    before = await books.row_counts(world, but=ITS_OWN)
    answer = await door.post(bad.path, content=bad.body, headers={**ids, **bad.headers})
    assert answer.status_code == bad.status, answer.text
    assert await books.row_counts(world, but=ITS_OWN) == before
    return told_in(answer)


def told_in(answer: httpx.Response) -> str:
    """Return the words of an answer that says no, which has the form of its path."""
    kind = answer.headers["content-type"].partition(";")[0]
    if "/fhir/" not in str(answer.url):
        problem = answer.json()
        assert kind == "application/problem+json"
        assert problem["status"] == answer.status_code
        return json.dumps([problem["title"], problem["detail"], problem.get("errors")])
    if kind == FHIR_XML:
        root = etree.fromstring(answer.content)
        assert root.tag == f"{FHIR}OperationOutcome"
        return " ".join(str(told.get("value")) for told in root.iter(f"{FHIR}diagnostics"))
    outcome = answer.json()
    assert (kind, outcome["resourceType"]) == (FHIR_JSON, "OperationOutcome")
    return " ".join(issue["diagnostics"] for issue in outcome["issue"])


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_taken_in_is_refused(world: World, door: httpx.AsyncClient, name: str) -> None:
    said = await refused(world, door, BAD[name])
    assert BAD[name].says in said
    assert not [part for part in UNSAID if part in said]


async def test_the_message_as_published_is_for_another_service(world: World, door: httpx.AsyncClient) -> None:
    if not PUBLISHED.exists():
        pytest.skip("needs ../shared/data/fhir/bars/REFREQ07.xml")
    message = Bad(422, "not for us", PUBLISHED.read_bytes(), FHIR_XML, "/fhir/$process-message")
    assert message.says in await refused(world, door, message)


NOBODY = UUID(int=0)
INSIDE = [
    *((service, f"/internal/operations/{what}") for service in SERVICES for what in ("counts", "parked")),
    ("referral-intake", f"/internal/people/{NOBODY}/notes"),
    ("notifications", f"/internal/deliveries/of/{NOBODY}"),
    ("operations", "/api/ledger"),
]


@pytest.mark.parametrize(("service", "path"), INSIDE)
async def test_inside_doors_open_to_nobody_without_their_key(world: World, service: str, path: str) -> None:
    keys = {"nothing": "", "a practice's": f"Bearer {world.keys[PRACTICE]}", "another": "Bearer lw_guessed"}
    for shown, key in keys.items():
        answer = await world.caller(service, {"Authorization": key}).send(Call("GET", path))
        assert answer.status_code == 401, shown
        assert told_in(answer)
