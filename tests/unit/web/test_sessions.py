"""Cookies say who a browser is to us, forms belong to who they were made for."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from uuid import UUID

import pytest
from starlette.requests import Request
from starlette.responses import Response

from shared.web.sessions import BadForm, Sessions

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SESSION = UUID("0b1c2d3e-0000-4000-8000-000000000001")
SESSIONS = Sessions(b"k" * 32, "casework", secure=False)
SECURE = Sessions(b"k" * 32, "casework", secure=True)


def set_cookies(response: Response) -> SimpleCookie:
    cookies = SimpleCookie()
    for name, value in response.raw_headers:
        if name == b"set-cookie":
            cookies.load(value.decode())
    return cookies


def coming_back(cookies: SimpleCookie) -> Request:
    """Return a request of a browser that keeps these cookies."""
    pairs = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())
    return Request({"type": "http", "headers": [(b"cookie", pairs.encode())]})


def started(sessions: Sessions = SESSIONS) -> SimpleCookie:
    response = Response()
    sessions.start(response, SESSION, NOW + timedelta(hours=10))
    return set_cookies(response)


def test_a_session_is_read_back_until_it_ends() -> None:
    request = coming_back(started())

    assert SESSIONS.read(request, NOW) == SESSION
    assert SESSIONS.read(request, NOW + timedelta(hours=10)) is None


def test_a_cookie_that_is_not_ours_is_no_session() -> None:
    forged = SimpleCookie({"linkway-casework-session": str(SESSION)})

    assert SESSIONS.read(coming_back(forged), NOW) is None
    assert SESSIONS.read(coming_back(SimpleCookie()), NOW) is None
    assert Sessions(b"j" * 32, "casework", secure=False).read(coming_back(started()), NOW) is None


def test_services_on_one_host_do_not_read_each_others_sessions() -> None:
    assert Sessions(b"k" * 32, "operations", secure=False).read(coming_back(started()), NOW) is None


def test_scripts_and_other_sites_do_not_get_the_cookie() -> None:
    (cookie,) = started().values()

    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert not cookie["max-age"], "it ends with the browser"


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host() -> None:
    (cookie,) = started(SECURE).values()

    assert cookie["secure"]
    assert cookie.key.startswith("__Host-")
    assert not cookie["domain"]


def test_a_visitor_keeps_its_name_and_a_made_up_one_is_replaced() -> None:
    response = Response()
    fresh = SESSIONS.visitor(coming_back(SimpleCookie()))
    SESSIONS.remember_visitor(response, fresh)

    assert SESSIONS.visitor(coming_back(set_cookies(response))) == fresh
    assert SESSIONS.visitor(coming_back(SimpleCookie({"linkway-casework-visitor": "me"}))) != "me"


def test_a_form_is_taken_only_from_whom_it_was_made_for() -> None:
    token = SESSIONS.form_token("one")

    SESSIONS.check_form("one", token)
    for holder, given in (("other", token), ("one", ""), ("one", token[:-1]), ("one", "é")):
        with pytest.raises(BadForm):
            SESSIONS.check_form(holder, given)
