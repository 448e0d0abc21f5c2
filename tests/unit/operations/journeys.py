"""Referrals on their way, as the books of the services would tell of them, step by step."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from operations.domain import CASEWORK, INTAKE, MATCHING, Aside, Books, Held, Page, Reader, Sent, Unsent

REFERRAL = UUID(int=7)
NOTIFICATIONS, OPERATIONS = "notifications", "operations"
DEADLINE = datetime(2026, 3, 2, tzinfo=UTC)

RECEIVED, ACCEPTED = "linkway.referral.received.v1", "linkway.referral.accepted.v1"
ASSIGNED, CREATED = "linkway.referral.link-worker-assigned.v1", "linkway.notification.created.v1"
CASE_CLOSED, CLOSED = "linkway.case.closed.v1", "linkway.referral.closed.v1"

TOPICS = {
    RECEIVED: "linkway.referrals",
    ACCEPTED: "linkway.referrals",
    CLOSED: "linkway.referrals",
    ASSIGNED: "linkway.routing",
    CASE_CLOSED: "linkway.casework",
    CREATED: "linkway.notifications",
}
READS = {
    INTAKE: {ASSIGNED, CASE_CLOSED},
    MATCHING: {ACCEPTED, CASE_CLOSED},
    CASEWORK: {RECEIVED, ACCEPTED, ASSIGNED},
    NOTIFICATIONS: {ACCEPTED, ASSIGNED, CASE_CLOSED},
    OPERATIONS: set(TOPICS),
}
FAR = 100
"""Where every consumer stands that has read all there is."""


@dataclass(frozen=True)
class Step:
    """What exists once a step is done: who published which event, who holds the referral, and who is next."""

    publisher: str
    type: str
    custody: dict[str, Held]
    next: str | None


STEPS = (
    Step(INTAKE, RECEIVED, {INTAKE: Held("handed-on", "accepted", next_service=MATCHING)}, MATCHING),
    Step(INTAKE, ACCEPTED, {}, MATCHING),
    Step(MATCHING, ASSIGNED, {MATCHING: Held("handed-on", "assigned", next_service=CASEWORK)}, CASEWORK),
    Step(
        NOTIFICATIONS,
        CREATED,
        {
            CASEWORK: Held("open", "conversation", "ash", DEADLINE),
            NOTIFICATIONS: Held("handed-on", "told", next_service=CASEWORK, deliveries=1),
        },
        None,
    ),
    Step(CASEWORK, CASE_CLOSED, {CASEWORK: Held("closed", "closed", next_service=INTAKE)}, INTAKE),
    Step(INTAKE, CLOSED, {INTAKE: Held("closed", "closed"), MATCHING: Held("closed", "ended")}, None),
)


def journey(steps: int, last: str = "read") -> Books:
    """Return the books after so many steps; the last event is *unsent*, *in-flight*, *parked* or *read*."""
    pages: dict[str, Page] = {OPERATIONS: Page()}
    readers = {name: Reader(frozenset(TOPICS.values()), frozenset(types), at(FAR)) for name, types in READS.items()}
    for number, step in enumerate(STEPS[:steps]):
        page = pages.get(step.publisher, Page())
        if number == steps - 1 and last == "unsent":
            unsent = Unsent(UUID(int=100 + number), step.type, TOPICS[step.type], 2.0)
            page = replace(page, unsent=(*page.unsent, unsent))
        else:
            offset = FAR if number == steps - 1 and last == "in-flight" else number
            sent = Sent(UUID(int=100 + number), step.type, TOPICS[step.type], 0, offset)
            page = replace(page, sent=(*page.sent, sent))
        pages[step.publisher] = replace(page, published=page.published + 1, outbox_rows=page.outbox_rows + 1)
        for service, held in step.custody.items():
            pages[service] = replace(pages.get(service, Page()), custody=held)
    following = STEPS[steps - 1].next
    if last == "parked" and following:
        aside = Aside(UUID(int=1), "zero-division-error", "held", STEPS[steps - 1].type)
        page = pages.get(following, Page())
        pages[following] = replace(page, parked=1, parked_rows=1, parked_messages=(aside,))
    return Books({name: {REFERRAL: page} for name, page in pages.items()}, readers)


def at(offset: int) -> dict[str, dict[int, int]]:
    return {topic: {0: offset} for topic in TOPICS.values()}


def with_page(books: Books, service: str, page: Page) -> Books:
    return replace(books, pages={**books.pages, service: {REFERRAL: page}})


def robbed(books: Books) -> dict[str, Books]:
    """Return what the books say after each theft of one row of outbox, parked, inbox or deliveries, by its name."""
    thefts: dict[str, Books] = {}
    for service, about in books.pages.items():
        page = about[REFERRAL]
        for event in page.sent:
            left = tuple(each for each in page.sent if each != event)
            fewer = replace(page, sent=left, outbox_rows=page.outbox_rows - 1)
            thefts[f"sent {event.type} of {service}"] = with_page(books, service, fewer)
            for name, reader in books.readers.items():
                if reader.wants(event) and reader.is_past(event):
                    lacking = replace(books, missing=frozenset({(name, event.event)}))
                    thefts[f"claim of {event.type} at {name}"] = lacking
        for unsent in page.unsent:
            left_unsent = tuple(each for each in page.unsent if each != unsent)
            fewer = replace(page, unsent=left_unsent, outbox_rows=page.outbox_rows - 1)
            thefts[f"unsent {unsent.type} of {service}"] = with_page(books, service, fewer)
        if page.parked_messages:
            fewer = replace(page, parked_messages=(), parked_rows=0)
            thefts[f"parked at {service}"] = with_page(books, service, fewer)
        if page.custody and page.custody.deliveries:
            none_kept = replace(page, custody=replace(page.custody, deliveries=0))
            thefts[f"delivery of {service}"] = with_page(books, service, none_kept)
    return thefts
