"""Bring Linkway up and play a morning of referrals through it: `python -m deploy.demo [--once] [--replicas N]`."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence

from deploy.demo.driver import Book, Cast, Doors, is_good, last_line, play, read_samples
from deploy.demo.driver.calling import Surprised, Unanswered
from deploy.demo.driver.show import print_end, watched
from deploy.demo.profile import OPERATOR_MAIL, Profile
from deploy.local.__main__ import Interrupts
from deploy.local.addresses import Addresses
from deploy.local.compose import ComposeError
from deploy.local.home import PROJECT, Home
from deploy.local.lock import AlreadyRunning
from deploy.local.plan import Options
from deploy.local.replica import StartFailed
from deploy.local.secrets import read_variables
from deploy.local.stack import Stack
from deploy.setup.__main__ import DIRECTORY, PROGRAMME

SAMPLE = PROJECT / "deploy" / "sample" / "referrals"
# What has not ended after this is left as it is, and told: with `--once` all is to be over within two minutes.
PLAY_SECONDS, PLAY_SECONDS_ONCE = 240.0, 80.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; 0 when nothing is unaccounted for and something was closed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end by itself; the last line is JSON")
    parser.add_argument("--replicas", type=int, help="replicas of each service")
    options = parser.parse_args(arguments)
    if os.environ.get("LINKWAY_SMTP"):
        print("the demonstration reads everybody's mail in a sink of its own: unset LINKWAY_SMTP", file=sys.stderr)
        return 1
    try:
        line = asyncio.run(demonstrate(Home.from_environment(), once=options.once, replicas=options.replicas))
    except (StartFailed, AlreadyRunning, ComposeError, Surprised, Unanswered) as error:
        print(error, file=sys.stderr)
        return 1
    if line is None:
        return 130
    if options.once:
        print(json.dumps(line), flush=True)
    return 0 if is_good(line) else 1


async def demonstrate(home: Home, *, once: bool, replicas: int | None) -> Mapping[str, float] | None:
    """Run the stack and play; None when somebody ended it before it was done."""
    interrupts, began, profile = Interrupts(asyncio.current_task()), time.monotonic(), Profile.of(home)
    options = Options(replicas=replicas, settings=profile.settings, published_ports=True, model=True)
    line: dict[str, float] | None = None
    print("Bringing up Apache Kafka, PostgreSQL, a mail sink and five services …", flush=True)
    try:
        async with Stack(home, options) as stack:
            interrupts.expected = True
            print(f"Up in {time.monotonic() - began:.1f} s.\n", flush=True)
            doors = doors_of(stack.addresses, profile, staff_key(home))
            line = await tell(doors, PLAY_SECONDS_ONCE if once else PLAY_SECONDS, where_to_look(stack.addresses))
            if not once:
                print(f"\n{json.dumps(line)}\n\nEverything stays as it is until Ctrl-C.", flush=True)
                await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not interrupts.expected:
            os._exit(130)  # a thread may still be downloading; what runs ends with us
    return line and line | {"seconds": round(time.monotonic() - began, 1)}


async def tell(doors: Doors, within_seconds: float, addresses: Mapping[str, str]) -> dict[str, float]:
    """Play the sample, show it, and say what came of it."""
    book, cast, samples = Book(), Cast.read(PROGRAMME, DIRECTORY), read_samples(SAMPLE)
    async with watched(book):
        fates = await play(doors, cast, samples, book, within_seconds=within_seconds)
    print_end(book, addresses)
    return last_line(book.referrals, fates, book.seconds)


def staff_key(home: Home) -> str:
    """Read the key that services and staff show each other, as it was given or made for this home."""
    return os.environ.get("LINKWAY_INTERNAL_KEY") or read_variables(home.secrets)["LINKWAY_INTERNAL_KEY"]


def doors_of(addresses: Addresses, profile: Profile, staff_key: str) -> Doors:
    """Say what those outside know: no database, no key but those given to them."""
    return Doors(
        intake=addresses.services["referral-intake"],
        casework=addresses.services["casework"],
        operations=addresses.services["operations"],
        mail=addresses.mail,
        kafka=addresses.kafka,
        webhook_port=profile.webhook_port,
        webhook_secret=profile.webhook_secret,
        practice_keys=json.loads(profile.keys_file.read_text("utf-8")),
        operator_key=profile.operator_key,
        staff_key=staff_key,
    )


def where_to_look(addresses: Addresses) -> Mapping[str, str]:
    """Name the pages and documents for whoever watches."""
    first = {name: replicas[0] for name, replicas in addresses.services.items()}
    return {
        "Link workers' pages": f"{first['casework']}/  (sign in as ash@sources-of-support.example.org)",
        "The ledger": f"{first['operations']}/  (sign in as {OPERATOR_MAIL})",
        "Every mail that was sent": f"{addresses.mail}/",
        "API of the practices' door": f"{first['referral-intake']}/openapi.json",
        "Events (AsyncAPI)": str((PROJECT / "docs" / "asyncapi.json").relative_to(PROJECT)),
    }


if __name__ == "__main__":
    sys.exit(main())
