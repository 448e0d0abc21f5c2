"""Records that no service of ours would ever publish, each with what a consumer makes of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from shared.contracts import EVENTS, Envelope
from tests.acceptance.topics import Headers

NOISE_BYTES = {"linkway.referrals": 900 * 1024}
"""How long the noise is; on other topics shorter, because every consumer keeps a copy."""

POISONED = {
    "linkway.referrals": "linkway.referral.withdrawn.v1",
    "linkway.routing": "linkway.referral.link-worker-assigned.v1",
    "linkway.casework": "linkway.case.closed.v1",
}
"""The topics that are poisoned, each with a type that lies there."""


@dataclass(frozen=True)
class Poison:
    """A record, and the kind as which it is parked."""

    topic: str
    kind: str
    key: bytes | None
    value: bytes | None
    headers: Headers


def poison(chance: random.Random | None = None, key: str | None = None) -> Iterator[Poison]:
    """Give every kind of poison for every topic; chance decides keys and noise, and a key may be given for all."""
    chance = chance or random.SystemRandom()
    for topic, known in POISONED.items():
        subject = key or str(UUID(int=chance.getrandbits(128), version=4))
        good = Envelope(
            id=uuid4(),
            source="stranger",
            type=known,
            time=datetime.now(UTC),
            subject=subject,
            correlation_id="stranger",
            causation_id="stranger",
        )
        headers = good.to_headers()
        yield Poison(topic, "no-value", subject.encode(), None, headers)
        yield Poison(topic, "bad-headers", subject.encode(), b"{}", _with(headers, "ce_source", b"\xff\xfe\xc3"))
        yield Poison(topic, "bad-headers", subject.encode(), b"{}", _with(headers, "ce_subject", None))
        yield Poison(topic, "bad-headers", subject.encode(), b"\x00", ())
        yield Poison(topic, "null-key", None, b"{}", headers)
        yield Poison(topic, "bad-json", subject.encode(), chance.randbytes(NOISE_BYTES.get(topic, 1024)), headers)
        yield Poison(topic, "breaks-contract", subject.encode(), b'{"referral": 7}', headers)
        unknown = _with(headers, "ce_type", b"linkway.referral.dreamt.v1")
        yield Poison(topic, "unknown-type", subject.encode(), b"{}", unknown)
        future = known.removesuffix(".v1") + ".v9"
        assert future not in EVENTS
        yield Poison(topic, "future-version", subject.encode(), b"{}", _with(headers, "ce_type", future.encode()))


def _with(headers: Headers, name: str, value: bytes | None) -> Headers:
    return [(each, value if each == name else old) for each, old in headers]
