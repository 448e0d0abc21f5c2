"""Run each known-bad build through the small scene that shows its mistake, and see that the right check catches it.

`python -m tests.chaos.mutants [NAME …]`
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos import aimed, checks, sabotage, snapshot
from tests.chaos.aimed import Aim, aiming
from tests.chaos.book import Book
from tests.chaos.profile import Profile
from tests.chaos.quiet import heal, until_quiet
from tests.chaos.scene import Scene, staged

SEED = 11
QUIET_SECONDS = 60.0
RESTLESS_SECONDS = 8.0
"""How long a known-bad build, which may never be quiet, is waited for."""
ONE_SECONDS = 180.0
ALL_SOUND_SECONDS = 600.0
CAUGHT_BY_SABOTAGE = "sabotage"

SETTINGS: Mapping[str, str] = {
    # What was set aside comes again so late that something else about its referral comes before.
    "LINKWAY_PARKED_RETRY_SECONDS": "[3, 3, 5, 5]",
    # Nothing happens by itself.
    "LINKWAY_REVIEW_INSTEAD": "1 day",
    "LINKWAY_ASSIGNMENT_WAIT_SECONDS": "3600",
}

Scenario = Callable[[Aim], Awaitable[None]]


async def _nothing(aim: Aim) -> None:
    """Let a few referrals come; what is done to the tables afterwards is the rest."""
    await aim.refer_some(6)


@dataclass(frozen=True)
class Mutant:
    """A known mistake: the scene that shows it, and the check that must catch it."""

    name: str
    scene: Scenario
    expected: str


MUTANTS: Sequence[Mutant] = (
    Mutant("positions-in-kafka", aimed.died_in_a_batch, "lost"),
    Mutant("start-at-latest", aimed.began_under_load, "lost"),
    Mutant("mark-before-send", aimed.died_before_sending, "lost"),
    Mutant("poll-by-id", aimed.committed_late, "lost"),
    Mutant("no-inbox", aimed.sent_twice, "doubled"),
    Mutant("two-relays", aimed.sent_while_one_dawdles, "order"),
    Mutant("park-without-order", aimed.failed_once, "order"),
    Mutant("position-past-failure", aimed.failed_once, "positions"),
    Mutant("no-fence", aimed.woke_up, "doubled"),
    Mutant("ledger-believes", _nothing, CAUGHT_BY_SABOTAGE),
)


@dataclass(frozen=True)
class Small(Profile):
    """One broker, and two replicas where a second one is the point."""

    referrals: int = 0
    seconds: float = 0
    seed: int = SEED
    short: bool = True
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)

    @property
    def replicas(self) -> dict[str, int]:
        """The replicas of each service."""
        return super().replicas | {"referral-intake": 2, "matching": 2}


@dataclass
class Seen:
    """What one run came to."""

    name: str
    scene: str
    expected: str
    caught_by: list[str]
    seconds: float
    said: list[str]

    @property
    def is_good(self) -> bool:
        """Whether the mistake was caught by the check that should, or, without one, nothing was found at all."""
        return self.expected in self.caught_by if self.expected else not self.said

    def row(self) -> str:
        """Write a line of the table."""
        caught = ", ".join(self.caught_by) or ("broke" if self.said else "nothing")
        verdict = "yes" if self.is_good else "NO"
        return f"{self.name:22} {self.scene:24} {self.expected or 'sound':10} {verdict:4} {self.seconds:6.1f}  {caught}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 0 when each was caught, and each scene is sound without a mistake."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, and their scenes without a mistake")
    names = parser.parse_args(arguments).names
    if unknown := {*names} - {mutant.name for mutant in MUTANTS}:
        parser.error(f"no such mistake: {', '.join(sorted(unknown))}")
    wanted = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    return asyncio.run(show(wanted))


async def show(wanted: Sequence[Mutant]) -> int:
    """Run those that are wanted, without a mistake first, and print the table."""
    began = time.monotonic()
    seen = [await all_sound(wanted)]
    _print(seen[0])
    for mutant in wanted:
        seen.append(await mutated(mutant))
        _print(seen[-1])
    sys.stdout.write(f"\n{'mutant':22} {'scene':24} {'expected':10} {'good':4} {'sec':>6}  caught by\n")
    sys.stdout.write("".join(f"{each.row()}\n" for each in seen))
    good = sum(each.is_good for each in seen)
    sys.stdout.write(f"{good} of {len(seen)} as they should be, in {time.monotonic() - began:.0f} s\n")
    return 0 if good == len(seen) else 1


async def all_sound(wanted: Sequence[Mutant]) -> Seen:
    """Run every scene that is wanted, one after the other, on a Linkway without a mistake."""
    began, book = time.monotonic(), Book(SEED)
    scenes = list(dict.fromkeys(mutant.scene for mutant in wanted))
    said: list[str] = []
    by: list[str] = []
    try:
        async with asyncio.timeout(ALL_SOUND_SECONDS), staged(Small(), book) as scene:
            async with aiming(scene) as aim:
                for each in scenes:
                    await each(aim)
                    if await until_quiet(scene, QUIET_SECONDS) is None:
                        said.append(f"not quiet after {each.__name__}")
            by, told = await caught(scene, sabotaged=any(m.expected == CAUGHT_BY_SABOTAGE for m in wanted))
            said += told
    except Exception as error:  # noqa: BLE001 -- a run that breaks is a line of the table
        said.append(f"{type(error).__name__}: {error}")
    return Seen("(none)", f"all {len(scenes)}", "", by, time.monotonic() - began, said)


async def mutated(mutant: Mutant) -> Seen:
    """Run a mistake's scene on a build that makes it."""
    began, book = time.monotonic(), Book(SEED)
    profile = Small(settings={**SETTINGS, "LINKWAY_CHAOS_MUTANT": mutant.name})
    by: list[str] = []
    try:
        async with asyncio.timeout(ONE_SECONDS), staged(profile, book) as scene:
            async with aiming(scene) as aim:
                await mutant.scene(aim)
            await until_quiet(scene, RESTLESS_SECONDS)
            by, said = await caught(scene, sabotaged=mutant.expected == CAUGHT_BY_SABOTAGE)
    except Exception as error:  # noqa: BLE001 -- as above; it was not caught by a check
        said = [f"{type(error).__name__}: {error}"]
    return Seen(mutant.name, mutant.scene.__name__, mutant.expected, by, time.monotonic() - began, said)


async def caught(scene: Scene, *, sabotaged: bool) -> tuple[list[str], list[str]]:
    """Read everything, and return the checks that found something, and what; with sabotage, whether it was noticed."""
    await heal(scene)
    findings = checks.check_all(scene.book, await snapshot.read(scene.world, scene.book))
    by, said = [finding.check for finding in findings], [str(finding) for finding in findings]
    if sabotaged:
        done = await sabotage.run(scene.world)
        if not done.is_named:
            by.append(CAUGHT_BY_SABOTAGE)
            said.append(f"sabotage: {done.told()}")
    return list(dict.fromkeys(by)), said


def _print(seen: Seen) -> None:
    sys.stderr.write("".join(f"    {line}\n" for line in seen.said[:12]) + f"{seen.row()}\n")


if __name__ == "__main__":
    sys.exit(main())
