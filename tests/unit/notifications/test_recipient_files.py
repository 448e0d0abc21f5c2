"""Recipients are read from the programme file and the directory file as an operator keeps them."""

import json

import pytest
from pydantic import ValidationError

from notifications.domain import Recipient
from notifications.recipients import partner_topics, partners, read_programme, recipients
from shared.addresses import Directory
from tests.unit.notifications.samples import ROOT

PROGRAMME = """
programme: dundee
practices:
  - {id: heddle-street, name: Heddle Street Practice, mail: practice@example.org, ods_code: Z99901}
  - {id: no-mail, name: A practice without mail}
link_workers:
  - {id: ash, name: Ailsa Moncurrie, mail: ash@example.org, practices: [heddle-street], caseload_limit: 45}
duty_contact: {role: Duty team leader, mail: duty@example.org}
channels:
  default: mail
  organisations:
    - {organisation: desk, channel: webhook, endpoint_from: DESK_URL, secret_from: DESK_SECRET}
    - {organisation: kettle, channel: partner-topic}
    - {organisation: quiet, channel: none}
"""
LISTINGS = {
    "contents": [
        {
            "email": "referrals@desk.example.org",
            "organization": {"id": "desk", "name": "The Desk", "email": "hello@desk.example.org"},
        },
        {"email": "other@desk.example.org", "organization": {"id": "desk", "name": "The Desk"}},
        {"contacts": [{"email": "kettle@example.org"}], "organization": {"id": "kettle", "name": "Kettle and Company"}},
        {"organization": {"id": "quiet", "name": "Quiet House", "email": "quiet@example.org"}},
        {"email": "not an address", "organization": {"id": "mute", "name": "Mute", "email": ""}},
        {"organization": {"id": "plain", "name": "Plain Page", "email": "plain@example.org"}},
    ]
}
ENVIRONMENT = {"DESK_URL": "https://desk.example.org/hook", "DESK_SECRET": "whsec_x"}


def everybody(environment: dict[str, str] | None = None, programme: str = PROGRAMME) -> dict[str, Recipient]:
    directory = Directory.model_validate(LISTINGS)
    found = recipients(read_programme(programme), directory, ENVIRONMENT if environment is None else environment)
    return {each.id: each for each in found}


def test_people_are_told_by_mail_and_the_duty_contact_by_the_programmes_name() -> None:
    found = everybody()
    assert found["ash"] == Recipient("link-worker", "ash", "Ailsa Moncurrie", "ash@example.org", ("mail",))
    assert found["heddle-street"].kind == "practice"
    assert found["dundee"] == Recipient("duty-contact", "dundee", "Duty team leader", "duty@example.org", ("mail",))
    assert found["no-mail"].channels == ()


def test_an_organisation_is_told_where_its_service_takes_referrals() -> None:
    found = everybody()
    assert found["desk"].mail == "referrals@desk.example.org"
    assert found["kettle"].mail == "kettle@example.org"
    assert found["plain"].mail == "plain@example.org"


def test_each_organisation_is_told_as_it_asked() -> None:
    found = everybody()
    assert found["desk"].channels == ("webhook",)
    assert (found["desk"].endpoint, found["desk"].secret_from) == ("https://desk.example.org/hook", "DESK_SECRET")
    assert found["kettle"].channels == ("partner-topic", "mail")
    assert found["plain"].channels == ("mail",)
    assert found["quiet"].channels == found["mute"].channels == ()


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_a_webhook_that_is_not_set_up_is_a_mail_until_it_is(missing: str) -> None:
    found = everybody({name: value for name, value in ENVIRONMENT.items() if name != missing})
    assert found["desk"].channels == ("mail",)
    assert found["desk"].endpoint is None


def test_topics_are_for_those_who_asked() -> None:
    programme = read_programme(PROGRAMME)
    assert partners(programme) == ("kettle",)
    assert partner_topics(programme) == ("linkway.partner.kettle",)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("mail: duty@example.org", "phone: 01632 960999"),
        ("duty@example.org", "nobody"),
        ("channel: partner-topic", "channel: pigeon"),
        ("id: ash", "id: Ash!"),
        ("ash@example.org", "'ash@example.org, birch@example.org'"),
    ],
)
def test_a_programme_that_could_leave_somebody_untold_is_refused(line: str, instead: str) -> None:
    with pytest.raises(ValidationError):
        read_programme(PROGRAMME.replace(line, instead))


def test_the_sample_programme_tells_every_organisation_of_its_directory() -> None:
    programme = read_programme((ROOT / "deploy/programmes/dundee-sources-of-support.yaml").read_text())
    directory = Directory.model_validate(json.loads((ROOT / "deploy/sample/directory.json").read_bytes()))
    found = recipients(programme, directory, {})
    assert {each.organization.id for each in directory.contents} <= {each.id for each in found}
    assert all(each.channels for each in found)
