"""Read Linkway's pages as a browser would: what stands on them, and the forms that can be sent from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lxml import html

TICKED, BUTTONS = ("checkbox", "radio"), ("submit", "button", "image", "reset", "file")
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


class NoSuchForm(LookupError):
    """The page does not have this form; what stands on it instead."""


class Form:
    """A form of a page: fill it in, then send what a browser would send."""

    def __init__(self, element: Any) -> None:
        """Take lxml's form element; lxml's stubs know no more of it than that it is an element."""
        self._form = element

    @property
    def action(self) -> str:
        """Where the form is sent."""
        return str(self._form.action)

    def fill(self, name: str, value: str) -> None:
        """Give the one field of this name a value: type a text, choose from a list or among radio buttons."""
        self._form.inputs[name].value = value

    def fill_field(self, field_id: str, value: str) -> None:
        """Give the field of this id a value, where several have one name."""
        self._field(field_id).value = value

    def tick(self, field_id: str, *, on: bool = True) -> None:
        """Tick or clear a box."""
        self._field(field_id).checked = on

    def has(self, field_id: str) -> bool:
        """Whether there is a field of this id."""
        return bool(self._form.xpath(".//*[@id=$id]", id=field_id))

    def body(self, button: Mapping[str, str] | None = None) -> bytes:
        """Write what is sent when a button is pressed; the button may have a name and a value of its own."""
        return urlencode([*self._values(), *(button or {}).items()]).encode()

    def _values(self) -> Iterator[tuple[str, str]]:
        """Give names and values as browsers do: lxml's own leaves empty fields out, and then rows do not line up."""
        for field in self._form.inputs:
            kind = field.get("type", "text") if field.tag == "input" else field.tag
            if field.name and kind not in BUTTONS and (kind not in TICKED or field.checked):
                yield str(field.name), str((field.get("value") if kind in TICKED else field.value) or "")

    def _field(self, field_id: str) -> Any:
        found = self._form.xpath(".//*[@id=$id]", id=field_id)
        if not found:
            raise NoSuchForm(f"no field {field_id}")
        return found[0]


@dataclass(frozen=True)
class Proposal:
    """A service that a case's page proposes: its place in the list from 1, and the needs that it is for."""

    number: int
    service: str
    name: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """An organisation that was asked, as a case's page shows it."""

    offer: str
    service_name: str
    standing: str


class Page:
    """One page."""

    def __init__(self, status: int, path: str, text: str) -> None:
        self.status, self.path = status, path
        self._root: Any = html.document_fromstring(text or "<html></html>")

    @property
    def title(self) -> str:
        """The heading."""
        return self._text(".//h1")

    @property
    def refused(self) -> str:
        """Why the last form was refused, in the page's words; empty if it was not."""
        return self._text(".//*[@id='refused']")

    def form(self, form_id: str) -> Form:
        """Return a form.

        Raises:
            NoSuchForm: the page does not have it.
        """
        found = self._root.xpath(".//form[@id=$id]", id=form_id)
        if not found:
            raise NoSuchForm(f"no {form_id} on “{self.title}” ({self.status})")
        return Form(found[0])

    @property
    def state(self) -> str:
        """How a case stands."""
        return self._first(".//*[@id='state']/@data-state")

    @property
    def needs(self) -> tuple[str, ...]:
        """The needs of a case."""
        return tuple(self._all(".//*[@id='needs-now']//@data-need"))

    @property
    def not_found(self) -> bool:
        """Whether a case's page says that nothing was found for some need."""
        return bool(self._root.xpath(".//*[@id='not-found']"))

    @property
    def is_matched(self) -> bool:
        """Whether matching has had its word about a case."""
        return self.not_found or bool(self.proposals)

    @property
    def search(self) -> str:
        """What a case's page says about services, to see whether it says something else."""
        return self._text(".//*[@id='proposals']")

    @property
    def exhausted(self) -> bool:
        """Whether everybody chosen was asked in vain."""
        return any("No choice is left" in label for label in self._all(".//section/@aria-label"))

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """What a case's page proposes, in its order."""
        return tuple(self._proposals())

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Who was asked about a case."""
        rows = self._root.xpath(".//*[@id='offers']//li[@data-offer]")
        return tuple(Asked(row.get("data-offer"), _inner(row, ".//strong"), row.get("data-standing")) for row in rows)

    @property
    def standing(self) -> str:
        """How an offer stands, on its own page."""
        return self._first(".//*[@id='offer']/@data-standing")

    @property
    def offered_service(self) -> str:
        """Which service an offer is about, on its own page."""
        return self._text(".//*[@id='offer']//dd[1]")

    @property
    def shared(self) -> tuple[str, ...]:
        """What an organisation is told of a person, by the ids of the facts."""
        return tuple(name.removeprefix("shared-") for name in self._all(".//*[@id='shared']//dd/@id"))

    def _proposals(self) -> Iterator[Proposal]:
        for row in self._root.xpath(".//li[@data-service]"):
            number = int(row.get("id").rpartition("-")[2])
            needs = tuple(str(code) for code in row.xpath(".//select[@name='need']/option/@value"))
            yield Proposal(number, row.get("data-service"), _inner(row, ".//h3"), needs)

    def _all(self, path: str) -> list[str]:
        return [str(found) for found in self._root.xpath(path)]

    def _first(self, path: str) -> str:
        return next(iter(self._all(path)), "")

    def _text(self, path: str) -> str:
        return _inner(self._root, path)


def _inner(element: Any, path: str) -> str:
    found = element.xpath(path)
    return " ".join(str(found[0].text_content()).split()) if found else ""
