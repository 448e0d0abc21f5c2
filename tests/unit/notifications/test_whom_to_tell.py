"""Every event that ends in somebody's hands tells somebody, whoever is missing."""

from dataclasses import replace

import pytest

from notifications import handlers
from notifications.domain import (
    WHOM_TO_TELL,
    Delivery,
    Recipient,
    Role,
    Tell,
    address,
    addressees,
    facts_of,
    offer_facts,
    pass_on,
    shareable,
    undelivered_facts,
    whom_to_tell,
)
from shared.contracts import (
    CaseClosed,
    ChoicesExhausted,
    Event,
    LinkWorkerAssigned,
    OfferMade,
    ReferralAccepted,
    RiskAlerted,
)
from shared.messaging.handlers import collect
from shared.needs import NEEDS
from tests.unit.notifications.samples import ASKED, DESK, DUTY, KNOWN, REFERRAL, WORKER, example

SILENT = {"linkway.referral.match-proposed.v1"}
"""Events that are only noted: what they say stands in the mail that follows, or on the link worker's page."""


def told(event: type[Event], referral: object = KNOWN, offers: tuple[object, ...] = (ASKED,)) -> set[tuple[str, str]]:
    return {
        (line.template, to.role.value)
        for line in WHOM_TO_TELL[event]
        for to in addressees(line, referral, offers)  # type: ignore[arg-type]  # samples
    }


def test_every_consumed_event_tells_somebody_or_is_only_noted() -> None:
    consumed = {handler.event for handler in collect(handlers).values()}
    assert {event.type for event in consumed - WHOM_TO_TELL.keys()} == SILENT
    assert WHOM_TO_TELL.keys() <= consumed


@pytest.mark.parametrize("event", WHOM_TO_TELL, ids=lambda event: event.__name__)
def test_every_event_of_the_table_reaches_somebody_once_all_is_known(event: type[Event]) -> None:
    assert told(event)


def test_a_risk_is_told_to_practice_and_duty_contact_before_there_is_a_link_worker() -> None:
    roles = told(RiskAlerted, replace(KNOWN, link_worker=None))
    assert roles == {("risk-alert", "practice"), ("risk-alert", "duty-contact")}
    assert all(line.urgent for line in WHOM_TO_TELL[RiskAlerted])


def test_the_practice_is_told_who_the_link_worker_is() -> None:
    assert told(LinkWorkerAssigned) == {("assigned", "link-worker"), ("assigned", "practice")}


def test_without_a_link_worker_the_duty_contact_has_what_is_left_to_do() -> None:
    assert told(ChoicesExhausted, replace(KNOWN, link_worker=None)) == {("choices-exhausted", "duty-contact")}


def test_each_organisation_with_an_offer_is_told_of_its_own() -> None:
    other = replace(ASKED, organisation="kettle")
    line = WHOM_TO_TELL[OfferMade][0]
    assert [(to.id, to.offer) for to in addressees(line, KNOWN, (ASKED, other))] == [
        ("tay-money-desk", ASKED),
        ("kettle", other),
    ]


def test_who_may_not_be_contacted_leaves_a_notice_to_the_duty_contact() -> None:
    silent = replace(DESK, channels=())
    notices = address(Tell("offer", Role.ORGANISATION), silent, DUTY, offer_facts(ASKED))
    assert [(notice.template, notice.recipient) for notice in notices] == [("undeliverable", DUTY)]
    assert notices[0].facts["name"] == "Tay Money Desk"
    assert notices[0].facts["template"] == "offer"


def test_a_recipient_with_two_channels_gets_a_notice_by_each() -> None:
    both = replace(DESK, channels=("partner-topic", "mail"))
    notices = address(Tell("offer", Role.ORGANISATION), both, DUTY, {})
    assert [notice.channel for notice in notices] == ["partner-topic", "mail"]


@pytest.mark.parametrize("kind", list(Role))
@pytest.mark.parametrize("template", ["risk-alert", "offer", "undeliverable"])
def test_failures_are_passed_on_until_nobody_is_left(kind: Role, template: str) -> None:
    steps = 0
    line = pass_on(kind, template)
    while line is not None:
        steps += 1
        assert steps < 5, "the chain of failures goes round"
        reached = addressees(line, replace(KNOWN, link_worker="ash"))[0].role
        line = pass_on(reached, line.template)
    assert steps or (kind, template) == (Role.DUTY_CONTACT, "undeliverable")


def test_a_failed_notice_of_a_failure_still_says_what_failed_first() -> None:
    first = undelivered_facts(a_delivery("offer", DESK), DESK.name, "recipient-refused")
    second = undelivered_facts(a_delivery("undeliverable", WORKER, first), WORKER.name, "too-many-attempts")
    assert (second["template"], second["name"], second["also_unreached"]) == ("offer", DESK.name, WORKER.name)


def test_an_organisation_hears_a_sensitive_need_by_its_plainer_name_only() -> None:
    sensitive = [need for need in NEEDS.values() if need.sensitive]
    assert sensitive
    for need in sensitive:
        assert offer_facts(replace(ASKED, need=need.code))["need"] == need.shared_as


def test_a_need_that_our_vocabulary_lacks_is_not_shared() -> None:
    assert shareable("a-need-of-next-year") == "unrecognised"


def test_an_assignment_is_told_by_whichever_comes_last() -> None:
    accepted, assigned = example(ReferralAccepted), example(LinkWorkerAssigned)
    assert whom_to_tell(accepted, replace(KNOWN, link_worker=None)) == ()
    assert whom_to_tell(assigned, replace(KNOWN, needs=None)) == ()
    assert whom_to_tell(accepted, KNOWN) == whom_to_tell(assigned, KNOWN) == WHOM_TO_TELL[LinkWorkerAssigned]


def test_facts_keep_nothing_of_the_person() -> None:
    assert facts_of(example(CaseClosed))["reason"] == "completed"
    assert facts_of(example(ReferralAccepted)) == {}


def a_delivery(template: str, to: Recipient, facts: object = None) -> Delivery:
    return Delivery(REFERRAL, REFERRAL, "dundee", template, "mail", to.kind, to.id, False, facts or {})  # type: ignore[arg-type]  # a sample
