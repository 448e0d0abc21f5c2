"""The statements on matches that were made."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from matching.domain import Configuration, Inquiry, MatchMade, RuledOut
from shared.contracts import MatchNotFound, MatchProposed, Place, Preferences
from shared.contracts.event import READING
from shared.messaging import Tx


async def save_match(tx: Tx, made: MatchMade) -> None:
    """Keep a match with what it was made of."""
    await tx.execute(
        """
        INSERT INTO match_made
            (referral, programme, made_at, directory_version, asked, taken, configuration, told)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        made.inquiry.referral,
        made.inquiry.programme,
        made.made_at,
        made.directory_version,
        {
            "needs": made.inquiry.needs,
            "age": made.inquiry.age,
            "place": made.inquiry.place.model_dump(mode="json", exclude={"simd_quintile"}),
            "preferences": made.inquiry.preferences.model_dump(mode="json"),
            "today": made.inquiry.today,
        },
        dict(made.inquiry.taken),
        asdict(made.configuration),
        {
            "answers": {type(answer).type: answer.model_dump(mode="json") for answer in made.answers},
            "ruled_out": [asdict(each) for each in made.ruled_out],
        },
    )


async def find_match(tx: Tx, referral: UUID) -> tuple[MatchMade, int] | None:
    """Return a referral's last match and how many are kept of it, or None where none is."""
    row = await tx.fetchrow(
        """
        SELECT match_made.*, (SELECT count(*) FROM match_made WHERE referral = $1) AS kept
        FROM match_made WHERE referral = $1 ORDER BY n DESC LIMIT 1
        """,
        referral,
    )
    return (_match_of(row), row["kept"]) if row else None


async def find_inquiries(tx: Tx, days: int, most: int) -> list[Inquiry]:
    """Return what was asked last for each referral in so many days, the latest first."""
    rows = await tx.fetch(
        """
        SELECT * FROM (
            SELECT DISTINCT ON (referral) n, referral, programme, asked, taken FROM match_made
            WHERE made_at >= now() - make_interval(days => $1) ORDER BY referral, n DESC
        ) AS last ORDER BY n DESC LIMIT $2
        """,
        days,
        most,
    )
    return [_inquiry_of(row) for row in rows]


async def forget_matches(tx: Tx, referral: UUID) -> None:
    """Forget what was asked and told for a referral."""
    await tx.execute("DELETE FROM match_made WHERE referral = $1", referral)


async def forget_old_matches(tx: Tx, days: int, most: int) -> int:
    """Forget the oldest matches of those that are older than so many days, and return how many that were."""
    gone: int = await tx.fetchval(
        """
        WITH gone AS (
            DELETE FROM match_made WHERE n IN (
                SELECT n FROM match_made WHERE made_at < now() - make_interval(days => $1)
                ORDER BY made_at LIMIT $2 FOR UPDATE SKIP LOCKED
            ) RETURNING n
        ) SELECT count(*) FROM gone
        """,
        days,
        most,
    )
    return gone


def _match_of(row: Record) -> MatchMade:
    told: dict[str, Any] = row["told"]
    answers = told["answers"]
    return MatchMade(
        inquiry=_inquiry_of(row),
        made_at=row["made_at"],
        directory_version=row["directory_version"],
        configuration=Configuration(**row["configuration"]),
        answers=tuple(
            kind.model_validate(answers[kind.type], context=READING)
            for kind in (MatchProposed, MatchNotFound)
            if kind.type in answers
        ),
        ruled_out=tuple(
            RuledOut(each["service"], each["service_name"], tuple(each["needs"]), tuple(each["by"]))
            for each in told["ruled_out"]
        ),
    )


def _inquiry_of(row: Record) -> Inquiry:
    asked: dict[str, Any] = row["asked"]
    return Inquiry(
        referral=row["referral"],
        programme=row["programme"],
        needs=tuple(asked["needs"]),
        age=asked["age"],
        place=Place.model_validate(asked["place"], context=READING),
        preferences=Preferences.model_validate(asked["preferences"], context=READING),
        today=date.fromisoformat(asked["today"]),
        taken=row["taken"],
    )
