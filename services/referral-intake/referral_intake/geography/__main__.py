"""Load tables of postcodes, data zones and SIMD, so that places are told by their areas and to a kilometre.

python -m referral_intake.geography load FILE... [--kind postcodes|simd|datazones]

A file is CSV, plain, gzipped or in a zip, and is known by its columns: the Scottish Postcode Directory, ONSPD, NSPL,
SIMD, lookup tables of data zones, or any other like them. A load that was stopped is made whole by loading again.
"""

import argparse
import asyncio
import csv
import sys
import zipfile
from pathlib import Path

from referral_intake.geography.columns import KINDS, Kind
from referral_intake.geography.load import load
from referral_intake.geography.progress import Progress
from referral_intake.own_database import own_database


async def load_all(paths: list[Path], kind: Kind | None) -> None:
    """Load files into the database that the environment names, and print what became of each."""
    async with own_database() as database:
        for path in paths:
            progress = Progress(path.name, sys.stderr)
            try:
                reports = await load(database, path, kind, progress)
            finally:
                progress.end()
            for report in reports:
                sys.stdout.write("".join(f"{line}\n" for line in report.lines()))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m referral_intake.geography", description=__doc__)
    loading = parser.add_subparsers(dest="act", required=True).add_parser("load")
    loading.add_argument("file", type=Path, nargs="+")
    loading.add_argument("--kind", choices=KINDS, help="what the file is, where its columns fit more than one thing")
    asked = parser.parse_args()
    try:
        asyncio.run(load_all(asked.file, asked.kind))
    except (OSError, EOFError, ValueError, csv.Error, zipfile.BadZipFile) as error:
        sys.exit(f"not loaded: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
