"""FastStream's own broker object publishes what the loop handles."""

from uuid import uuid4

from shared.service.app import PatientBroker
from tests.harness import record_of
from tests.integration.messaging.conftest import Toys, closed


async def test_what_the_shells_broker_publishes_is_handled_once(toys: Toys) -> None:
    event_id = uuid4()
    record = record_of(closed("by-faststream"), event_id=event_id)
    headers = {name: value.decode() for name, value in record.headers if value is not None}
    broker = PatientBroker(toys.bootstrap.split(","), acks="all", enable_idempotence=True, logger=None)
    await broker.start()
    try:
        for _ in range(2):
            await broker.publish(record.value, toys.topic, key=record.key, headers=headers)
    finally:
        await broker.stop()
    await toys.send(closed("by-a-relay"))
    await toys.loop().start()
    await toys.until_effects(2)
    assert sorted(await toys.effects()) == ["by-a-relay", "by-faststream"]
