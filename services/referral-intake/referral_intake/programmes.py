"""Apply a programme file: its practices may refer, and every service hears of it.

python -m referral_intake.programmes apply FILE
"""

import argparse
import asyncio
import hashlib
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from referral_intake import storage
from referral_intake.own_database import own_database
from shared.clocks import Clock
from shared.contracts import Leave, LinkWorkerPost, ProgrammeApplied, Weights
from shared.contracts.words import Allocation, Code, GssCode
from shared.messaging import Cause, Tx


def _clock(text: str) -> str:
    Clock.read(text)
    return text


ClockText = Annotated[str, AfterValidator(_clock)]


class Part(BaseModel):
    """A part of a programme file; what other services read of it is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class PracticePart(Part):
    """A practice that may refer."""

    id: str
    name: str
    ods_code: str | None = None


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


class LeavePart(Part):
    """The first and the last day of being away."""

    first: date
    last: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "LeavePart":
        if self.last < self.first:
            raise ValueError("leave ends before it begins")
        return self


class LinkWorkerPart(Part):
    """A link worker's post, without name and address: those are not intake's."""

    id: str
    practices: tuple[str, ...]
    areas: tuple[GssCode, ...] = ()
    caseload_limit: Annotated[int, Field(ge=0)]
    conversations_a_week: Annotated[int, Field(ge=0)] | None = None
    works: tuple[Weekday, ...] = ()
    leave: tuple[LeavePart, ...] = ()
    languages: tuple[Code, ...] = ()
    skills: tuple[Code, ...] = ()
    ends_on: date | None = None

    def as_post(self) -> LinkWorkerPost:
        """Return the post as the other services hear of it."""
        return LinkWorkerPost(
            link_worker=self.id,
            practices=self.practices,
            areas=self.areas,
            caseload_limit=self.caseload_limit,
            conversations_a_week=self.conversations_a_week,
            weekdays=tuple(WEEKDAYS.index(day) + 1 for day in self.works),
            leave=tuple(Leave(first_day=each.first, last_day=each.last) for each in self.leave),
            languages=self.languages,
            skills=self.skills,
            ends_on=self.ends_on,
        )


class ClocksPart(Part):
    """How long people have."""

    rules: str = "default"
    needs_information: ClockText = "10 working days"
    return_decision: ClockText = "2 working days"


class ProgrammeFile(Part):
    """What intake reads of a programme file."""

    programme: str
    name: str
    mode: str = "link-worker-first"
    allocation: Allocation = "continuity"
    requires: tuple[Code, ...] = ()
    weights: Weights = Weights()
    minimum_age: Annotated[int, Field(ge=0, le=120)] | None = None
    councils: tuple[str, ...] = ()
    practices: tuple[PracticePart, ...]
    link_workers: tuple[LinkWorkerPart, ...]
    clocks: ClocksPart = ClocksPart()

    @property
    def settings(self) -> dict[str, object]:
        """What intake decides by."""
        return {
            "minimum_age": self.minimum_age,
            "councils": list(self.councils),
            "needs_information": self.clocks.needs_information,
            "return_decision": self.clocks.return_decision,
            "clock_rules": self.clocks.rules,
        }

    def as_event(self) -> ProgrammeApplied:
        """Return the event that tells the other services."""
        return ProgrammeApplied(
            programme=self.programme,
            practices=tuple(practice.id for practice in self.practices),
            link_workers=tuple(post.as_post() for post in self.link_workers),
            mode=self.mode,
            allocation=self.allocation,
            requires=self.requires,
            weights=self.weights,
        )


def read_programme(text: str) -> ProgrammeFile:
    """Read a programme file.

    Raises:
        ValueError: with a line for each fault.
    """
    try:
        programme = ProgrammeFile.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(str(error)) from None
    known = {practice.id for practice in programme.practices}
    strangers = sorted({practice for post in programme.link_workers for practice in post.practices} - known)
    if strangers:
        raise ValueError(f"link workers serve practices that the file does not have: {', '.join(strangers)}")
    return programme


async def apply(tx: Tx, programme: ProgrammeFile, digest: str) -> bool:
    """Apply a programme file and return whether it changed anything; the same file again changes nothing."""
    if await storage.find_digest(tx, programme.programme) == digest:
        return False
    version = await storage.save_programme(tx, programme.programme, programme.name, programme.settings, digest)
    practices = [storage.Practice(each.id, each.name, each.ods_code) for each in programme.practices]
    await storage.save_practices(tx, programme.programme, practices)
    tx.begin_cause(Cause.request("apply_programme", f"{programme.programme}/{version}"))
    tx.publish(programme.as_event())
    return True


async def apply_file(path: Path) -> str:
    """Apply a file to the database that the environment names and return what came of it."""
    text = await asyncio.to_thread(path.read_text, "utf-8")
    programme, digest = read_programme(text), hashlib.sha256(text.encode()).hexdigest()
    cause = Cause.request("apply_programme", digest)
    async with own_database() as database, database.transaction(cause) as tx:
        changed = await apply(tx, programme, digest)
    return f"{programme.programme}: {'applied' if changed else 'as it was'}, {len(programme.practices)} practices"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m referral_intake.programmes", description=__doc__)
    parser.add_subparsers(dest="act", required=True).add_parser("apply").add_argument("file", type=Path)
    try:
        sys.stdout.write(asyncio.run(apply_file(parser.parse_args().file)) + "\n")
    except (ValueError, OSError) as error:
        sys.exit(f"not applied: {error}")


if __name__ == "__main__":
    main()
