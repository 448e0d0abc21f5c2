"""Cleans text that others wrote: what a database, an event or a page cannot bear is taken out."""

import html
import re

_TAG = re.compile(r"<(?:/?([a-zA-Z][\w.:-]*)(?:[\s/][^<>]*)?|![^<>]*)>")
_BLOCKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "td", "h1", "h2", "h3", "h4", "h5", "h6"})
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)


def text_of(value: object) -> str:
    """Return text or a number as text; what is neither becomes none."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def plain(value: object, most: int) -> str:
    """Return text without markup, control characters and needless space, at most so many characters long.

    What is not text becomes none.
    """
    if not isinstance(value, str):
        return ""
    text = value
    for _ in range(2):  # some feeds escape their markup once more
        if "<" not in text and "&" not in text:
            break
        text = html.unescape(_TAG.sub(_gap, text))
    if not text.isprintable():  # most texts are, and need no search
        text = _INVISIBLE.sub("", text)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _gap(tag: re.Match[str]) -> str:
    return " " if (tag[1] or "").lower() in _BLOCKS else ""


def link(value: object) -> str | None:
    """Return a web address, or None: only http and https lead anywhere, and placeholders lead nowhere.

    A bare domain, as people write one, is taken as http.
    """
    text = plain(value, 500)
    if _DOMAIN.fullmatch(text):
        return f"http://{text}"
    return text if re.fullmatch(r"https?://[^\s<>\"]+", text) else None


def mail(value: object) -> str | None:
    """Return an e-mail address, or None."""
    text = plain(value, 254)
    return text if re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", text) else None
