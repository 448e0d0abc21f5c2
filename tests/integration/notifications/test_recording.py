"""What came of deliveries is recorded together, as soon as the database answers, and one fault holds up nobody else."""

from uuid import UUID, uuid4

from structlog.testing import capture_logs

from notifications import storage
from notifications.deliveries import Sender
from notifications.domain import Outcome, Result
from notifications.storage import Claimed
from shared.contracts import NotificationSent, ReferralReturned
from shared.messaging import Cause
from tests.integration.notifications.conftest import Notifications, of


class Carrier:
    """A way to nowhere that says what it is told to say."""

    def __init__(self) -> None:
        self.carried: list[UUID] = []
        self.reason: dict[UUID, str] = {}

    async def send(self, claimed: Claimed) -> Outcome:
        """Take a delivery."""
        self.carried.append(claimed.delivery.id)
        return Outcome(Result.ACCEPTED, self.reason.get(claimed.delivery.referral, "accepted"))

    async def aclose(self) -> None:
        """Have nothing to hang up."""


def carry(notifications: Notifications, carrier: Carrier, at_once: int = 4) -> None:
    """Start a sender that hands mails to a carrier."""
    settings = notifications.settings()
    sender = Sender("mail", carrier, at_once=at_once, per_recipient=at_once, settings=settings)
    notifications.senders.append(sender)
    notifications.running.append(sender.worker)
    sender.worker.start(notifications.database, settings)


async def test_many_deliveries_take_few_transactions(notifications: Notifications) -> None:
    await notifications.deliver(*(of(ReferralReturned, uuid4()) for _ in range(40)))
    carry(notifications, carrier := Carrier(), at_once=8)
    await notifications.until_settled()
    (recorded,) = await notifications.rows("SELECT count(DISTINCT xmin::text) AS transactions FROM delivery")
    assert len(carrier.carried) == len(set(carrier.carried)) == 40
    assert recorded["transactions"] < 20


async def test_an_outcome_that_cannot_be_recorded_holds_up_no_other(notifications: Notifications) -> None:
    bad = uuid4()
    carrier = Carrier()
    carrier.reason[bad] = "no text that PostgreSQL takes: \x00"
    await notifications.deliver(*(of(ReferralReturned, referral) for referral in (uuid4(), bad, uuid4())))
    with capture_logs() as lines:
        carry(notifications, carrier)
        await notifications.until(lambda: any(line["event"] == "delivery_failed" for line in lines))

        async def others_are_settled() -> bool:
            return all(row["settled_at"] or row["referral"] == bad for row in await notifications.rows())

        await notifications.until(others_are_settled)
    (left,) = await notifications.rows("SELECT * FROM delivery WHERE settled_at IS NULL")
    assert (left["referral"], left["status"]) == (bad, "sending")
    assert len(await notifications.published(NotificationSent)) == 2


async def test_outcomes_wait_until_the_database_takes_them(notifications: Notifications) -> None:
    await notifications.deliver(*(of(ReferralReturned, uuid4()) for _ in range(3)))
    async with notifications.database.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        await connection.execute("SELECT FROM subject FOR UPDATE")  # which recording locks, and claiming does not
        with capture_logs() as lines:
            carry(notifications, carrier := Carrier())
            await notifications.until(lambda: any(line["event"] == "outcomes_wait_for_database" for line in lines))
    await notifications.until_settled()
    assert len(carrier.carried) == len(set(carrier.carried)) == 3


async def test_a_referral_that_is_locked_holds_up_no_other(notifications: Notifications) -> None:
    locked = uuid4()
    await notifications.deliver(of(ReferralReturned, locked), *(of(ReferralReturned, uuid4()) for _ in range(20)))
    async with notifications.database.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        await connection.execute("SELECT FROM subject WHERE key = $1 FOR UPDATE", str(locked))
        carry(notifications, carrier := Carrier())

        async def others_are_settled() -> bool:
            rows = await notifications.rows()
            return all(row["settled_at"] for row in rows if row["referral"] != locked)

        await notifications.until(others_are_settled)
        (waiting,) = await notifications.rows("SELECT * FROM delivery WHERE settled_at IS NULL")
        assert waiting["referral"] == locked
    await notifications.until_settled()
    assert len(carrier.carried) == len(set(carrier.carried)) == 21


async def test_the_backlog_of_one_recipient_leaves_room_for_others(notifications: Notifications) -> None:
    await notifications.deliver(*(of(ReferralReturned, uuid4()) for _ in range(12)))
    await notifications.deliver(of(ReferralReturned, uuid4(), practice="quiet-corner"))
    async with notifications.database.transaction(Cause.request("claim", "all")) as tx:
        claimed, more = await storage.claim(tx, "mail", room=8, per_recipient=2, lease_seconds=60)
        assert (len(claimed), more) == (2, True)
        others, more = await storage.claim(tx, "mail", room=6, per_recipient=2, lease_seconds=60)
    assert {each.delivery.recipient for each in claimed} == {"heddle-street"}
    assert "heddle-street" not in {each.delivery.recipient for each in others}
    assert others
    assert not more


async def test_a_stop_in_the_middle_of_a_claim_leaves_nothing_claimed(notifications: Notifications) -> None:
    for _ in range(20):
        carry(notifications, Carrier())
        await notifications.deliver(of(ReferralReturned, uuid4()))  # wakes the sender, which is stopped as it claims
        await notifications.running.pop().stop()
        assert not await notifications.rows("SELECT FROM delivery WHERE claimed_until IS NOT NULL")
