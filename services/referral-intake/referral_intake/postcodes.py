"""Load a table of postcodes, so that places are told by their council and to a kilometre.

python -m referral_intake.postcodes load FILE

The file is CSV, plain or gzipped, with the columns postcode, latitude, longitude and council_area_code.
"""

import argparse
import asyncio
import csv
import gzip
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from referral_intake import storage
from referral_intake.own_database import own_database
from referral_intake.places import read_postcode
from shared.messaging import Cause

BATCH = 5_000


def rows_of(path: Path) -> Iterator[tuple[str, float, float, str | None]]:
    """Yield the rows with a whole postcode, written one way; halves of split ones (AB12 3GQA) are passed over."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            postcode = read_postcode(row["postcode"])
            if postcode and postcode.full and not postcode.repaired:
                council = row["council_area_code"] or None
                yield postcode.full, float(row["latitude"]), float(row["longitude"]), council


async def load(path: Path) -> int:
    """Load a file into the database that the environment names and return how many rows it had."""
    rows, count = rows_of(path), 0
    async with own_database() as database:
        while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
            async with database.transaction(Cause.request("load_postcodes", f"{path.name}/{count}")) as tx:
                await storage.save_postcodes(tx, batch)
            count += len(batch)
    return count


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m referral_intake.postcodes", description=__doc__)
    parser.add_subparsers(dest="act", required=True).add_parser("load").add_argument("file", type=Path)
    try:
        sys.stdout.write(f"{asyncio.run(load(parser.parse_args().file))} postcodes\n")
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"not loaded: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
