"""What others would answer, in the same run: PostgreSQL's full text, plain BM25, and an order like ALISS's."""

from collections.abc import Callable, Mapping, Sequence

import asyncpg
import numpy as np

from matching.domain import Listing
from matching.finding.described import fields_of
from matching.finding.text import TextIndex, frequencies, rarity
from matching.finding.words import words_of

Ranking = Callable[[str], list[str]]
MOST = 10


def bm25(listings: Mapping[str, Listing]) -> Ranking:
    """Rank by BM25 over every word of a listing, all fields alike."""
    ids = sorted(listings)
    plain = dict.fromkeys(fields_of(listings[ids[0]]), 1.0)
    fields = [{name: words_of(text) for name, text in fields_of(listings[service]).items()} for service in ids]
    index = TextIndex.of([frequencies(each, plain) for each in fields])

    def rank(text: str) -> list[str]:
        having = {word: len(index.postings[word].at) for word in words_of(text) if word in index.postings}
        scores = index.scores({word: rarity(len(ids), at) for word, at in having.items()})
        best = np.argsort(-scores, kind="stable")[:MOST]
        return [ids[int(row)] for row in best if scores[row] > 0]

    return rank


def aliss_like(listings: Mapping[str, Listing]) -> Ranking:
    """Rank as ALISS's default does with a postcode: what has any of the words, last checked first, by nothing else."""
    words = {service: set(words_of(" ".join(fields_of(each).values()))) for service, each in listings.items()}
    ordered = sorted(listings, key=lambda service: (str(listings[service].checked_on or ""), service), reverse=True)

    def rank(text: str) -> list[str]:
        asked = set(words_of(text))
        return [service for service in ordered if asked & words[service]][:MOST]

    return rank


class FullText:
    """PostgreSQL's full text search in English: any of the words, by `ts_rank_cd`."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def lay(self, listings: Mapping[str, Listing]) -> None:
        """Put the listings into a table that ends with the connection."""
        await self._connection.execute("CREATE TEMP TABLE listing (id text PRIMARY KEY, words tsvector)")
        await self._connection.executemany(
            "INSERT INTO listing VALUES ($1, to_tsvector('english', $2))",
            [(service, " ".join(fields_of(each).values())) for service, each in listings.items()],
        )
        await self._connection.execute("CREATE INDEX ON listing USING gin (words)")

    async def rank(self, text: str) -> list[str]:
        """Return the best ids."""
        rows: Sequence[asyncpg.Record] = await self._connection.fetch(
            """
            WITH asked AS (
                SELECT replace(plainto_tsquery('english', $1)::text, '&', '|')::tsquery AS query
            )
            SELECT id FROM listing, asked WHERE words @@ query ORDER BY ts_rank_cd(words, query) DESC, id LIMIT $2
            """,
            text,
            MOST,
        )
        return [row["id"] for row in rows]
