"""`linkway explain REFERRAL` and `linkway dry-run --weights FILE`: why a match came out as it did, and what if.

explain REFERRAL [--why-not SERVICE] [--json]          what was proposed and why, and the same made again
dry-run --weights FILE [--days 30] [--most N] [--json] which answers of the last days other weights would have changed
"""

import argparse
import asyncio
import sys
from pathlib import Path
from uuid import UUID

from matching.directory.__main__ import Access, run
from matching.domain import AS_TUNED
from matching.explaining import commands
from matching.explaining.commands import NothingKeptError, Way
from matching.weighing import WeightsError, read_weights
from shared.messaging import Unavailable

DAYS, MOST = 30, 2_000


class Configured(Access):
    """How the service reaches the database and searches; the same variables as the service's."""

    # The folder of the model of meaning; without one, words alone.
    model: Path | None = None
    # The file of weights that the service uses.
    weights: Path | None = None

    @property
    def way(self) -> Way:
        """How is searched; WeightsError where the file of weights cannot be used."""
        return Way(self.model, read_weights(self.weights) if self.weights else AS_TUNED)


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(
        prog="linkway", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = made.add_subparsers(dest="command", required=True)
    explaining = verbs.add_parser("explain", help="say why a referral was matched as it was, and match it again")
    explaining.add_argument("referral", type=UUID)
    explaining.add_argument("--why-not", metavar="SERVICE", help="say why a service is not proposed")
    trying = verbs.add_parser("dry-run", help="say which answers of the last days other weights would have changed")
    trying.add_argument("--weights", type=Path, required=True, help="YAML, *name: points*; the rest stays as tuned")
    trying.add_argument("--days", type=_whole, default=DAYS, help=f"how many days back; {DAYS}")
    trying.add_argument("--most", type=_whole, default=MOST, help=f"how many referrals at most; {MOST}")
    for verb in (explaining, trying):
        verb.add_argument("--json", action="store_true", help="for programs")
    return made


def _whole(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise argparse.ArgumentTypeError("a whole number from 1 on")
    return int(text)


def command_of(given: argparse.Namespace, way: Way) -> commands.Command:
    """Return what a command line asks for; WeightsError where a file of weights cannot be used."""
    if given.command == "explain":
        return commands.explaining(way, given.referral, given.why_not, as_json=given.json)
    return commands.trying(way, read_weights(given.weights), given.days, given.most, as_json=given.json)


def main() -> int:
    """Run the command line; 1 where it cannot be done, or a match differs without a cause. Nothing is ever changed."""
    given = parser().parse_args()
    try:
        access = Configured()
        told = asyncio.run(run(access, command_of(given, access.way)))
    except (WeightsError, NothingKeptError, FileNotFoundError, Unavailable) as error:
        sys.stderr.write(f"{given.command}: {error}\n")
        return 1
    sys.stdout.write(f"{told.text}\n")
    return told.code


if __name__ == "__main__":
    sys.exit(main())
