"""Turn what is to be told into deliveries, the rows that stand for every effect outside Linkway."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from notifications import storage
from notifications.domain import (
    Addressee,
    Delivery,
    Facts,
    Notice,
    Offer,
    Referral,
    Role,
    Tell,
    address,
    addressees,
    facts_of,
    offer_facts,
    partner_event,
    referral_facts,
    whom_to_tell,
)
from shared.contracts import Event, NotificationCreated, NotificationSent, NotificationUndeliverable
from shared.messaging import Tx


@dataclass(frozen=True, slots=True)
class Said:
    """What is said inside Linkway, and what organisations may be told beside the facts of their own offers.

    `not_again` are offers, with a channel, whose making was stopped before it left: nothing is there to take back.
    """

    inside: Facts
    to_organisations: Facts = field(default_factory=dict)
    not_again: frozenset[tuple[object, str]] = frozenset()

    def to(self, addressee: Addressee) -> Facts:
        """Return what this addressee may be told."""
        return {**offer_facts(addressee.offer), **self.to_organisations} if addressee.offer else self.inside


async def tell(
    tx: Tx, event: Event, referral: Referral, *, also: Facts | None = None, offers: Sequence[Offer] = (), **told: object
) -> None:
    """Tell everybody that the table names for an event; `told` is what organisations are told beside their offers."""
    inside = {**facts_of(event), **referral_facts(referral), **(also or {})}
    await _address(tx, referral, _lines(event, referral, offers), Said(inside, told))


async def end_offers(tx: Tx, event: Event, referral: Referral, offers: Sequence[Offer], reason: str) -> None:
    """Tell everybody of an event that ends offers; an offer that has not left yet is stopped, and not taken back."""
    stopped = await storage.supersede(tx, referral.id, [offer.id for offer in offers])
    for delivery in stopped:
        tx.publish(NotificationUndeliverable(**about(delivery), reason="superseded"))
    not_again = frozenset((delivery.facts["offer"], delivery.channel) for delivery in stopped)
    inside = {**facts_of(event), **referral_facts(referral)}
    await _address(tx, referral, _lines(event, referral, offers), Said(inside, {"reason": reason}, not_again))


async def tell_of_failure(tx: Tx, referral: Referral, line: Tell, facts: Facts) -> None:
    """Tell a person that a message did not get through."""
    lines = [(line, to) for to in addressees(line, referral)]
    await _address(tx, referral, lines, Said({**referral_facts(referral), **facts}))


def about(delivery: Delivery) -> dict[str, Any]:
    """Return what every event about a delivery says."""
    return {
        "referral": delivery.referral,
        "notification": delivery.id,
        "template": delivery.template,
        "channel": delivery.channel,
        "recipient_kind": delivery.recipient_kind,
        "recipient": delivery.recipient,
    }


def _lines(event: Event, referral: Referral, offers: Sequence[Offer]) -> list[tuple[Tell, Addressee]]:
    return [(line, to) for line in whom_to_tell(event, referral) for to in addressees(line, referral, offers)]


async def _address(tx: Tx, referral: Referral, lines: Sequence[tuple[Tell, Addressee]], said: Said) -> None:
    """Find the addressees' channels, store a delivery for each, and publish that it was created."""
    if not lines:
        return
    people = {(to.role.value, to.id) for _, to in lines} | _people(referral)
    book = await storage.get_recipients(tx, referral.programme, people)
    names = {
        "practice_name": book.of(Role.PRACTICE, referral.practice or "").name,
        "link_worker_name": book.of(Role.LINK_WORKER, referral.link_worker or "").name,
    }
    notices = [
        notice
        for line, to in lines
        for notice in address(line, book.of(to.role, to.id), book.duty_contact, {**names, **said.to(to)})
        if (notice.facts.get("offer"), notice.channel) not in said.not_again
    ]
    deliveries = [_delivery(tx, referral, notice) for notice in notices]
    new = await storage.save_deliveries(tx, deliveries)
    for delivery in deliveries:
        if delivery.id in new:
            _publish(tx, delivery)


def _people(referral: Referral) -> set[tuple[str, str]]:
    """Return those whose names messages mention."""
    named = ((Role.PRACTICE.value, referral.practice), (Role.LINK_WORKER.value, referral.link_worker))
    return {(kind, name) for kind, name in named if name is not None}


def _delivery(tx: Tx, referral: Referral, notice: Notice) -> Delivery:
    to = notice.recipient
    name = f"{notice.template}:{to.kind}:{to.id}:{notice.channel}"
    return Delivery(
        id=_once(referral, name, notice.facts) if notice.once else tx.new_id(name),
        referral=referral.id,
        programme=referral.programme,
        template=notice.template,
        channel=notice.channel,
        recipient_kind=to.kind,
        recipient=to.id,
        urgent=notice.urgent,
        facts=notice.facts,
    )


def _once(referral: Referral, name: str, facts: Facts) -> UUID:
    """Name what is said once by what it is about and not by its event: after a restore another may be the last."""
    unreached = [str(facts.get(fact, "")) for fact in ("template", "recipient_kind")]
    return uuid5(referral.id, ":".join((name, str(referral.link_worker), *unreached)))


def _publish(tx: Tx, delivery: Delivery) -> None:
    """Say that a delivery was created; one to an organisation's own topic leaves with this transaction."""
    tx.publish(NotificationCreated(**about(delivery)))
    if delivery.channel == "partner-topic":
        tx.publish(partner_event(delivery))
        tx.publish(NotificationSent(**about(delivery), attempt=1))
