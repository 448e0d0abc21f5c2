"""What those outside know of Linkway: addresses, and the keys that were given to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Doors:
    """The doors of one Linkway; a service with replicas has several addresses, and any will do."""

    intake: Sequence[str]
    casework: Sequence[str]
    operations: Sequence[str]
    # Where the mails of everybody can be read.
    mail: str
    # For the organisation that has a topic of its own.
    kafka: str
    # For the organisation that has an endpoint: the port it listens on, and the secret that it shares with Linkway.
    webhook_port: int
    webhook_secret: str = field(repr=False)
    # Each practice's key, the operators', and the one by which staff decide what has no page yet.
    practice_keys: Mapping[str, str] = field(repr=False)
    operator_key: str = field(repr=False)
    staff_key: str = field(repr=False)
