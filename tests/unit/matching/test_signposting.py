"""What signposting decides and says: pure functions, and templates that run nothing and name nobody."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain import Area, Availability, Candidate, Capacity, Evidence, Found, Home, Listing, Point, Site
from matching.domain import signposting as decide
from matching.domain.signposting import ASKED, Count
from matching.signposting import words
from matching.signposting.ask import AskForm, to_self
from matching.signposting.desk import Busy, Room
from matching.signposting.listing import prefers_html
from matching.signposting.lists import changed
from shared.web.pages import Pages
from tests.unit.matching.builders import ANGUS, CITY, TODAY, a_home, a_listing

SAID = datetime(2026, 11, 2, 9, tzinfo=UTC)
PAGES = words.taught(Pages("matching.signposting"))


def found(*listings: Listing) -> Found:
    """The listings as found for what was asked, the earlier the stronger."""
    strong = (Evidence("text", 1 - number / 100, "name", "debt") for number in range(len(listings)))
    return Found(7, tuple(Candidate(each, {ASKED: (seen,)}) for each, seen in zip(listings, strong, strict=True)))


@pytest.mark.parametrize(
    ("typed", "place", "words_left", "outward", "read"),
    [
        ("behind with rent", "", "behind with rent", None, "absent"),
        ("behind with rent", "DD1 4HN", "behind with rent", "DD1", "read"),
        ("behind with rent", "dd1", "behind with rent", "DD1", "read"),
        ("behind with rent", "DDI 4HN", "behind with rent", "DD1", "repaired"),
        ("behind with rent", "nowhere", "behind with rent", None, "unreadable"),
        ("behind with rent, dd1 4hn", "", "behind with rent", "DD1", "read"),
        ("lonely DD14HN since May", "", "lonely since May", "DD1", "read"),
        ("behind with rent, DD1 4HN", "DD3", "behind with rent, DD1 4HN", "DD3", "read"),
        ("takes vitamin B12 daily", "", "takes vitamin B12 daily", None, "absent"),
        ("  DD1 4HN ", "", "", "DD1", "read"),
    ],
)
def test_a_place_is_read_where_it_was_typed(
    typed: str, place: str, words_left: str, outward: str | None, read: str
) -> None:
    question = decide.read_question(typed, place)
    assert (question.words, question.home.outward, question.place) == (words_left, outward, read)


@given(typed=st.text(max_size=60), place=st.text(max_size=12))
def test_whatever_is_typed_is_read_and_never_printed(typed: str, place: str) -> None:
    question = decide.read_question(typed, place)
    assert question.place in {"absent", "read", "repaired", "unknown", "unreadable"}
    assert re.fullmatch(r"<matching\.domain\.signposting\.Question object at 0x[0-9a-f]+>", repr(question))


def test_a_question_is_nobodys_and_leaves_open_what_was_not_told() -> None:
    wanted = decide.read_question("debt").wanted(TODAY)
    assert (wanted.is_person, wanted.age, wanted.home) == (False, None, Home())
    assert decide.read_question("debt", age=101).wanted(TODAY).age == 90


def test_at_most_five_services_come_with_reasons_and_questions() -> None:
    listings = [a_listing(f"clinic-{letter}", name=f"Clinic {letter * 5}", organisation=letter) for letter in "abcdefg"]
    answered = decide.answer(decide.read_question("debt", "DD1").wanted(TODAY), found(*listings), None, {"clinic-a": 2})
    assert len(answered.signposts) == 5
    assert answered.misses == ()
    first = answered.signposts[0]
    assert (first.listing.id, first.taken) == ("clinic-a", 2)
    assert any("says “debt”" in part.reason for part in first.proposal.parts)
    assert first.proposal.questions == ("How old is the person? There is an age limit.",)


def test_where_nothing_fits_the_best_that_were_ruled_out_are_told_with_what_rules_them_out() -> None:
    wanted = decide.read_question("debt", "DD1", age=12).wanted(TODAY)
    far_off = [a_listing(f"far-{n}", areas=(Area("gss", ANGUS),)) for n in range(20)]
    beyond = found(a_listing("for-adults"), *far_off)
    answered = decide.answer(wanted, found(), beyond, {})
    assert answered.signposts == ()
    assert len(answered.misses) == 5
    assert ("for-adults", "too-young") in {(miss.service, miss.ruled_out_by) for miss in answered.misses}
    assert {miss.service for miss in answered.misses} <= {"for-adults", *(f"far-{n}" for n in range(7))}
    assert not decide.fits_any(beyond, wanted)


def test_what_nothing_speaks_for_is_no_answer_however_near_it_is() -> None:
    near_by = Found(7, (Candidate(a_listing(), {ASKED: ()}),))
    wanted = decide.read_question("xylophones", "DD1").wanted(TODAY)
    assert not decide.fits_any(near_by, wanted)
    assert decide.answer(wanted, near_by, near_by, {}) == decide.Answer((), (), 7)


def test_nothing_at_all_is_an_answer() -> None:
    answered = decide.answer(decide.read_question("debt").wanted(TODAY), found(), found(), {})
    assert (answered.signposts, answered.misses) == ((), ())


@pytest.mark.parametrize(
    "other",
    [
        {"capacity": Capacity(1)},
        {"capacity": Capacity(None)},
        {"sites": (Site("Hall", None, Point(55.0, -2.97)),)},
        {"sites": ()},
        {"status": "temporarily-closed"},
        {"status": "inactive"},
        {"areas": (Area("gss", ANGUS),)},
        {"id": "often"},
    ],
    ids=str,
)
def test_what_has_no_place_is_far_closed_for_others_or_often_used_is_not_open_nearby(other: dict[str, Any]) -> None:
    plain = a_listing("plain")
    listings = [a_listing(**{"service": "other"} | other) if "id" not in other else a_listing("often"), plain]
    taken, offers = {"other": 1}, {"often": decide.RARELY + 1, "plain": decide.RARELY}
    near = decide.open_nearby(listings, a_home(), TODAY, offers, taken)
    assert [each.listing.id for each in near] == ["plain"]


def test_the_least_used_comes_first_and_then_the_nearest() -> None:
    listings = [
        a_listing("used"),
        a_listing("farther", sites=(Site("Hall", None, Point(56.5, -2.97)),)),
        a_listing("near", capacity=Capacity(None), availability=Availability("open")),
    ]
    near = decide.open_nearby(listings, a_home(point=CITY), TODAY, {"used": 2}, {})
    assert [each.listing.id for each in near] == ["near", "farther", "used"]


def a_count(asked: int, unanswered: int = 0, need: str = "debt-advice", outward: str = "DD1") -> Count:
    return Count(date(2026, 10, 1), outward, need, asked, unanswered)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([a_count(5)], [("debt-advice", 5, 0)]),
        ([a_count(4)], []),
        ([a_count(9, 4)], [("debt-advice", 9, None)]),
        ([a_count(9, 6)], [("debt-advice", 9, None)]),
        ([a_count(11, 6)], [("debt-advice", 11, 6)]),
        ([a_count(4), a_count(2, need="loneliness")], [(None, 6, None)]),
        ([a_count(4), a_count(2, outward="DD3")], []),
        ([a_count(40), a_count(4, need="loneliness")], [("debt-advice", 40, 0)]),
    ],
)
def test_small_counts_are_shown_together_or_not_at_all(counts: list[Count], told: list[Any]) -> None:
    assert [(each.need, each.asked, each.unanswered) for each in decide.shown(counts)] == told


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.sampled_from("abcdef")), max_size=6))
def test_no_count_below_five_is_shown_and_none_can_be_reckoned_back(rows: list[tuple[int, int, str]]) -> None:
    counts = [a_count(asked, min(asked, none), need) for asked, none, need in {row[2]: row for row in rows}.values()]
    for each in decide.shown(counts):
        assert each.asked >= decide.LEAST_SHOWN
        if each.unanswered:
            assert min(each.unanswered, each.asked - each.unanswered) >= decide.LEAST_SHOWN
        if each.need is None:
            assert sum(count.asked < decide.LEAST_SHOWN for count in counts) > 1


@pytest.mark.parametrize(
    ("facts", "taken", "sentence"),
    [
        ({"capacity": Capacity(3, SAID)}, 1, "2 places free"),
        ({"capacity": Capacity(2)}, 1, "1 place free"),
        ({"capacity": Capacity(2)}, 2, "Full at present"),
        ({"capacity": Capacity(None)}, 0, "Wait not known: ask"),
        ({"capacity": Capacity(None), "availability": Availability("open", stated_at=SAID)}, 0, "Open"),
        ({"capacity": Capacity(0), "availability": Availability("full")}, 0, "Full at present"),
        ({"availability": Availability("waiting", 6)}, 0, "Waiting list, about 6 weeks"),
        ({"availability": Availability("waiting", 1)}, 0, "Waiting list, about 1 week"),
        ({"availability": Availability("waiting")}, 0, "Waiting list"),
        ({"availability": Availability("paused")}, 0, "Takes nobody new for now"),
    ],
)
def test_the_wait_is_a_sentence(facts: dict[str, Any], taken: int, sentence: str) -> None:
    assert words.wait(a_listing(**facts), taken).sentence == sentence


def test_a_wait_says_when_it_was_said() -> None:
    assert words.wait(a_listing(capacity=Capacity(3, SAID)), 0).said == "said on 2 November 2026"


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://help.example.org/a", "https://help.example.org/a"),
        ("help.example.org", "https://help.example.org"),
        ("javascript:alert(1)", None),
        ("javascript://help.example.org/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("see the notice board", None),
        ("https://[", None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_leads_into_the_web_or_nowhere(address: str | None, link: str | None) -> None:
    assert words.web_link(address) == link


@pytest.mark.parametrize(
    ("number", "link"),
    [
        ("01632 960100", "tel:01632960100"),
        ("+44 (0)1632 960100", "tel:+441632960100"),
        ("01632 960100 or 960101", None),
        ("ask at the desk", None),
        (None, None),
    ],
)
def test_a_telephone_dials_what_is_one_number(number: str | None, link: str | None) -> None:
    assert words.telephone_link(number) == link


@pytest.mark.parametrize(
    ("mail", "link"),
    [("a@b.example.org", "mailto:a@b.example.org"), ("a@b.example.org?bcc=c@d.example", None), ("Anne", None)],
)
def test_a_mail_goes_to_one_address_and_carries_nothing(mail: str, link: str | None) -> None:
    assert words.mail_link(mail) == link


def test_what_one_sends_to_oneself_has_names_contacts_and_the_page_and_no_addressee() -> None:
    card = words.card_of(a_listing(name="Tea & Talk", phone="01632 960100", url="https://tea.example.org"), 0)
    address = "http://here.test/signposting/these?service=tea&near=DD1"
    mail = urlsplit(words.mail_to_self([card], address))
    text = urlsplit(words.text_to_self([card], address))
    body = parse_qs(mail.query)["body"][0]
    assert (mail.path, text.path) == ("", "")
    assert body == f"Tea & Talk\nTayside Help\n01632 960100\nhttps://tea.example.org\n\n{address}"
    assert unquote(text.query).endswith(f"body=Tea & Talk 01632 960100\n{address}")


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        ("application/json, text/html;q=0.5", False),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=0", False),
        ("text/html;q=many", True),
    ],
)
def test_a_page_is_for_who_names_html(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html


@pytest.mark.parametrize(
    ("act", "service", "after"),
    [
        ("add", "d", ["a", "b", "c", "d"]),
        ("add", "b", ["a", "b", "c"]),
        ("add", "", ["a", "b", "c"]),
        ("remove", "b", ["a", "c"]),
        ("remove", "d", ["a", "b", "c"]),
        ("up", "c", ["a", "c", "b"]),
        ("up", "a", ["a", "b", "c"]),
        ("up", "d", ["a", "b", "c"]),
    ],
)
def test_a_list_changes_by_one_act(act: Any, service: str, after: list[str]) -> None:
    assert changed(["a", "b", "c"], act, service) == after


def test_who_finds_no_room_is_told_so_and_a_place_that_was_left_is_free_again() -> None:
    room = Room(1)
    with room.enter(), pytest.raises(Busy), room.enter():
        pass
    with pytest.raises(ZeroDivisionError), room.enter():
        raise ZeroDivisionError
    with room.enter():
        assert room.taken == 1
    assert room.taken == 0


def answer_page(
    *listings: Listing, need: str = "debt", misses: Found | None = None, others: tuple[str, ...] = ()
) -> str:
    question = decide.read_question(need, "DD1")
    answered = replace(decide.answer(question.wanted(TODAY), found(*listings), misses, {}), other_words=others)
    cards = words.cards_of(answered)
    page = PAGES.render(
        "ask.html",
        form=AskForm(need=need),
        faulty=False,
        answer=answered,
        question=question,
        note=None,
        cards=cards,
        **to_self(cards, "http://here.test/signposting/these?service=a"),
    )
    return bytes(page.body).decode()


def test_an_answer_has_everything_to_act_on_and_runs_nothing() -> None:
    page = answer_page(
        a_listing(
            name="<b>Tea</b>",
            phone="01632 960100",
            url="javascript:alert(1)",
            licence="https://licence.example.org/4.0",
            attribution="A Directory",
            source_url="https://directory.example.org/tea",
        )
    )
    for told in ("&lt;b&gt;Tea&lt;/b&gt;", "3 places free", "Last checked on 1 September 2026", "It says “debt”."):
        assert told in page
    for link in ("tel:01632960100", "https://licence.example.org/4.0", "https://directory.example.org/tea", "mailto:?"):
        assert f'href="{link}' in page
    assert "A Directory" in page
    assert 'href="javascript' not in page
    assert "<svg" in page
    assert not re.search(r"<script|\sstyle=|\son[a-z]+=", page)
    loaded = re.findall(r'src="([^"]*)"', page) + re.findall(r'<link [^>]*href="([^"]*)"', page)
    assert all(address.startswith("/static/") for address in loaded)


def test_the_words_of_a_question_stand_in_its_form_and_nowhere_else() -> None:
    page = answer_page(a_listing(), need="Zebediah Quillfeather owes rent")
    assert page.count("Quillfeather") == 1
    assert 'autocomplete="off"' in page


def test_an_honest_nothing_says_what_came_nearest_and_why() -> None:
    closed = a_listing("debt-clinic", status="temporarily-closed")
    page = answer_page(misses=found(closed))
    assert "Nothing here" in page
    assert "Debt Clinic" in page
    assert "It is closed for now." in page
    assert "No service in the directory is about this." in answer_page(misses=found())


def test_where_there_is_nothing_one_press_asks_for_what_is_near_in_words_that_are_nobodys() -> None:
    page = answer_page(need="Zebediah owes rent", others=("Rent arrears help",))
    asked_on = page[page.index('id="near-form"') :]
    assert 'name="need" value="Rent arrears help"' in asked_on
    assert 'name="place" value="DD1"' in asked_on
    assert "Zebediah" not in asked_on
