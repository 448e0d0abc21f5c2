"""People at rest: without the key database nothing can be read, and what is released is written down."""

import asyncio
import re
import unicodedata
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from referral_intake import erasing
from referral_intake.people import PersonErasedError
from shared.contracts import PersonErased, ReferralReceived, ReferralWithdrawn
from shared.needs import NEEDS
from tests.integration.referral_intake.intake_bench import Intake, a_body
from tests.unit.referral_intake.bundles import a_bundle, as_json

LETTER = "Widowed plater, hides the bailiff's envelopes from his daughter Effie. Cried over the horse Bramblewick."


READABLE = re.compile(rb"[\x20-\x7e]{8,}")
"""What can be read in bytes; shorter runs are in random ones too, and spell a short word now and then."""


async def dump(dsn: str, schema: str) -> str:
    """Return every row of a schema as text, and what can be read in its bytes, as someone with a stolen backup does."""
    connection = await asyncpg.connect(dsn)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
    rows: list[str] = []
    for table in tables:
        for row in await connection.fetch(f'SELECT * FROM "{schema}"."{table["tablename"]}"'):
            for value in row.values():
                rows += (
                    [part.decode() for part in READABLE.findall(value)] if isinstance(value, bytes) else [str(value)]
                )
    await connection.close()
    return "\n".join(rows)


def strings_of(value: Any) -> set[str]:
    """Return every string of four or more letters or digits in an input, normalised, without vocabulary words.

    Of digits alone it takes six: four come up in instants and ids every now and then.
    """
    if isinstance(value, dict):
        return set().union(*(strings_of(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(strings_of(part) for part in value)) if value else set()
    words = {normal(word) for word in re.split(r"[^\w.@+-]+", str(value))} | {normal(str(value))}
    return {word for word in words if len(word) >= (6 if word.isdecimal() else 4)} - VOCABULARY


def normal(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", plain)


VOCABULARY = {normal(word) for need in NEEDS.values() for word in (*need.code.split("-"), need.code)} | {
    "alone",
    "with",
}


def leaks(text: str, *inputs: Any) -> set[str]:
    lines = {normal(line) for line in text.splitlines()}
    return {word for given in inputs for word in strings_of(given) if any(word in line for line in lines)}


PERSONAL = {
    "given_name": "Zebediah",
    "family_name": "Quillfeather",
    "birth_date": "1957-08-14",
    "nhs_number": "999 001 2172",
    "address": {"lines": ["41 Quernstone Terrace", "Dundee"], "postcode": "DD3 6LX"},
    "phone": "07700 900102",
    "email": "zeb.quill@example.org",
    "contact_notes": "Ring Morwenna, the neighbour.",
}
REFERRER = {"name": "Dr Tunde Akinwale", "role": "Principal"}


async def refer(intake: Intake, **changes: Any) -> str:
    body = a_body(person=PERSONAL, referrer=REFERRER, letter=LETTER, **changes)
    answer = await intake.post(body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["referral"])


async def test_a_backup_of_the_data_without_the_keys_holds_nothing_personal(intake: Intake) -> None:
    code = {"system": "http://snomed.info/sct", "code": "267076002", "display": "Lonesome"}
    referral = await refer(intake, codes=[code])
    await intake.internal(f"/internal/people/{referral}/notes", {"kind": "words", "text": "I miss Bramblewick."})
    bundle = a_bundle(letter="Grieves for Parsifal, her whippet.")
    await intake.message(as_json(bundle), kind="application/fhir+json")
    given = (PERSONAL, REFERRER, LETTER, "I miss Bramblewick.", "267076002", "Lonesome", "Parsifal whippet")
    patient = {key: bundle["entry"][2]["resource"][key] for key in ("name", "birthDate", "address")}
    backup = await dump(intake.data_dsn, "intake")
    assert leaks(backup, *given, patient, bundle["entry"][1]["fullUrl"]) == set()


async def test_what_is_logged_names_nobody(intake: Intake, capsys: pytest.CaptureFixture[str]) -> None:
    referral = await refer(intake)
    await intake.post(a_body(person=PERSONAL | {"birth_date": "Quillfeather"}, letter=LETTER))
    await intake.http.get(f"/fhir/Patient?name={PERSONAL['family_name']}", headers=intake.headers("north"))
    await intake.internal(f"/internal/people/{referral}/release", {"purpose": "offer", "fields": ["name", "phone"]})
    connection = await asyncpg.connect(intake.data_dsn)
    await connection.execute("REVOKE INSERT ON intake.sealed_part FROM intake")
    try:
        assert (await intake.post(a_body(person=PERSONAL, letter=LETTER))).status_code == 500
    finally:
        await connection.execute("GRANT INSERT ON intake.sealed_part TO intake")
        await connection.close()
    logged = capsys.readouterr().out
    assert logged.count("request_answered") == 5
    assert "request_failed" in logged
    assert leaks(logged, PERSONAL, REFERRER, LETTER) == set()


async def test_a_leak_that_is_planted_is_found(intake: Intake) -> None:
    referral = await refer(intake)
    await intake.bench.rows("UPDATE referral SET reason = 'quill-feather-has-debts' WHERE id = $1", UUID(referral))
    assert leaks(await dump(intake.data_dsn, "intake"), PERSONAL) == {"quillfeather"}


async def test_the_keys_without_the_wrapping_key_open_nothing(intake: Intake) -> None:
    await refer(intake)
    connection = await asyncpg.connect(intake.key_dsn)
    [row] = await connection.fetch("SELECT * FROM intake_keys.person_key")
    await connection.close()
    person = (await intake.bench.rows("SELECT id FROM person"))[0]["id"]
    key = await intake.desk.vault.keyring.find(person)
    assert key not in bytes(row["wrapped"])
    assert len(key) == 32


async def test_the_key_is_committed_before_the_referral(intake: Intake) -> None:
    """A referral that fails to commit leaves a key that opens nothing, and never a referral without its key."""
    connection = await asyncpg.connect(intake.data_dsn)
    await connection.execute("REVOKE INSERT ON intake.sealed_part FROM intake")
    try:
        assert (await intake.post(a_body())).status_code == 500
    finally:
        await connection.execute("GRANT INSERT ON intake.sealed_part TO intake")
        await connection.close()
    keys = await asyncpg.connect(intake.key_dsn)
    assert await keys.fetchval("SELECT count(*) FROM intake_keys.person_key") == 1
    await keys.close()
    assert await intake.count("referral") == 0


async def test_fields_are_released_by_purpose_and_written_down_without_their_values(intake: Intake) -> None:
    referral = await refer(intake)
    wanted = {"purpose": "conversation", "fields": ["name", "phone", "letter", "reading", "address"], "by": "ash"}
    fields = (await intake.internal(f"/internal/people/{referral}/release", wanted)).json()["fields"]
    assert (fields["name"], fields["phone"], fields["letter"]) == ("Zebediah Quillfeather", "07700 900102", LETTER)
    assert fields["address"]["postcode"] == "DD3 6LX"
    assert {need["code"] for need in fields["reading"]["needs"]} >= {"loneliness"}
    [row] = await intake.bench.rows("SELECT service, asked_by, purpose, fields FROM release")
    assert row == {
        "service": "casework",
        "asked_by": "ash",
        "purpose": "conversation",
        "fields": sorted(wanted["fields"]),
    }


async def test_a_purpose_does_not_cover_other_fields(intake: Intake) -> None:
    referral = await refer(intake)
    for purpose in ("offer", "curiosity"):
        answer = await intake.internal(
            f"/internal/people/{referral}/release", {"purpose": purpose, "fields": ["name", "letter"]}
        )
        assert answer.status_code == 403
        assert "letter" in answer.json()["fields"]
    assert await intake.count("release") == 0


async def test_nobody_without_the_internal_key_comes_in(intake: Intake) -> None:
    referral = await refer(intake)
    for path in (
        f"/internal/people/{referral}/release",
        f"/internal/people/{referral}/erase",
        f"/internal/returns/{referral}",
    ):
        answer = await intake.http.post(path, json={}, headers=intake.headers("north"))
        assert answer.status_code == 401
    assert (await intake.internal(f"/internal/people/{uuid4()}/notes")).status_code == 404


async def test_notes_are_appended_sealed_once_a_request_and_read_in_order(intake: Intake) -> None:
    referral, request_id = await refer(intake), str(uuid4())
    door = f"/internal/people/{referral}/notes"
    goal = {"kind": "goal", "text": "Walk to Effie's.", "by": "ash"}
    first = await intake.internal(door, goal, **{"X-Request-ID": request_id})
    again = await intake.internal(door, goal, **{"X-Request-ID": request_id})
    await intake.internal(door, {"kind": "note", "text": "Went well."})
    assert (first.status_code, first.json()) == (201, again.json())
    notes = (await intake.internal(f"{door}?by=ash")).json()["notes"]
    assert [(note["kind"], note["text"], note["by"]) for note in notes] == [
        ("goal", "Walk to Effie's.", "ash"),
        ("note", "Went well.", "casework"),
    ]


async def test_erasure_destroys_the_key_tells_and_forgets_how_the_person_was_found(intake: Intake) -> None:
    first, second = await refer(intake), await refer(intake)
    answer = await intake.internal(f"/internal/people/{first}/erase", {"by": "dpo", "reason": "asked"})
    assert sorted(answer.json()["referrals"]) == sorted([first, second])
    released = await intake.internal(f"/internal/people/{second}/release", {"purpose": "offer", "fields": ["name"]})
    assert released.status_code == 410
    assert {str(event.referral) for event in await intake.bench.published(PersonErased)} == {first, second}
    assert len(await intake.bench.published(ReferralWithdrawn)) == 2
    assert await intake.count("person_match") == 0
    third = await refer(intake)
    people = [event.person for event in await intake.bench.published(ReferralReceived)]
    assert people[0] == people[1] != people[2]
    assert (await intake.get(third)).json()["same_person_as"] is None


async def test_after_a_restore_of_the_keys_the_erasure_is_applied_again(intake: Intake) -> None:
    referral = await refer(intake)
    person = (await intake.bench.rows("SELECT id FROM person"))[0]["id"]
    keys = await asyncpg.connect(intake.key_dsn)
    backup = await keys.fetchval("SELECT wrapped FROM intake_keys.person_key")
    await intake.internal(f"/internal/people/{referral}/erase", {"by": "dpo", "reason": "asked"})
    await keys.execute("DELETE FROM intake_keys.erasure")
    await keys.execute("INSERT INTO intake_keys.person_key (person, wrapped) VALUES ($1, $2)", person, backup)
    assert len(await intake.desk.vault.keyring.find(person)) == 32
    assert await erasing.ErasureLog(intake.desk.vault)(intake.bench.database, None) == 1  # type: ignore[arg-type]  # unused
    with pytest.raises(PersonErasedError):
        await intake.desk.vault.keyring.find(person)
    assert await keys.fetchval("SELECT count(*) FROM intake_keys.person_key") == 0
    await keys.close()


async def test_after_a_restore_of_the_data_the_erasure_is_applied_again(intake: Intake) -> None:
    await refer(intake)
    person = (await intake.bench.rows("SELECT id FROM person"))[0]["id"]
    await intake.desk.vault.keyring.destroy([person])  # as if the data had been set back to before its erasure
    assert (await intake.post(a_body(person=PERSONAL))).status_code == 503
    log = erasing.ErasureLog(intake.desk.vault)
    assert await log(intake.bench.database, None) == 1  # type: ignore[arg-type]  # unused
    assert await log(intake.bench.database, None) == 0  # type: ignore[arg-type]  # unused
    assert (await intake.post(a_body(person=PERSONAL))).status_code == 201
    assert await intake.count("person") == 2


async def test_an_erasure_and_a_referral_at_the_same_moment_leave_no_open_referral_that_cannot_be_read(
    intake: Intake,
) -> None:
    referral = await refer(intake)
    erase = intake.internal(f"/internal/people/{referral}/erase", {"by": "dpo", "reason": "asked"})
    _, answer = await asyncio.gather(erase, intake.post(a_body(person=PERSONAL)))
    if answer.status_code == 201:
        later = answer.json()["referral"]
        released = await intake.internal(f"/internal/people/{later}/release", {"purpose": "offer", "fields": ["name"]})
        state = (await intake.get(later)).json()["state"]
        assert (released.status_code, state) in {(200, "accepted"), (410, "withdrawn")}
    else:
        assert answer.status_code == 503
