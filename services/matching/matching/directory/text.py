"""Cleans text that others wrote: what a database, an event or a page cannot bear is taken out."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in _BLOCKS:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.words.append(" ")


def plain(value: object, most: int) -> str:
    """Return text without markup, control characters and needless space, at most so many characters long.

    What is not text becomes none.
    """
    if not isinstance(value, str):
        return ""
    text = value
    if "<" in text or "&" in text:
        stripper = _Stripper()
        stripper.feed(text)
        stripper.close()
        text = "".join(stripper.words)
    text = " ".join(_INVISIBLE.sub("", text).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def link(value: object) -> str | None:
    """Return a web address, or None: only http and https lead anywhere, and placeholders lead nowhere."""
    text = plain(value, 500)
    return text if re.fullmatch(r"https?://[^\s<>\"]+", text) else None


def mail(value: object) -> str | None:
    """Return an e-mail address, or None."""
    text = plain(value, 254)
    return text if re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", text) else None
