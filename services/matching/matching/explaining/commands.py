"""The commands that explain a match and try other weights: they read in one transaction, which may not write."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from pydantic_core import to_json

from matching import storage
from matching.directory.commands import ProgressLine
from matching.domain import Weights
from matching.explaining import why_not_words, words
from matching.explaining.configuration import configuration_of
from matching.explaining.explanation import Explanation, explain
from matching.explaining.trial import Trial, try_out
from matching.finding.bridge import Bridge
from matching.finding.finder import Finder
from matching.finding.index import Index
from matching.finding.meaning import MiniLm
from matching.finding.meanings import Meanings
from shared.messaging import Cause, Database, Tx
from shared.needs.terms import terms


@dataclass(frozen=True, slots=True)
class Way:
    """How is searched: the model's folder, or none, and the weights."""

    model: Path | None
    weights: Weights


@dataclass(frozen=True, slots=True)
class Told:
    """What to print, and the exit code."""

    text: str
    code: int = 0


Command = Callable[[Database], Awaitable[Told]]


class NothingKeptError(Exception):
    """There is no match of a referral: it was never matched, not lately, or the person was erased."""


def explaining(way: Way, referral: UUID, service: str | None, *, as_json: bool) -> Command:
    """Explain a referral's last match, and why a service is not in it; 1 where it differs without a cause."""

    async def command(database: Database) -> Told:
        async with database.transaction(Cause.request("explain", str(referral)), snapshot=True) as tx:
            kept = await storage.find_match(tx, referral)
            if kept is None:
                raise NothingKeptError(f"nothing is kept of a match of {referral}")
            lay_out, _ = await _directory(tx, way)
            _, changed = await storage.get_changed(tx, kept[0].directory_version)
            asked_about = await storage.find_listing(tx, service) if service else None
        finder = await asyncio.to_thread(lay_out)
        about = asked_about.id if asked_about else service
        explanation = explain(
            *kept,
            finder,
            configuration=configuration_of(finder),
            changed={each.id for each in changed},
            service=about,
        )
        told = to_json(explanation, indent=1).decode() if as_json else _lines(_explained(explanation))
        return Told(told, int(explanation.again.verdict == "differs without a cause"))

    return command


def trying(way: Way, weights: Weights, days: int, most: int, *, as_json: bool) -> Command:
    """Try other weights on what was asked in the last days, for so many referrals at most."""

    async def command(database: Database) -> Told:
        async with database.transaction(Cause.request("dry_run", "try"), snapshot=True) as tx:
            inquiries = await storage.find_inquiries(tx, days, most + 1)
            lay_out, services = await _directory(tx, way)
            taken = await storage.get_taken(tx, services)
            today = tx.now.date()
        finder = await asyncio.to_thread(lay_out)
        line, asked = ProgressLine(), inquiries[:most]
        changed = try_out(asked, finder, weights, taken, today, tell=lambda done: line(done, len(asked), "referrals"))
        line.end()
        trial = Trial(
            directory_version=finder.version,
            weights=_differing(way.weights, weights),
            tried=len(asked),
            has_more=len(inquiries) > most,
            changed=changed,
            now_unmet=sum(len(each.difference.now_unmet) for each in changed),
            now_met=sum(len(each.difference.now_met) for each in changed),
        )
        return Told(to_json(trial, indent=1).decode() if as_json else _lines(words.tried(trial)))

    return command


async def _directory(tx: Tx, way: Way) -> tuple[Callable[[], Finder], list[str]]:
    """Read the directory; return what lays it out, which takes longer than a transaction may be idle, and its ids."""
    version, listings = await storage.get_changed(tx, -1)
    meanings = Meanings()
    services = [listing.id for listing in listings]
    meanings.keep_all(await storage.get_meanings(tx, services))

    def lay_out() -> Finder:
        bridge = Bridge(terms(), MiniLm(way.model) if way.model else None, kept=way.model)
        return Finder(Index.of(listings, meanings.current(listings), bridge), version, weights=way.weights)

    return lay_out, services


def _differing(now: Weights, tried: Weights) -> dict[str, tuple[float, float]]:
    before, after = asdict(now), asdict(tried)
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def _explained(explanation: Explanation) -> Iterable[str]:
    yield from words.explained(explanation)
    if explanation.why_not:
        yield from why_not_words.why(explanation.why_not)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
