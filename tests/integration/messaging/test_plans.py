"""Statements find what they want by an index of it, also in a day that PostgreSQL has not analyzed yet."""

import asyncpg
import pytest

from shared.messaging import ledger, relay

FILL = """
    INSERT INTO outbox (event_id, topic, key, type, headers, value, sent_at)
    SELECT gen_random_uuid(), 'linkway.referrals', n::text, 'a', '{}', '', now() FROM generate_series(1, 5000) AS n
"""


async def test_a_plan_that_was_made_while_a_table_was_small_uses_its_index(service_dsn: str, database_dsn: str) -> None:
    admin = await asyncpg.connect(database_dsn)
    await admin.execute("INSERT INTO toy.subject (key) VALUES ('7'), ('8'); ANALYZE toy.subject")
    await admin.close()
    connection = await asyncpg.connect(service_dsn, user="toy", server_settings={"search_path": "toy"})
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    plan = [row[0] for row in await connection.fetch("EXPLAIN SELECT FROM subject WHERE key = $1", "7")]
    await connection.close()
    assert "Index" in plan[0], plan


@pytest.mark.parametrize(("statement", "arguments"), [(relay._UNSENT, [500, []]), (ledger._BOOKS, [["7", "8"]])])
async def test_no_statement_reads_a_whole_day_of_the_outbox(
    service_dsn: str, statement: str, arguments: list[object]
) -> None:
    connection = await asyncpg.connect(service_dsn, user="toy", server_settings={"search_path": "toy"})
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute(FILL)
    await connection.execute("INSERT INTO subject (key) VALUES ('7'), ('8')")
    plan = [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", *arguments)]
    await connection.close()
    assert not [line for line in plan if "outbox" in line and ("_pkey" in line or "Seq Scan" in line)], "\n".join(plan)
