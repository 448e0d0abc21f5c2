"""What people decide about the queue and about intake: `python -m matching.by_hand queue PROGRAMME`, `give`, `limit`.

queue PROGRAMME                                  who waits for a link worker, in their turn
give REFERRAL LINK_WORKER                        give a waiting referral to somebody who has room
limit ORGANISATION [--service S] [--a-week N]    how many offers it wants in a week; without N, as many as come
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from matching import domain, storage
from matching.directory.__main__ import Access
from shared.messaging import Cause, Database, Tx, Unavailable


async def queue(tx: Tx, programme: str) -> str:
    """Return a line for each referral that waits, in their turn."""
    waiting = sorted(await storage.get_waiting(tx, programme), key=lambda each: (each.turn_at, each.id))
    lines = (f"{each.id}  {each.practice}  {each.urgency}  weighs {each.weight}" for each in waiting)
    return "\n".join((*lines, f"{len(waiting)} wait"))


async def give(tx: Tx, referral_id: UUID, link_worker: str) -> str:
    """Give a waiting referral to a link worker, never past their limit, and say what came of it."""
    await tx.lock_keys([str(referral_id)])
    referral = await storage.get_referral(tx, referral_id)
    if referral.state != "waiting":
        return f"not given: it does not wait, it is {referral.state}"
    programme, _ = await storage.lock_programme(tx, referral)
    posts, _ = await storage.get_posts(tx, referral, link_worker, domain.week_of(tx.now))
    post = next((post for post in posts if post.link_worker == link_worker), None)
    if post is None:
        return f"not given: {link_worker} has no post in {referral.programme}"
    given = domain.give(programme.weigh(referral), post)
    if given is None:
        return f"not given: {link_worker} has {post.load} of {post.caseload_limit}"
    await storage.save_assignment(tx, given)
    tx.publish(given.as_event())
    return f"given to {link_worker}"


async def limit(tx: Tx, organisation: str, service: str | None, a_week: int | None) -> str:
    """Set or lift how many offers an organisation wants in a week, over all or for one of its services."""
    whose = f"{organisation}, {service or 'all its services'}"
    if a_week is None:
        await storage.lift_intake_limit(tx, organisation, service)
        return f"{whose}: as many offers as come"
    await storage.save_intake_limit(tx, organisation, service, a_week)
    return f"{whose}: {a_week} offers a week"


async def _run(access: Access, act: Callable[[Tx], Awaitable[str]]) -> str:
    password = access.db_password.get_secret_value() if access.db_password else None
    database = Database(
        access.postgres, user="matching", schema="matching", source="matching", size=1, password=password
    )
    await database.open()
    try:
        async with database.transaction(Cause.request("by_hand", str(uuid4()))) as tx:
            return await act(tx)
    finally:
        await database.close()


def _act_of(given: argparse.Namespace) -> Callable[[Tx], Awaitable[str]]:
    if given.act == "queue":
        return lambda tx: queue(tx, given.programme)
    if given.act == "give":
        return lambda tx: give(tx, given.referral, given.link_worker)
    return lambda tx: limit(tx, given.organisation, given.service, given.a_week)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m matching.by_hand", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("queue").add_argument("programme")
    giving = acts.add_parser("give")
    giving.add_argument("referral", type=UUID)
    giving.add_argument("link_worker")
    limiting = acts.add_parser("limit")
    limiting.add_argument("organisation")
    limiting.add_argument("--service")
    limiting.add_argument("--a-week", type=_whole)
    act = _act_of(parser.parse_args())
    try:
        sys.stdout.write(asyncio.run(_run(Access(), act)) + "\n")
    except Unavailable as error:
        sys.exit(f"nothing was changed: {error}")


if __name__ == "__main__":
    main()
