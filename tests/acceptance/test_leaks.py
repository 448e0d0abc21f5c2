"""Nothing that practices wrote about people lies open anywhere; and a leak would be found."""

import asyncio
import email.message
import json

import aiosmtplib
import pytest_asyncio

from tests.acceptance import books, leaks, topics
from tests.acceptance.conftest import Told
from tests.acceptance.everything import everything
from tests.acceptance.leaks import Sought, Text
from tests.acceptance.people import Input
from tests.acceptance.world import World


@pytest_asyncio.fixture(scope="module")
async def wanted(world: World, told: Told) -> Sought:
    """What everybody sent in, when all stories have been told."""
    await asyncio.gather(*told.values(), return_exceptions=True)
    await books.at_rest(world)
    before = [Text("our templates", template) for template in leaks.own_templates()] + world.before
    there = {word for text in before for word in leaks.words_of(text.text)}
    return leaks.sought(world.inputs, leaks.own_words() | there, before)


def test_everybody_is_looked_for(world: World, wanted: Sought) -> None:
    """Every name, number, street, address and date of everybody is among what is sought: nothing was excused away."""
    people = [sent for sent in world.inputs if sent.fields]
    assert len(people) > 60
    for person in people:
        for field in person.fields:
            run = tuple(leaks.words_of(field))
            tells = field == person.about or any(sign.isdecimal() for sign in field)
            assert run in wanted.runs or not tells or len("".join(run)) < leaks.LEAST_LETTERS, field


async def test_nothing_that_was_said_of_anybody_lies_open(world: World, wanted: Sought) -> None:
    assert leaks.find(wanted, await everything(world)) == []


async def test_a_leak_that_is_planted_is_found_wherever_it_is(world: World, wanted: Sought) -> None:
    person = Input("planted", ("Hephzibah Quernmore", "1951-09-23", "07700 900881"), ("a wheen of clootie dumplings",))
    world.inputs.append(person)
    sought = leaks.sought([person], leaks.own_words())
    await plant(world)
    found = {(leak.place, leak.what) for leak in leaks.find(sought, await everything(world))}
    async with books.looking(world) as connection:  # a timeline with a planted line is no longer like another's
        await connection.execute("DELETE FROM intake.timeline WHERE what = 'planted'")
    assert found >= {
        ("matching.quarantine.reason", "hephzibah quernmore"),
        ("intake.timeline.facts", "23 september 1951"),
        ("log casework-1.log", "quernmore"),
        ("topic linkway.operations, header", "07700 900881"),
        ("topic linkway.operations, key", "hephzibah"),
        ("topic linkway.operations, value", "wheen of clootie dumplings"),
        ("mails", "quernmore"),
    }


async def plant(world: World) -> None:
    """Let something of somebody slip into a table, a document in a table, a log, a topic and a mail."""
    async with books.looking(world) as connection:
        await connection.execute("INSERT INTO matching.quarantine VALUES ('test', 'test', 'Hephzibah  QUERNMORE?')")
        await connection.execute(
            """
            INSERT INTO intake.timeline (id, referral, at, what, facts)
            SELECT gen_random_uuid(), id, now(), 'planted', $1 FROM intake.referral LIMIT 1
            """,
            json.dumps({"facts": ["born 23 September 1951"]}),
        )
    with (world.home.log / "casework-1.log").open("a") as log:
        log.write(json.dumps({"event": "request_failed", "input": "Quérnmore"}) + "\n")
    headers = [("ce_note", b"ring 07700-900881")]
    value = json.dumps({"note": "A wheen of\nclootie dumplings"}).encode()
    await topics.put(world.stack.addresses.kafka, [("linkway.operations", b"HEPHZIBAH", value, headers)])
    mail = email.message.EmailMessage()
    mail["From"] = mail["To"] = "somebody@example.org"
    mail.set_content("About Mr Quernmore", cte="base64")
    host, _, port = world.stack.addresses.smtp.rpartition(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port), local_hostname="acceptance.example")
