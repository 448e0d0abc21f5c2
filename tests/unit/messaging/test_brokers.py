"""How a service is told of a Kafka of several brokers."""

import base64

from shared.service import Service, ServiceSettings

KEY = base64.b64encode(bytes(32)).decode()


def test_each_of_several_brokers_is_an_address_of_its_own() -> None:
    settings = ServiceSettings(service_key=KEY, internal_key="i", kafka="one.test:9092,two.test:9092")
    service = Service("toy", "toy", settings)
    assert service.broker.specification.url == ["one.test:9092", "two.test:9092"]
