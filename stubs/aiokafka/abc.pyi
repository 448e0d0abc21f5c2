import abc
from collections.abc import Awaitable, Collection

from aiokafka.structs import TopicPartition

class ConsumerRebalanceListener(abc.ABC):
    # Both may be plain functions or coroutines: aiokafka awaits what is awaitable.
    @abc.abstractmethod
    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> Awaitable[None] | None: ...
    @abc.abstractmethod
    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> Awaitable[None] | None: ...

class AbstractTokenProvider(abc.ABC):
    @abc.abstractmethod
    async def token(self) -> str: ...
    def extensions(self) -> dict[str, str]: ...
