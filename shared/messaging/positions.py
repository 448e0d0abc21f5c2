"""How far each partition has been handled, moved in the batch's own transaction and by nobody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.messaging.errors import LostPartition
from shared.messaging.tx import CREATE_AND_LOCK_SUBJECTS, Opening, Tx

Partition = tuple[str, int]
"""A topic and a partition's number."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Where to go on in a partition, whether its last owner ended cleanly, and how far a cautious batch once began."""

    next_offset: int | None
    clean: bool
    tried: int


async def take(tx: Tx, consumer: str, owner: UUID, partitions: list[Partition]) -> dict[Partition, Taken]:
    """Become the owner of partitions and return where each goes on; None where nobody has read it yet."""
    topics, numbers = [topic for topic, _ in partitions], [number for _, number in partitions]
    before = {(row["topic"], row["partition"]): row for row in await tx.fetch(_OWNERS, consumer, topics, numbers)}
    await tx.execute(_TAKE, consumer, topics, numbers, owner)
    return {
        partition: Taken(
            row["next_offset"] if (row := before.get(partition)) else None,
            row is None or row["clean"] is not False or row["owner"] == owner,
            (row and row["tried"]) or 0,
        )
        for partition in partitions
    }


async def begin(tx: Tx, consumer: str, offsets: Mapping[Partition, int]) -> None:
    """Store the first position of partitions that nobody has read yet."""
    await tx.execute(_BEGIN, consumer, *_columns(offsets))


def moving(consumer: str, moves: Mapping[Partition, tuple[int, int]], keys: Sequence[str]) -> Opening:
    """Return the statement that begins a batch: it moves the positions, and creates and locks the keys' rows.

    Positions go from where this worker believes them to be to where they are after the batch.
    """
    expected = {partition: was for partition, (was, _) in moves.items()}
    after = [to for _, to in moves.values()]
    return Opening(_MOVE, (keys, consumer, *_columns(expected), after))


async def check_moved(tx: Tx, moves: Mapping[Partition, tuple[int, int]], keys: Sequence[str]) -> None:
    """Check what that statement did.

    Raises:
        LostPartition: a position is not where it was believed to be: another worker has the partition.
    """
    if tx.opened["moved"] != len(moves):
        raise LostPartition("a position was moved by another worker")
    await tx.locked(keys, tx.opened["locked"])


async def mark(tx: Tx, consumer: str, ends: Mapping[Partition, int]) -> None:
    """Say that a cautious batch begins, which ends before these offsets."""
    await tx.execute(_MARK, consumer, *_columns(ends))


async def release(tx: Tx, consumer: str, owner: UUID) -> None:
    """Say that this owner has ended cleanly."""
    await tx.execute(
        "UPDATE partition_owner SET clean = true WHERE consumer = $1 AND owner = $2 AND NOT clean", consumer, owner
    )


async def check_cluster(tx: Tx, cluster_id: str) -> bool:
    """Store the id of the first cluster seen; later say whether this is still that one."""
    await tx.execute("INSERT INTO cluster (cluster_id) VALUES ($1) ON CONFLICT (one) DO NOTHING", cluster_id)
    return bool(await tx.fetchval("SELECT cluster_id = $1 FROM cluster", cluster_id))


async def start(tx: Tx, consumer: str, partition: Partition, offset: int) -> int:
    """Mark a message as started and return how many times it was started before without an end."""
    times: int = await tx.fetchval(_START, consumer, *partition, offset)
    return times - 1


async def ended(tx: Tx, consumer: str, partition: Partition, offset: int) -> None:
    """Take back the mark of a message whose handling ended, well or not."""
    await tx.execute(
        'DELETE FROM started WHERE consumer = $1 AND topic = $2 AND "partition" = $3 AND "offset" = $4',
        consumer,
        *partition,
        offset,
    )


def _columns(offsets: Mapping[Partition, int]) -> tuple[list[str], list[int], list[int]]:
    return [topic for topic, _ in offsets], [number for _, number in offsets], list(offsets.values())


_OWNERS = """
    SELECT wanted.topic, wanted.number AS "partition", position.next_offset,
        owner.owner, owner.clean, owner.tried
    FROM unnest($2::text[], $3::integer[]) AS wanted (topic, number)
    LEFT JOIN position
        ON position.consumer = $1 AND position.topic = wanted.topic AND position."partition" = wanted.number
    LEFT JOIN partition_owner AS owner
        ON owner.consumer = $1 AND owner.topic = wanted.topic AND owner."partition" = wanted.number
"""

_TAKE = """
    INSERT INTO partition_owner (consumer, topic, "partition", owner, clean)
    SELECT $1, topic, number, $4, false FROM unnest($2::text[], $3::integer[]) AS wanted (topic, number)
    ORDER BY topic, number
    ON CONFLICT (consumer, topic, "partition") DO UPDATE SET owner = $4, clean = false, taken_at = now()
"""

_MARK = """
    UPDATE partition_owner SET tried = marked.batch_end
    FROM unnest($2::text[], $3::integer[], $4::bigint[]) AS marked (topic, number, batch_end)
    WHERE consumer = $1 AND partition_owner.topic = marked.topic AND partition_owner."partition" = marked.number
"""

_BEGIN = """
    INSERT INTO position (consumer, topic, "partition", next_offset)
    SELECT $1, topic, number, next_offset
    FROM unnest($2::text[], $3::integer[], $4::bigint[]) AS first (topic, number, next_offset)
    ON CONFLICT (consumer, topic, "partition") DO NOTHING
"""

_MOVE = f"""
    WITH wanted AS (
        SELECT * FROM unnest($3::text[], $4::integer[], $5::bigint[], $6::bigint[]) AS move (topic, number, was, after)
    ), mine AS (
        SELECT position.topic, position."partition", wanted.after
        FROM position JOIN wanted ON position.topic = wanted.topic AND position."partition" = wanted.number
        WHERE position.consumer = $2 AND position.next_offset = wanted.was
        ORDER BY position.topic, position."partition"
        FOR UPDATE OF position
    ), moved AS (
        UPDATE position SET next_offset = mine.after, moved_at = now()
        FROM mine
        WHERE position.consumer = $2 AND position.topic = mine.topic AND position."partition" = mine."partition"
        RETURNING 1
    ), {CREATE_AND_LOCK_SUBJECTS}
    SELECT
        now() AS now,
        (SELECT count(*) FROM moved) AS moved,
        (SELECT count(*) FROM new) + (SELECT count(*) FROM known) AS locked
"""  # noqa: S608 -- constants of this package

_START = """
    INSERT INTO started (consumer, topic, "partition", "offset") VALUES ($1, $2, $3, $4)
    ON CONFLICT (consumer, topic, "partition", "offset") DO UPDATE SET times = started.times + 1
    RETURNING times
"""
