"""Says whether two records of different directories are one service: by named parts, or a doubt for a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from matching.directory.imports.traits import Traits

SAME = 8.0
"""From this score on two records are one service, if nothing stands against it."""

DOUBT = 5.5
"""From this score on a person is asked."""

ALIKE = 0.5
"""Names under this likeness are of different services, whatever else they share: one charity offers many."""

CLOSE = 0.75
"""Names under this likeness are at most in doubt."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one trait says, in points and in words."""

    name: str
    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two records are one service; `against` is what keeps them apart although the score would not."""

    answer: Literal["same", "in-doubt", "different"]
    score: float
    parts: tuple[Part, ...]
    against: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """What was found, in sentences, with what stands against it first."""
        return (*self.against, *(part.reason for part in self.parts if part.reason))


DIFFERENT = Verdict("different", 0.0, ())


def compare(one: Traits, other: Traits) -> Verdict:
    """Compare two records; the answer is the same whichever comes first."""
    alike = likeness(one.name, other.name)
    if alike < ALIKE:
        return DIFFERENT
    parts = tuple(part for judged in PARTS if (part := judged(one, other)))
    score = round(sum(part.points for part in parts), 3)
    against = tuple(_against(one, other, alike))
    if score >= SAME and not against:
        return Verdict("same", score, parts)
    return Verdict("in-doubt" if score >= DOUBT else "different", score, parts, against)


def _against(one: Traits, other: Traits, alike: float) -> list[str]:
    """Say what no score outweighs: two branches of one thing share everything but this."""
    told = []
    if alike < CLOSE:
        told.append("The names differ by much.")
    elif all(leftover(a.name, b.name) for a, b in ((one, other), (other, one))):
        told.append("Each name has a word that the other has not.")
    if one.postcodes and other.postcodes and not {*one.postcodes} & {*other.postcodes}:
        told.append("They are at different postcodes.")
    if one.charity and other.charity and one.charity != other.charity:
        told.append("The charity numbers differ.")
    return told


def _name(one: Traits, other: Traits) -> Part:
    alike = likeness(one.name, other.name)
    if one.name == other.name:
        return Part("name", 5.0, "The names are the same.")
    return Part("name", 4.0 if alike >= CLOSE else 2.0, "The names are alike.")


def _organisation(one: Traits, other: Traits) -> Part:
    alike = likeness(one.organisation, other.organisation)
    if alike == 1:
        return Part("organisation", 2.0, "The organisations have the same name.")
    if alike >= ALIKE:
        return Part("organisation", 1.0, "The organisations' names are alike.")
    named_so = any(
        {*a.organisation} <= {*b.name, *b.organisation} for a, b in ((one, other), (other, one)) if a.organisation
    )
    return Part("organisation", 0.0 if named_so else -2.0, "" if named_so else "The organisations' names differ.")


def _shared(name: str, points: float, differ: float, said: str) -> Callable[[Traits, Traits], Part | None]:
    """Make a part that compares a list of theirs: something in common, or nothing although both have some."""

    def part(one: Traits, other: Traits) -> Part | None:
        ours, theirs = {*getattr(one, name)}, {*getattr(other, name)}
        if ours & theirs:
            return Part(name, points, f"They have {said} in common.")
        return Part(name, differ, f"They have no {said.split(' ', 1)[1]} in common.") if ours and theirs else None

    return part


def _charity(one: Traits, other: Traits) -> Part | None:
    if not one.charity or not other.charity:
        return None
    same = one.charity == other.charity
    return Part("charity", 2.0 if same else -3.0, f"The charity numbers {'are the same' if same else 'differ'}.")


def _web(one: Traits, other: Traits) -> Part | None:
    if {*one.pages} & {*other.pages}:
        return Part("web", 3.0, "They have a web page in common.")
    return _HOST(one, other)


def _mail(one: Traits, other: Traits) -> Part | None:
    if {*one.mails} & {*other.mails}:
        return Part("mail", 2.0, "They have a mail address in common.")
    return _DOMAIN(one, other)


def _reference(one: Traits, other: Traits) -> Part | None:
    if one.reference and one.reference == other.reference:
        return Part("reference", 5.0, "Both directories know it by the same id.")
    return None


_HOST = _shared("hosts", 1.5, -0.5, "a web site")
_DOMAIN = _shared("domains", 1.0, 0.0, "a mail domain")

PARTS: tuple[Callable[[Traits, Traits], Part | None], ...] = (
    _name,
    _organisation,
    _shared("postcodes", 2.0, -2.0, "a postcode"),
    _shared("phones", 2.0, -1.0, "a telephone number"),
    _charity,
    _web,
    _mail,
    _reference,
)
"""Every part, in the order in which reasons are told; a score is their sum and nothing else."""


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return how many words two names share, from 0 to 1 (Dice's coefficient), a slip of a letter forgiven.

    Names without one word in common are not alike, whatever slips would make of them: most pairs end here.
    """
    if not {*one} & {*other}:
        return 0.0
    missing = max(len(leftover(one, other)), len(one) - len(other) + len(leftover(other, one)))
    return 2 * (len(one) - missing) / (len(one) + len(other))


def leftover(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of the first that the other has not, nor one that is a slip of it."""
    theirs = {*other}
    return tuple(
        word for word in one if word not in theirs and not any(slip(word, their) for their in theirs.difference(one))
    )


def slip(one: str, other: str) -> bool:
    """Say whether two words of letters, five or more, differ by one letter put in, left out, changed or swapped."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) < 5 or len(long) - len(short) > 1 or not (one + other).isalpha():
        return False
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1]
    return short[at + 1 :] == long[at + 1 :] or (swapped and short[at + 2 :] == long[at + 2 :])
