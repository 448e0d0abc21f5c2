"""Take a referral in, and take in what its practice adds: store, triage and publish in one transaction."""

import hmac
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from referral_intake import storage
from referral_intake.assessing import Circumstances, assess, overruled
from referral_intake.config import Settings
from referral_intake.domain import (
    Act,
    Added,
    Caller,
    PersonDetails,
    Programme,
    Referral,
    ReferralRequest,
    Refused,
    State,
    add_agreement,
    birth_date_fault,
    with_added,
)
from referral_intake.people import Vault, open_request, seal_request
from referral_intake.people.sealed import PARTS
from referral_intake.places import place_of
from referral_intake.telling import tell
from referral_intake.triage.rules import Rules, load_rules
from shared.clocks import PLACE, Clock
from shared.contracts import ReferralReceived
from shared.messaging import Database, Tx
from shared.places import read_postcode
from shared.service import key_bytes


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """What every door needs to take a referral in; clocks here stand in place of the programme's."""

    vault: Vault
    rules: Rules
    same_person_within: timedelta
    needs_information: Clock | None = None
    return_decision: Clock | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Desk":
        """Make the desk of a service's settings."""
        keys = Database(
            settings.keys_postgres,
            user="intake_keys",
            schema="intake_keys",
            source="referral-intake",
            size=settings.key_connections,
            password=settings.password,
        )
        asked, decided = settings.needs_information_clock, settings.return_decision_clock
        return cls(
            vault=Vault(keys, key_bytes(settings.wrapping_key)),
            rules=load_rules(),
            same_person_within=settings.same_person_within,
            needs_information=Clock.read(asked) if asked else None,
            return_decision=Clock.read(decided) if decided else None,
        )


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """A request at a door: who calls, the key that it is known by again, and its body."""

    caller: Caller
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a request; `repeated` when it was given before."""

    referral: UUID
    state: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class AnotherBody:
    """A *no*: this request id stands for another body."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A *no*: a field that does not fit, and what is wrong with it."""

    at: str
    message: str


async def receive(tx: Tx, desk: Desk, arrival: Arrival, request: ReferralRequest) -> Receipt | AnotherBody | Fault:
    """Store a referral once, triage it and publish what came of it; the same request gets the same answer."""
    if fault := _fault(tx, request.person):
        return fault
    referral = tx.new_id("referral")
    if answered := await answered_before(tx, desk, arrival, referral):
        return answered
    stored = await _store(tx, desk, arrival.caller, request, referral)
    return answer(tx, arrival, stored)


async def inform(
    tx: Tx, desk: Desk, arrival: Arrival, referral: Referral, added: Added
) -> Receipt | AnotherBody | Refused | Fault:
    """Add to a locked referral what its practice was asked for, and triage it again; a *no* claims nothing."""
    if earlier := await storage.find_request(tx, arrival.caller, arrival.key):
        return as_before(earlier, desk.vault.hash(arrival.body))
    if referral.state is not State.NEEDS_INFORMATION:
        return Refused(Act.ASK, referral.state)
    request = with_added(await _open(tx, desk, referral), added)
    if fault := _fault(tx, request.person):
        return fault
    await storage.claim_request(tx, arrival.caller, arrival.key, desk.vault.hash(arrival.body), referral.id)
    return answer(tx, arrival, await _assess_again(tx, desk, referral, request, desk.rules))


async def let_through(tx: Tx, desk: Desk, referral: Referral) -> Referral | Refused:
    """Accept a locked referral whose return was proposed: a named person overrules the rules that stopped it."""
    if referral.state is not State.RETURN_PROPOSED:
        return Refused(Act.ACCEPT, referral.state)
    return await _assess_again(tx, desk, referral, await _open(tx, desk, referral), overruled(desk.rules))


async def answered_before(tx: Tx, desk: Desk, arrival: Arrival, referral: UUID) -> Receipt | AnotherBody | None:
    """Return what this request was answered, or claim it and return None; a claim in flight is waited for."""
    body_hash = desk.vault.hash(arrival.body)
    if await storage.claim_request(tx, arrival.caller, arrival.key, body_hash, referral):
        return None
    earlier = await storage.find_request(tx, arrival.caller, arrival.key)
    assert earlier is not None, "a claim that failed met another"
    return as_before(earlier, body_hash)


def as_before(earlier: storage.Earlier, body_hash: bytes) -> Receipt | AnotherBody:
    """Return what a request was answered before, if it has the same body."""
    if not hmac.compare_digest(earlier.body_hash, body_hash):
        return AnotherBody()
    return Receipt(earlier.referral, earlier.answered, repeated=True)


def answer(tx: Tx, arrival: Arrival, referral: Referral) -> Receipt:
    """Keep and return the answer to a request."""
    storage.save_answer(tx, arrival.caller, arrival.key, referral.state)
    return Receipt(referral.id, referral.state)


def _fault(tx: Tx, person: PersonDetails) -> Fault | None:
    message = birth_date_fault(person.birth_date, tx.now.astimezone(PLACE).date())
    return Fault("person.birth_date", message) if message else None


async def _store(tx: Tx, desk: Desk, caller: Caller, request: ReferralRequest, referral: UUID) -> Referral:
    fingerprints = desk.vault.fingerprints(caller.programme, request.person)
    candidate = tx.new_id("person")
    person = await storage.claim_person(tx, caller.programme, fingerprints, candidate)
    key = await desk.vault.keyring.make(person)  # committed in the key database before the referral is
    known = person != candidate
    same_person_as = await storage.find_same_person(tx, person, desk.same_person_within) if known else None
    draft = Referral.draft(referral, caller, person, request, received_at=tx.now, same_person_as=same_person_as)
    around = await _circumstances(tx, desk, caller.programme, request.person, desk.rules)
    assessment = assess(draft, request, around)
    await storage.save_referral(tx, assessment.referral, _reference(desk, request))
    await storage.save_parts(tx, referral, seal_request(key, referral, request, assessment.reading))
    received = ReferralReceived(
        **draft.names, person=person, door=request.door, received_at=tx.now, same_person_as=same_person_as
    )
    tell(tx, referral, received, *assessment.events)
    return assessment.referral


def _reference(desk: Desk, request: ReferralRequest) -> bytes | None:
    return desk.vault.hash(request.sender_reference.encode()) if request.sender_reference else None


async def _assess_again(tx: Tx, desk: Desk, referral: Referral, request: ReferralRequest, rules: Rules) -> Referral:
    around = await _circumstances(tx, desk, referral.programme, request.person, rules)
    agreed = add_agreement(referral, request.agreement)
    changed = replace(agreed.referral, stated_needs=request.needs)
    assessment = assess(changed, request, around)
    key = await desk.vault.keyring.find(referral.person)
    await storage.save_standing(tx, assessment.referral)
    await storage.save_parts(tx, referral.id, seal_request(key, referral.id, request, assessment.reading))
    tell(tx, referral.id, *agreed.events, *assessment.events)
    return assessment.referral


async def _open(tx: Tx, desk: Desk, referral: Referral) -> ReferralRequest:
    key = await desk.vault.keyring.find(referral.person)
    return open_request(key, referral, await storage.get_parts(tx, referral.id, PARTS))


async def _circumstances(tx: Tx, desk: Desk, programme: str, person: PersonDetails, rules: Rules) -> Circumstances:
    postcode = read_postcode(person.address.postcode or "")
    located = await storage.find_located(tx, postcode.full) if postcode and postcode.full else None
    return Circumstances(
        place=place_of(postcode, located),
        programme=await programme_of(tx, desk, programme),
        rules=rules,
        now=tx.now,
        today=tx.now.astimezone(PLACE).date(),
    )


async def programme_of(tx: Tx, desk: Desk, programme: str) -> Programme:
    """Return a programme with the desk's clocks in place of its own."""
    found = await storage.get_programme(tx, programme)
    return replace(
        found,
        needs_information=desk.needs_information or found.needs_information,
        return_decision=desk.return_decision or found.return_decision,
    )
