"""What happens when a consumer comes back to 100,000 events while referrals keep coming."""

import asyncio
import time
from uuid import UUID

from benchmarks.consuming import lay
from benchmarks.figures import Goal, Outcome, Series, percentile
from benchmarks.flow import AT_ONCE, Flow
from benchmarks.messages import Kafka, record
from benchmarks.posting import Answer, closed_loop, open_loop, until
from benchmarks.processes import Meter
from benchmarks.scene import Linkway, linkway
from shared.contracts import NotificationDelivered

TITLE = "A backlog beside new referrals"
PER_SECOND = 20
TOPIC = "linkway.notifications"
REFERRALS = 2_000

_POSITION = "SELECT coalesce(sum(next_offset), 0)::bigint FROM operations.position WHERE topic = $1"


async def run(quick: bool) -> Outcome:
    """Stop operations, lay a backlog before it, start it, and post meanwhile."""
    events, runs = (2_000, 1) if quick else (100_000, 5)
    drained: list[float] = []
    posts: list[float] = []
    async with linkway() as scene:
        flow, meter = Flow(scene), Meter()
        first = await closed_loop(flow.door, flow.requests(min(REFERRALS, events // 50)), AT_ONCE)
        await flow.until_told(first)
        referrals = [UUID(answer.referral) for answer in first]
        for _ in range(runs):
            await scene.stack.stop("operations")
            await lay(scene.kafka, TOPIC, _events(referrals, events))
            end = (await scene.sql(_POSITION, TOPIC))[0][0] + events
            with meter.running(scene.stack.pids(), events):
                seconds, answers = await _drain(flow, end)
            drained.append(seconds)
            posts.append(percentile([1000 * (each.answered_at - each.intended_at) for each in answers], 0.99))
    took = Series("until the backlog was read", "s", tuple(drained))
    slowest = Series("POST p99 meanwhile", "ms", tuple(posts))
    goals = (
        Goal("drained in", took.median, 60, at_least=False, unit="s"),
        Goal("POST p99 meanwhile", slowest.median, 500, at_least=False, unit="ms"),
    )
    notes = (
        f"{events} events of real referrals on one topic, before operations, which archives every event and was away.",
        f"{PER_SECOND} new referrals a second go the whole way meanwhile; timed from the start of the process.",
    )
    return Outcome(TITLE, (took, slowest), goals, "event", meter.per_item_ms, notes)


def _events(referrals: list[UUID], count: int) -> list[Kafka]:
    facts = {"template": "assigned", "channel": "mail", "recipient_kind": "practice", "recipient": "practice-001"}
    return [
        record(NotificationDelivered(referral=referral, notification=referral, **facts))
        for referral in (referrals[n % len(referrals)] for n in range(count))
    ]


async def _drain(flow: Flow, end: int) -> tuple[float, list[Answer]]:
    """Start operations again; return the seconds until it has read everything, and how posts went meanwhile."""
    began = time.monotonic()
    stop = asyncio.Event()
    posting = asyncio.create_task(_post_until(flow, stop))
    starting = asyncio.create_task(flow.scene.stack.start("operations"))
    await until(lambda: _reached(flow.scene, end), 170, every_seconds=0.5)
    seconds = time.monotonic() - began
    stop.set()
    await starting
    return seconds, await posting


async def _reached(scene: Linkway, end: int) -> bool:
    return bool((await scene.sql(_POSITION, TOPIC))[0][0] >= end)


async def _post_until(flow: Flow, stop: asyncio.Event) -> list[Answer]:
    answers: list[Answer] = []
    while not stop.is_set():
        answers += await open_loop(flow.door, flow.requests(PER_SECOND * 2), PER_SECOND)
    return answers
