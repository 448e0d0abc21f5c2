"""The figures that a service shows of its messages; labels are names of consumers, topics and outcomes only."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("linkway_messages", "Messages by what became of them", ("consumer", "outcome"))
RERUNS = Counter("linkway_batch_reruns", "Batches run again, by why", ("consumer", "why"))
BATCH_SECONDS = Histogram("linkway_batch_seconds", "Seconds a batch took, from reading to commit", ("consumer",))
LAG_MESSAGES = Gauge("linkway_lag_messages", "Messages not yet handled", ("consumer", "topic"))
LAG_SECONDS = Gauge("linkway_lag_seconds", "Age of the oldest message not yet handled", ("consumer",))
UNSENT = Gauge("linkway_outbox_unsent", "Events not yet with the broker")
UNSENT_OLDEST_SECONDS = Gauge("linkway_outbox_oldest_unsent_seconds", "Age of the oldest event not with the broker")
SENT = Counter("linkway_outbox_sent", "Events that the broker acknowledged")
REFUSED = Counter("linkway_outbox_refused", "Events that the broker refused for good")
PARKED = Gauge("linkway_parked", "Parked messages", ("consumer", "state"))
RELAY_LEADER = Gauge("linkway_relay_leader", "Whether this process is the relay's leader")
PRODUCERS_BUILT = Counter("linkway_relay_producers", "Producers built by the relay")
REDRIVES = Counter("linkway_redrives", "Attempts at parked messages, by what came of them", ("consumer", "outcome"))
