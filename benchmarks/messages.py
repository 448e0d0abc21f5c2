"""BaRS messages and events of referrals, each of another person, as the doors and the topics get them."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from benchmarks.programme import PRACTICES, PROGRAMME
from deploy.local.home import PROJECT
from shared.contracts import Agreement, Envelope, Event, NeedRead, Place, Preferences, ReferralAccepted

SAMPLE = PROJECT / "deploy/sample/referrals/44-three-oclock.bundle.json"
FAMILY, NUMBER = "Qureshi", "9998801117"
NEEDS = ("debt-advice", "loneliness", "walking", "gardening", "carers", "food", "learning", "low-mood", "housing")

Kafka = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value and headers of a record."""


def fhir_message(number: int) -> bytes:
    """Return a referral of the sample's in BaRS, 14 kB of JSON, for somebody who has not been referred before."""
    text = SAMPLE.read_text("utf-8")
    reference = json.loads(text)["entry"][1]["fullUrl"]
    new = text.replace(FAMILY, f"{FAMILY} {_letters(number)}").replace(reference, f"urn:uuid:{uuid4()}")
    return _only_practice(new.replace(NUMBER, "")).encode()


def _only_practice(text: str) -> str:
    """Leave the sending organisation's code out: the key says who sends."""
    return text.replace("Z99901", "")


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def post(body: bytes, keys: Mapping[str, str], path: str = "/fhir/$process-message") -> bytes:
    """Return the whole HTTP request that posts a body from some practice."""
    practice = random.choice(PRACTICES)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/fhir+json\r\n"
        f"Authorization: Bearer {keys.get(practice, '')}\r\nX-Request-ID: {uuid4()}\r\nX-Correlation-ID: {uuid4()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def accepted(number: int) -> ReferralAccepted:
    """Return a referral's acceptance as referral-intake tells it: one to three needs, somebody in Dundee."""
    pick = random.Random(number)
    return ReferralAccepted(
        referral=uuid4(),
        programme=PROGRAMME,
        practice=pick.choice(PRACTICES),
        person=uuid4(),
        urgency=pick.choice(("routine", "routine", "soon")),
        needs=tuple(NeedRead(code=need, source="text") for need in pick.sample(NEEDS, pick.randint(1, 3))),
        nothing_read=False,
        age=pick.randint(18, 89),
        place=Place(
            council="S12000042", outward=f"DD{pick.randint(1, 5)}", precision="outward", latitude=56.46, longitude=-2.97
        ),
        preferences=Preferences(),
        agreement=Agreement(referral="agreed"),
        rules_version="1",
    )


def record(event: Event, event_id: UUID | None = None) -> Kafka:
    """Return the record that carries an event, as a relay sends it."""
    envelope = Envelope(
        id=event_id or uuid4(),
        source="bench",
        type=event.type,
        time=datetime.now(UTC),
        subject=event.key,
        correlation_id=str(uuid4()),
        causation_id=str(uuid4()),
    )
    return event.key.encode(), event.to_json(), envelope.to_headers()


def of_each_key(count: int, each: int) -> Sequence[UUID]:
    """Return referrals, each so often, so that a key's events stand apart as they do on a topic."""
    keys = [uuid4() for _ in range(-(-count // each))]
    return [keys[n % len(keys)] for n in range(count)]
