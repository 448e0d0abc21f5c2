"""How many accepted referrals matching handles, with its own handler and the sample directory."""

import asyncio
import os
import sys

from benchmarks import toy
from benchmarks.consuming import Consuming, lay
from benchmarks.figures import Goal, Outcome, Series, interleave
from benchmarks.messages import accepted, record
from benchmarks.programme import DIRECTORY, programme
from benchmarks.rows.events import toys
from benchmarks.scene import Scene, servers
from deploy.local.home import PROJECT
from matching.storage import save_areas_served, save_posts, save_practices, save_programme
from referral_intake.programmes import ProgrammeFile
from shared.messaging import Cause, Database
from shared.messaging.migrate import targets

TITLE = "Accepted referrals, matched"
TOPIC = "linkway.referrals"


async def run(quick: bool) -> Outcome:
    """Measure matching's handler and the toy's in turn."""
    events, pairs = (500, 1) if quick else (10_000, 5)
    async with servers([toy.SCHEMA, *targets()]) as scene:
        await _prepare(scene)
        await lay(scene.kafka, TOPIC, [record(accepted(number)) for number in range(events)])
        real = Consuming(scene, "matching", TOPIC, events, ("referral", "offer"))
        least = await toys(scene, events * 2)
        matched, handled = await interleave(pairs, real.machinery, least.machinery)
    mine = Series("accepted: assigned and matched", "events/s", matched)
    its = Series("the toy handler", "events/s", handled)
    core = Series("for a second of the consumer's processor time", "events/s", tuple(real.per_core))
    goals = (Goal("on_referral_accepted", mine.median, 1_500, unit="events/s"),)
    notes = (
        f"{events} referrals a run, one to three needs each; 250 link workers at 125 practices; 159 services.",
        f"The toy handler reaches {its.median:,.0f} events a second beside it: {mine.over(its).median:.2f} of that.",
    )
    return Outcome(TITLE, (mine, its, core), goals, "referral", real.meter.per_item_ms, notes)


async def _prepare(scene: Scene) -> None:
    """Apply the programme and load the directory, as the setup job does."""
    event = ProgrammeFile.model_validate(programme()).as_event()
    database = Database(scene.postgres, user="matching", schema="matching", source="matching", size=1)
    await database.open()
    async with database.transaction(Cause.request("bench", "programme")) as tx:
        await save_programme(tx, event)
        await save_posts(tx, event.programme, event.link_workers)
        await save_practices(tx, event.programme, event.link_workers)
        await save_areas_served(tx, event.programme, event.link_workers)
    await database.close()
    loading = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "matching.directory", "load", str(DIRECTORY)),
        cwd=PROJECT,
        env={**os.environ, "LINKWAY_POSTGRES": scene.postgres},
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await loading.wait():
        raise RuntimeError("the directory was not loaded")
