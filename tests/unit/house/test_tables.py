"""Each service's README says what the code does: which events it consumes, in which function, and what it publishes."""

import pytest

from shared.contracts import EVENTS, TOPICS
from shared.contracts.registry import PARTNER_TOPIC
from tests.unit.house.source import EVENT_NAMES, EVERY_TYPE, Row, Source, services

SERVICES = services()
PUBLISHER = {topic.name: topic.publisher for topic in (*TOPICS, PARTNER_TOPIC)}

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@every_service
def test_the_readme_has_the_table(service: Source) -> None:
    assert service.table, f"give services/{service.name}/README.md a table | Consumes | Handler | Publishes |"


@every_service
def test_the_table_lists_every_event_with_its_handler_and_no_other(service: Source) -> None:
    told = {(row.consumes, row.handler) for row in service.table if is_event(row)}
    done = {
        (EVERY_TYPE if set(events) == set(EVENTS.values()) else event.__name__, name)
        for name, events in service.handlers.items()
        for event in events
    }
    assert told == done, f"README lacks {done - told}, and the code has not {told - done}"


@every_service
def test_the_table_lists_every_event_that_the_code_publishes_and_no_other(service: Source) -> None:
    told = {event for row in service.table for event in row.publishes}
    assert told == service.published, (
        f"the column Publishes lacks {service.published - told}, and the code never makes {told - service.published}"
    )


@every_service
def test_a_row_names_a_function_that_can_lead_to_what_the_row_publishes(service: Source) -> None:
    for row in service.table:
        assert service.defines(row.handler), f"{service.package} has no {row.handler}: correct the column Handler"
        wrong = set(row.publishes) - service.reachable(row.handler)
        assert not wrong, f"{row.handler} never comes to {wrong}: move them to the row of the function that does"


@every_service
def test_a_service_publishes_on_its_own_topics_only(service: Source) -> None:
    foreign = {name for name in service.published if PUBLISHER[EVENT_NAMES[name].topic] != service.name}
    assert not foreign, f"{service.name} makes {foreign}, whose topics belong to others"


@every_service
def test_what_a_service_consumes_is_published(service: Source) -> None:
    made = {name for other in SERVICES for name in other.published}
    for name, events in service.handlers.items():
        if set(events) == set(EVENTS.values()):
            continue  # an archive takes what may come
        theirs = [event for event in events if PUBLISHER[event.topic] != "every consumer"]
        orphans = {event.__name__: PUBLISHER[event.topic] for event in theirs if event.__name__ not in made}
        assert not orphans, f"{name} waits for what nobody publishes: {orphans}; publish it there or drop the handler"


def test_every_topic_belongs_to_a_service() -> None:
    assert set(PUBLISHER.values()) <= {service.name for service in SERVICES} | {"every consumer"}


def is_event(row: Row) -> bool:
    return row.consumes in EVENT_NAMES or row.consumes == EVERY_TYPE
