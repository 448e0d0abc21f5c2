"""One request is one referral, however often it was sent; and nothing is stored that nobody asked for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.chaos.book import ACKNOWLEDGED, Book, Request
from tests.chaos.checks.finding import Finding, found
from tests.chaos.snapshot import Snapshot

Name = tuple[str, str]
"""A practice and the id that it gave its request."""
DUPLICATE = 409
"""By FHIR's door: this very message was received and stored before."""
REFUSED = range(400, 500)
NOT_NOW = 429


def check(book: Book, snapshot: Snapshot) -> Iterator[Finding]:
    """Compare what requests were told with what intake stored for them."""
    sent = by_name(book)
    stored = {(each.practice, each.request_id): each.referral for each in snapshot.requests}
    named = {name: _named(requests) for name, requests in sent.items()}
    yield from found("requests", "two referrals for one request", (n[1] for n, told in named.items() if len(told) > 1))
    yield from found("requests", "one referral for two requests", _shared(named))
    yield from found("requests", "told of another referral than was stored", _otherwise(named, stored))
    told = (name[1] for name, requests in sent.items() if name not in stored and _was_told_duplicate(requests))
    yield from found("requests", "told that it was there before, and it is not", told)
    wrong = (name[1] for name, requests in sent.items() if _is_invalid(requests) and _was_acknowledged(requests))
    yield from found("requests", "an invalid request was acknowledged", wrong)
    turned_away = (name[1] for name, requests in sent.items() if name in stored and _was_refused(requests))
    yield from found("requests", "a request was refused, and stored", turned_away)
    asked_for = {referral for name, referral in stored.items() if name in sent}
    yield from found("requests", "a referral that no request asked for", snapshot.intake.keys() - asked_for)


def by_name(book: Book) -> dict[Name, list[Request]]:
    """Return every request under its name, repeats with the first."""
    found_: defaultdict[Name, list[Request]] = defaultdict(list)
    for request in book.requests:
        found_[request.practice, request.request_id].append(request)
    return found_


def was_repeated(requests: Sequence[Request]) -> bool:
    """Say whether a request was told more than once that it is stored."""
    answers = [answer for request in requests for answer in request.answers]
    return sum(answer.status in ACKNOWLEDGED or answer.status == DUPLICATE for answer in answers) > 1


def _named(requests: Sequence[Request]) -> set[str]:
    answers = [answer for request in requests for answer in request.answers if answer.status in ACKNOWLEDGED]
    return {answer.referral for answer in answers if answer.referral}


def _shared(named: dict[Name, set[str]]) -> Iterator[str]:
    owners: defaultdict[str, set[Name]] = defaultdict(set)
    for name, referrals in named.items():
        for referral in referrals:
            owners[referral].add(name)
    yield from (referral for referral, names in owners.items() if len(names) > 1)


def _otherwise(named: dict[Name, set[str]], stored: dict[Name, str]) -> Iterator[str]:
    yield from (name[1] for name, told in named.items() if told and told != {stored.get(name)})


def _was_told_duplicate(requests: Sequence[Request]) -> bool:
    return any(answer.status == DUPLICATE for request in requests for answer in request.answers)


def _is_invalid(requests: Sequence[Request]) -> bool:
    return any(request.intent == "invalid" for request in requests)


def _was_acknowledged(requests: Sequence[Request]) -> bool:
    return any(answer.status in ACKNOWLEDGED for request in requests for answer in request.answers)


def _was_refused(requests: Sequence[Request]) -> bool:
    """Say whether every answer was a no for good: silence and *not now* leave open what became of it."""
    statuses = {answer.status for request in requests for answer in request.answers}
    return bool(statuses) and statuses <= {*REFUSED} - {DUPLICATE, NOT_NOW}
