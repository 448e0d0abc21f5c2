"""The driver reads pages as a browser does: what stands on them, and what a filled form sends."""

from urllib.parse import parse_qsl

import pytest

from deploy.demo.driver.pages import NoSuchForm, Page

CASE = """<!doctype html><html><body>
<h1>Somebody</h1><ul><li id="state" data-state="open">Open</li></ul>
<ul id="needs-now"><li data-need="stress">Stress</li><li data-need="debt-advice">Debt</li></ul>
<form id="needs-form" method="post" action="/referrals/x/needs">
<input type="hidden" name="csrf" value="token"><input type="hidden" name="version" value="3">
<input type="checkbox" id="need-stress" name="need" value="stress" checked>
<input type="checkbox" id="need-walking" name="need" value="walking">
<button type="submit">Save</button></form>
<section id="proposals"><h2>Services that fit</h2>
<form id="choices-form" method="post" action="/referrals/x/choices"><input type="hidden" name="csrf" value="token">
<ol>
<li id="proposal-1" data-service="desk" data-organisation="o1"><h3>The  Desk</h3>
<input type="hidden" name="service" value="desk">
<select id="rank-1" name="rank"><option value="0">not chosen</option><option value="1">1</option></select>
<select id="need-for-1" name="need"><option value="stress">a</option><option value="debt-advice">b</option></select>
<input type="checkbox" id="share-1-name" name="share" value="desk:name"></li>
<li id="proposal-2" data-service="walk" data-organisation="o2"><h3>Walk</h3>
<input type="hidden" name="service" value="walk">
<select id="rank-2" name="rank"><option value="0">not chosen</option><option value="1">1</option></select>
<select id="need-for-2" name="need"><option value="walking">c</option></select></li>
</ol><input type="checkbox" id="agreed" name="agreed" value="yes"></form></section>
<section id="offers"><ul><li data-offer="of1" data-standing="expired"><strong>Walk</strong></li></ul></section>
<section class="notice warm" aria-label="No choice is left to ask"></section>
<form id="close-form" action="/referrals/x/close">
<select name="outcome" id="final-outcome-1"><option value="">none</option><option value="safer">s</option></select>
<input name="amount" id="final-amount-1">
<select name="outcome" id="final-outcome-2"><option value="">none</option><option value="online">o</option></select>
<input name="amount" id="final-amount-2"><textarea name="note"></textarea>
<input type="radio" name="reached" value="yes"><input type="radio" name="reached" value="no"></form>
</body></html>"""


@pytest.fixture
def case() -> Page:
    return Page(200, "/referrals/x", CASE)


def sent(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(), keep_blank_values=True)


def test_a_case_s_page_tells_how_the_case_stands(case: Page) -> None:
    assert (case.title, case.state, case.needs) == ("Somebody", "open", ("stress", "debt-advice"))
    assert case.exhausted
    assert [(asked.offer, asked.service_name, asked.standing) for asked in case.asked] == [("of1", "Walk", "expired")]


def test_proposals_are_read_with_their_places_and_the_needs_that_they_are_for(case: Page) -> None:
    assert case.is_matched
    first, second = case.proposals
    assert (first.number, first.service, first.name, first.needs) == (1, "desk", "The Desk", ("stress", "debt-advice"))
    assert (second.number, second.service) == (2, "walk")


def test_a_page_without_a_word_of_matching_is_not_matched() -> None:
    assert not Page(200, "/", "<section id='proposals'>being looked for</section>").is_matched
    assert Page(200, "/", "<div id='not-found'>an unmet need</div>").is_matched


def test_ticked_boxes_are_sent_and_others_are_not(case: Page) -> None:
    form = case.form("needs-form")
    form.tick("need-stress", on=False)
    form.tick("need-walking")
    assert sent(form.body()) == [("csrf", "token"), ("version", "3"), ("need", "walking")]


def test_every_row_of_choices_is_sent_so_that_ranks_stay_with_their_services(case: Page) -> None:
    form = case.form("choices-form")
    form.fill_field("rank-2", "1")
    form.tick("share-1-name")
    form.tick("agreed")
    assert sent(form.body()) == [
        ("csrf", "token"),
        ("service", "desk"),
        ("rank", "0"),
        ("need", "stress"),
        ("share", "desk:name"),
        ("service", "walk"),
        ("rank", "1"),
        ("need", "walking"),
        ("agreed", "yes"),
    ]


def test_empty_fields_are_sent_so_that_amounts_stay_with_their_outcomes(case: Page) -> None:
    form = case.form("close-form")
    form.fill_field("final-outcome-1", "safer")
    form.fill_field("final-outcome-2", "online")
    form.fill_field("final-amount-2", "3")
    form.fill("reached", "no")
    assert sent(form.body()) == [
        ("outcome", "safer"),
        ("amount", ""),
        ("outcome", "online"),
        ("amount", "3"),
        ("note", ""),
        ("reached", "no"),
    ]


def test_a_button_sends_its_own_name_and_value(case: Page) -> None:
    assert sent(case.form("needs-form").body({"attended": "yes"}))[-1] == ("attended", "yes")


def test_a_form_goes_where_its_action_says(case: Page) -> None:
    assert case.form("choices-form").action == "/referrals/x/choices"


def test_a_form_that_is_not_there_is_named_with_what_is_there_instead(case: Page) -> None:
    with pytest.raises(NoSuchForm, match=r"accept-form.*Somebody"):
        case.form("accept-form")
    with pytest.raises(NoSuchForm, match="rank-9"):
        case.form("choices-form").fill_field("rank-9", "1")


def test_an_offer_s_page_tells_how_the_offer_stands_and_what_was_refused() -> None:
    page = Page(
        409,
        "/offers/t",
        "<h1>Thank you</h1><div id='refused'><p>Answered  before.</p></div>"
        "<section id='offer' data-standing='accepted'><dl><dt>Service</dt><dd>The Desk</dd></dl></section>",
    )
    assert (page.standing, page.refused) == ("accepted", "Answered before.")


def test_the_facts_that_an_organisation_is_shown_are_named_and_not_told() -> None:
    page = Page(
        200, "/", "<section id='shared'><dl><dd id='shared-name'>X</dd><dd id='shared-phone'>Y</dd></dl></section>"
    )
    assert page.shared == ("name", "phone")


def test_an_empty_answer_is_an_empty_page() -> None:
    assert Page(500, "/", "").title == ""
