"""How many events a consumer handles whose effect is one row, beside a bare loop that copies the same rows."""

from benchmarks import toy
from benchmarks.consuming import Consuming, lay
from benchmarks.figures import Goal, Outcome, Series, interleave
from benchmarks.messages import of_each_key, record
from benchmarks.scene import Scene, servers
from shared.contracts import ReferralClosed

TITLE = "Events through the machinery"
TOPIC = "linkway.partner.bench"


async def toys(scene: Scene, events: int) -> Consuming:
    """Lay events for the toy handler on a topic, four of each referral."""
    facts = {"programme": "toy", "practice": "toy", "reason": "completed"}
    records = [record(ReferralClosed(referral=key, **facts)) for key in of_each_key(events, 4)]
    await lay(scene.kafka, TOPIC, records)
    return Consuming(scene, "toy", TOPIC, events, ("effect",))


async def run(quick: bool) -> Outcome:
    """Measure both in turn, one process each."""
    events, pairs = (2_000, 1) if quick else (40_000, 5)
    async with servers([toy.SCHEMA]) as scene:
        toy_consumer = await toys(scene, events)
        handled, copied = await interleave(pairs, toy_consumer.machinery, toy_consumer.bare)
    mine = Series("handled once, with one row each", "events/s", handled)
    its = Series("bare: read, parsed, copied, committed", "events/s", copied)
    core = Series("handled, for a second of the consumer's processor time", "events/s", tuple(toy_consumer.per_core))
    goals = (
        Goal("of the bare loop", mine.over(its).median, 0.3),
        Goal("on a consumer's core", core.median, 5_000, unit="events/s"),
    )
    notes = (f"{events} events a run over 12 partitions, four of each key, batches of at most 200 in both.",)
    return Outcome(TITLE, (mine, its, core), goals, "event", toy_consumer.meter.per_item_ms, notes)
