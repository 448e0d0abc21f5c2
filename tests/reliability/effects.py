"""What Linkway did, read beside it: in its databases as their administrator, and in the mails that arrived."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo.driver.calling import Call, Caller
from deploy.demo.driver.letters import read_letter
from shared.messaging.migrate import SCHEMAS
from tests.acceptance.books import looking
from tests.acceptance.world import World

HANDLED_SECONDS = 60.0
"""For how long an event may be on its way to who consumes it."""

SAID_AGAIN = frozenset({"match-not-found", "review-due", "reopened"})
"""Each time that needs were corrected in vain, a date passed, or a person came back."""


@dataclass(frozen=True)
class Effect:
    """A message that somebody gets once: about which referral and offer (or what of it), the mail, in which role."""

    about: str
    template: str
    to: str
    channel: str


@dataclass(frozen=True)
class Mails:
    """How often each mail arrived, by Message-ID; what each is, as far as Linkway's own records say."""

    arrived: Counter[str]
    effects: Mapping[str, Effect]

    @property
    def repeated(self) -> int:
        """How many arrivals were of a mail that had arrived before."""
        return self.arrived.total() - len(self.arrived)

    def doubled(self) -> dict[Effect, list[str]]:
        """Return effects that have two Message-IDs, but for mails that may say the same again on another day."""
        ids: defaultdict[Effect, list[str]] = defaultdict(list)
        for message_id, effect in self.effects.items():
            if effect.template not in SAID_AGAIN:
                ids[effect].append(message_id)
        return {effect: found for effect, found in ids.items() if len(found) > 1}

    def unknown(self) -> list[str]:
        """Return Message-IDs that arrived and that no record has."""
        return [message_id for message_id in self.arrived if message_id not in self.effects]


async def read_mails(world: World) -> Mails:
    """Read every mail that arrived, and every delivery that was recorded; sign-in mails are known by their links."""
    sink = Caller([world.stack.addresses.mail])
    try:
        arrived = [read_letter(mail) for mail in (await sink.send(Call("GET", "/messages"))).json()]
    finally:
        await sink.aclose()
    async with looking(world) as database:
        rows = await database.fetch(_DELIVERIES)
    effects = {
        f"<{row['id']}@linkway.example.org>": Effect(
            row["about"], row["template"], row["recipient_kind"], row["channel"]
        )
        for row in rows
    }
    effects |= {
        letter.message_id: Effect(letter.link, "sign-in", letter.to, "mail")
        for letter in arrived
        if letter.kind == "sign-in"
    }
    return Mails(Counter(letter.message_id for letter in arrived), effects)


_DELIVERIES = """
    SELECT id, template, recipient_kind, channel,
        concat_ws('/', referral, coalesce(facts ->> 'offer', facts::text)) AS about
    FROM notifications.delivery
"""


async def find_faults(world: World) -> list[str]:
    """Say what was done twice or not at all: events, claims, assignments, mails; empty where all is well.

    An event's id comes from its cause, so an effect that was done twice has stored its events twice.
    """
    faults: list[str] = []
    async with looking(world) as database:
        for what, sql in _FAULTS.items():
            faults += [f"{what}: {dict(row)}" for row in await database.fetch(sql)]
    faults += await _never_handled(world)
    mails = await read_mails(world)
    faults += [f"one effect, two Message-IDs: {effect} {ids}" for effect, ids in mails.doubled().items()]
    return faults + [f"a mail that no record has: {message_id}" for message_id in mails.unknown()]


async def find_disagreements(world: World, referrals: Iterable[str]) -> list[str]:
    """Return those of these referrals for which matching and casework name different link workers."""
    async with looking(world) as database:
        rows = await database.fetch(_DISAGREEMENTS, list(referrals))
    return [str(row["id"]) for row in rows]


async def _never_handled(world: World) -> list[str]:
    """Say which events their consumers never handle; one that was published just now has some time for that."""
    deadline = time.monotonic() + HANDLED_SECONDS
    while True:
        async with looking(world) as database:
            found = [
                f"{service} never handled {dict(row)}"
                for service in SCHEMAS
                for row in await _unhandled(world, database, service)
            ]
        if not found or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.3)


async def _unhandled(world: World, database: Any, service: str) -> list[Any]:
    """Return events that a service consumes and has so far neither claimed nor parked."""
    told = await world.internal("GET", service, "/internal/operations/counts")
    return list(await database.fetch(_UNHANDLED.format(schema=SCHEMAS[service]), told["types"]))


_OUTBOXES = " UNION ALL ".join(
    f"SELECT '{schema}' AS source, event_id, topic, type, key FROM {schema}.outbox" for schema in SCHEMAS.values()
)
_UNHANDLED = f"""
    SELECT source, type, key FROM ({_OUTBOXES}) AS event
    WHERE type = ANY ($1::text[]) AND topic NOT LIKE 'linkway.partner.%'  -- partners read those, and nobody here
        AND NOT EXISTS (SELECT FROM {{schema}}.inbox WHERE inbox.event_id = event.event_id)
        AND NOT EXISTS (SELECT FROM {{schema}}.parked WHERE parked.event_id = event.event_id)
    LIMIT 20
"""
_FAULTS = {
    "an event published twice": f"""
        SELECT source, type, key, count(*) FROM ({_OUTBOXES}) AS event
        GROUP BY source, type, key, event_id HAVING count(*) > 1
    """,
    **{
        f"an event claimed twice by {service}": f"""
            SELECT event_id, count(*) FROM {schema}.inbox GROUP BY consumer, event_id HAVING count(*) > 1
        """
        for service, schema in SCHEMAS.items()
    },
    "an event archived twice": """
        SELECT type, key, count(*) FROM operations.event GROUP BY id, type, key HAVING count(*) > 1
    """,
    "a referral that no request asked for": """
        SELECT id FROM intake.referral AS stored
        WHERE NOT EXISTS (SELECT FROM intake.request WHERE request.referral = stored.id)
    """,
    "a referral with two first link workers": """
        SELECT key, count(*) FROM matching.outbox WHERE type = 'linkway.referral.link-worker-assigned.v1'
        GROUP BY key HAVING count(*) > 1
    """,
}

_DISAGREEMENTS = """
    SELECT ours.id FROM matching.referral AS ours JOIN casework.cases AS theirs ON theirs.referral = ours.id
    WHERE ours.id = ANY ($1::uuid[]) AND ours.link_worker IS DISTINCT FROM theirs.link_worker
"""
