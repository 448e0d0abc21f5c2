"""Run Linkway under load, break it by a seed, and say whether anything was lost: `python -m tests.chaos --seed 7`."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.book import Book
from tests.chaos.faults import disks
from tests.chaos.profile import SHORT_REFERRALS, SHORT_SECONDS, Profile
from tests.chaos.run import run

BESIDE_SECONDS = 600.0
"""What a run may take beside the time of its load: to start, to mend, to wait for quiet, to read and to check."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the last line of standard output is the verdict, and the exit code says whether it is `sound`."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same schedule")
    parser.add_argument("--referrals", type=int, help="how many come, at a steady rate")
    parser.add_argument("--minutes", type=float, help="the time in which they come")
    parser.add_argument("--short", action="store_true", help="one broker, few faults, two minutes in all")
    parser.add_argument("--mutant", metavar="NAME", help="a known-bad build, which must be found out")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the processes' logs there")
    asked = parser.parse_args(arguments)
    for name in ("aiokafka", "asyncio"):  # what clients of ours meet while brokers are away, a hundred lines a second
        logging.getLogger(name).setLevel(logging.CRITICAL)
    book = Book(asked.seed)
    if not asked.short:
        book.skipped |= disks.skipped()
    judged = asyncio.run(bounded(profile_of(asked), book))
    sys.stdout.write(f"{json.dumps(judged)}\n")
    return 0 if judged["verdict"] == "sound" else 1


def profile_of(asked: argparse.Namespace) -> Profile:
    """Turn the command line into a profile."""
    return Profile(
        seed=asked.seed,
        referrals=asked.referrals or (SHORT_REFERRALS if asked.short else 2000),
        seconds=60 * asked.minutes if asked.minutes else SHORT_SECONDS if asked.short else 480.0,
        short=asked.short,
        settings={"LINKWAY_CHAOS_MUTANT": asked.mutant} if asked.mutant else {},
        log=asked.keep,
    )


async def bounded(profile: Profile, book: Book) -> dict[str, Any]:
    """Run, and end in any case: at a signal, and when it takes too long."""
    task = asyncio.current_task()
    if task:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with asyncio.timeout(profile.seconds + BESIDE_SECONDS):
            return await run(profile, book)
    except TimeoutError:
        return {"seed": profile.seed, "referrals": profile.referrals, "verdict": "it did not end in time"}


if __name__ == "__main__":
    sys.exit(main())
