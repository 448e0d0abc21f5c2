"""Operations' coded words as people read them."""

from shared.web.pages import Pages

STATES = {
    "unaccounted": "Unaccounted",
    "parked": "Parked",
    "in-outbox": "Not sent yet",
    "in-flight": "On its way",
    "unchecked": "Not checked",
    "open": "Open",
    "closed": "Closed",
}
KINDS = {
    "behind": "waits behind an earlier message",
    "not-yet": "waits for a fact of another topic",
    "killed-worker": "its worker died three times",
    "rejected-message": "rejected by its handler",
    "unknown-type": "of a type that nobody knows",
    "future-version": "of a version to come",
    "bad-json": "not JSON",
    "bad-headers": "its headers cannot be read",
    "no-value": "empty",
    "null-key": "without a key",
    "breaks-contract": "breaks its contract",
    "key-is-not-subject": "its key is another than its subject",
}
PURPOSES = {"find-the-fault": "Find out what is wrong with it", "answer-a-person": "Answer somebody who asks about it"}
DISCARD = {
    "broken-message": "It can never be handled",
    "done-by-hand": "What it asks was done by hand",
    "out-of-date": "It does not matter any more",
    "duplicate": "The same was handled already",
    "test": "It was a test",
}
DONE = {
    "redriven": "It was handled, and left the list.",
    "failed-again": "It was tried and failed again; it stays on the list.",
    "discarded": "It was given up, and left the list.",
    "settled": "Somebody had settled it already.",
}


def seconds(value: float) -> str:
    """Write an age as people say it: *3 s*, *4 min*, *2 h*, *5 days*."""
    for unit, size in (("days", 172_800), ("h", 7200), ("min", 120)):
        if value >= size:
            return f"{value / {'days': 86_400, 'h': 3600, 'min': 60}[unit]:.0f} {unit}"
    return f"{value:.0f} s"


def teach(pages: Pages) -> None:
    """Give templates these words."""
    pages.add_filters(
        state=lambda code: STATES.get(code, code),
        kind=lambda code: KINDS.get(code, code),
        seconds=seconds,
        short_type=lambda name: name.removeprefix("linkway."),
    )
