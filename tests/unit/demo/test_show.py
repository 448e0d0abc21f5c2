"""Whoever watches sees where referrals are, what happened last, and what is wrong."""

from datetime import UTC, datetime

from rich.console import Console

from deploy.demo.driver import Book, LedgerPage
from deploy.demo.driver.ledger import Held
from deploy.demo.driver.show import MAIN, SHOWN, line, picture, print_end

REFERRAL = "3f2a9c1d-1111-4222-8333-444444444444"


def drawn(book: Book) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(picture(book))
    return capture.get()


def a_book() -> Book:
    book = Book()
    book.acknowledge("refer", "request", 201, REFERRAL)
    book.tell("Bucklemaker Surgery", "refers somebody", REFERRAL)
    book.ledger = LedgerPage({"in conversation": 4, "closed": 2}, unaccounted=0)
    return book


def test_a_line_says_how_many_are_where() -> None:
    said = line(a_book())
    assert "1 acknowledged" in said
    assert "4 in conversation, 2 closed" in said
    assert "0 unaccounted for" in said


def test_before_the_ledger_has_looked_a_line_says_so() -> None:
    assert "nothing in the ledger yet" in line(Book())


def test_the_picture_shows_stages_and_what_happened_last() -> None:
    said = drawn(a_book())
    for words in ("in conversation", "closed", "Bucklemaker Surgery refers somebody", "LW-3F2A-9C1D"):
        assert words in said


def test_the_picture_keeps_to_its_height_however_much_happens() -> None:
    book = a_book()
    for n in range(100):
        book.tell("Somebody", f"does number {n}")
    said = drawn(book)
    assert "does number 99" in said
    assert f"does number {99 - SHOWN}" not in said


def test_the_picture_says_that_the_ledger_is_away_and_what_surprised() -> None:
    book = a_book()
    book.ledger_away = "GET /api/ledger: 503"
    book.wonder("05-carer", "was not done in time")
    assert "does not answer just now" in drawn(book)
    assert "05-carer: was not done in time" in drawn(book)


def test_nobody_s_words_are_taken_for_markup() -> None:
    book = a_book()
    book.tell("The [bold]Shed[/bold]", "has a place")
    assert "The [bold]Shed[/bold]" in drawn(book)


def test_the_picture_keeps_a_place_for_every_main_stage() -> None:
    said = drawn(Book())
    for stage in MAIN:
        assert stage in said


def test_the_end_says_in_whose_hands_the_open_ones_are() -> None:
    book = a_book()
    book.held = [Held(REFERRAL, "has a place", "link-worker-ash", datetime(2026, 3, 2, 9, 30, tzinfo=UTC))]
    console = Console(width=120)
    with console.capture() as capture:
        print_end(book, {}, console)
    assert "LW-3F2A-9C1D  has a place" in capture.get()
    assert "link-worker-ash, until 02 March" in capture.get()


def test_the_end_gives_addresses_and_every_surprise() -> None:
    book = a_book()
    book.wonder("05-carer", "was not done in time")
    console = Console(width=120)
    with console.capture() as capture:
        print_end(book, {"The ledger": "http://127.0.0.1:8050/"}, console)
    assert "http://127.0.0.1:8050/" in capture.get()
    assert "05-carer: was not done in time" in capture.get()
