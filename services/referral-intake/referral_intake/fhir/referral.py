"""Read a BaRS referral into the request that every door makes."""

import re
from collections.abc import Callable, Iterable
from datetime import date

from referral_intake.domain import Address, PersonDetails, ReferralRequest, Referrer
from referral_intake.fhir.message import Message
from referral_intake.fhir.problem import FhirProblem
from referral_intake.fhir.tree import Node
from referral_intake.triage.reading import Coding
from shared.contracts import Agreement, Preferences

NHS = "https://fhir.nhs.uk/id/nhs-number"
CHI = ("chi-number", "chinumber", "2.16.840.1.113883.2.1.3.2.4.16.53")
"""Ends of the identifier systems under which CHI numbers travel; the last is the CHI's object identifier."""
VERIFIED = {"number-present-and-verified", "01"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
SOON = {"urgent", "asap", "stat"}
LETTER = (
    ("ServiceRequest", "reasonCode", "text"),
    ("ServiceRequest", "note", "text"),
    ("ServiceRequest", "patientInstruction"),
    ("CarePlan", "description"),
    ("CarePlan", "note", "text"),
    ("CarePlan", "activity", "outcomeCodeableConcept", "text"),
    ("CarePlan", "activity", "detail", "description"),
    ("Condition", "code", "text"),
    ("Condition", "note", "text"),
    ("Observation", "code", "text"),
    ("Observation", "valueString"),
    ("Observation", "note", "text"),
    ("Communication", "payload", "contentString"),
    ("Task", "description"),
    ("Task", "note", "text"),
)
"""Where senders put words about the person, in the order in which a letter would say them."""
CODES = (
    ("ServiceRequest", "code"),
    ("ServiceRequest", "reasonCode"),
    ("Condition", "code"),
    ("Observation", "code"),
    ("Flag", "code"),
)


def to_request(message: Message) -> ReferralRequest:
    """Return the referral that a message asks for.

    Raises:
        FhirProblem: 422, naming the element that is missing or wrong.
    """
    patient = message.resolve(message.service_request.text("subject", "reference"))
    if patient is None or patient.kind != "Patient":
        raise FhirProblem(422, "required", "ServiceRequest.subject: no Patient of this Bundle")
    return ReferralRequest(
        door="fhir",
        person=_person(patient),
        referrer=_referrer(message),
        letter="\n\n".join(_texts(message)),
        codes=tuple(_codes(message)),
        needs=(),
        preferences=Preferences(language=_language(patient)),
        agreement=_agreement(message),
        urgency="soon" if message.service_request.text("priority") in SOON else None,
        sender_reference=message.reference,
    )


def _person(patient: Node) -> PersonDetails:
    name = _official(patient.nodes("name"), "official")
    home = _official(patient.nodes("address"), "home")
    if name is None or not name.texts("given") or not name.texts("family"):
        raise FhirProblem(422, "required", "Patient.name: given and family are required")
    phone, email = _telecoms(patient)
    nhs_number, vouched = _number(patient, lambda system: system == NHS)
    chi_number, chi_vouched = _number(patient, lambda system: system.endswith(CHI))
    return PersonDetails(
        given_name=" ".join(name.texts("given")),
        family_name=" ".join(name.texts("family")),
        birth_date=_birth_date(patient),
        address=_address(home),
        nhs_number=nhs_number,
        chi_number=chi_number,
        number_vouched=vouched and chi_vouched,
        phone=phone,
        email=email,
    )


def _official(nodes: list[Node], use: str) -> Node | None:
    """Return the one with this use, else the first."""
    return next((node for node in nodes if node.text("use") == use), next(iter(nodes), None))


def _birth_date(patient: Node) -> date:
    text = patient.text("birthDate")
    if text is None:
        raise FhirProblem(422, "required", "Patient.birthDate is missing")
    try:
        return date.fromisoformat(text) if len(text) == 10 else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> date:
    raise FhirProblem(422, "value", "Patient.birthDate is not a whole date, as in 1959-05-04")


def _address(home: Node | None) -> Address:
    if home is None:
        return Address()
    lines = [*home.texts("line"), *home.texts("city"), *home.texts("district")] or home.texts("text")
    return Address(tuple(lines), home.text("postalCode"))


def _number(patient: Node, ours: Callable[[str], bool]) -> tuple[str | None, bool]:
    """Return a number and whether its sender calls it verified; saying nothing about it is no doubt."""
    for identifier in patient.nodes("identifier"):
        if ours((identifier.text("system") or "").lower()) and identifier.text("value"):
            status = identifier.texts("extension", "valueCodeableConcept", "coding", "code")
            return identifier.text("value"), not status or bool(VERIFIED & set(status))
    return None, True


def _telecoms(patient: Node) -> tuple[str | None, str | None]:
    """Return the person's own phone and e-mail: BaRS puts them under the contact with relationship ONESELF."""
    own = patient.nodes("telecom")
    for contact in patient.nodes("contact"):
        if "ONESELF" in contact.texts("relationship", "coding", "code"):
            own += contact.nodes("telecom")
    ranked = sorted(own, key=lambda telecom: int(rank) if (rank := telecom.text("rank") or "").isdecimal() else 99)
    phones = [telecom.text("value") for telecom in ranked if telecom.text("system") in {"phone", "sms"}]
    emails = [telecom.text("value") for telecom in ranked if telecom.text("system") == "email"]
    return next(iter(phones), None), next(iter(emails), None)


def _referrer(message: Message) -> Referrer:
    """Return who refers: a requester is a person, or a person's role, and a role may point at the person."""
    reference = message.service_request.text("requester", "reference")
    found = message.resolve(reference)
    if found is None:
        return Referrer("", "")
    is_role = found.kind == "PractitionerRole"
    person = message.resolve(found.text("practitioner", "reference")) if is_role else found
    roles = (role for role in message.all("PractitionerRole") if role.text("practitioner", "reference") == reference)
    role = found if is_role else next(roles, None)
    return Referrer(_spoken(person) if person else "", (role.text("code", "coding", "display") if role else None) or "")


def _spoken(person: Node) -> str:
    name = _official(person.nodes("name"), "official")
    return (name.text("text") or " ".join((*name.texts("given"), *name.texts("family")))) if name else ""


def _texts(message: Message) -> Iterable[str]:
    """Return the words about the person, once each; a line break is often sent as backslash and n."""
    found: dict[str, None] = {}
    for kind, *path in LETTER:
        for resource in message.all(kind):
            found.update(dict.fromkeys(text.replace("\\n", "\n").strip() for text in resource.texts(*path)))
    return found


def _codes(message: Message) -> Iterable[Coding]:
    found: dict[tuple[str, str], Coding] = {}
    for kind, *path in CODES:
        for coding in (coding for resource in message.all(kind) for coding in resource.nodes(*path, "coding")):
            system, code = coding.text("system") or "", coding.text("code")
            if code:
                found.setdefault((system, code), Coding(system, code, coding.text("display") or ""))
    return found.values()


def _language(patient: Node) -> str:
    """Return the preferred language's code, English where none can be read."""
    spoken = patient.nodes("communication")
    first = next((each for each in spoken if each.text("preferred") == "true"), next(iter(spoken), None))
    code = (first.text("language", "coding", "code") or "").lower() if first else ""
    return code if LANGUAGE.fullmatch(code) else "en"


def _agreement(message: Message) -> Agreement:
    """Read an explicit refusal; implied consent to direct care is *not stated*: a question to ask."""
    for consent in message.all("Consent"):
        if consent.text("status") == "rejected" or consent.text("provision", "type") == "deny":
            return Agreement(referral="declined")
    return Agreement()
