"""Looks everywhere for what people told us: a name on a topic or in a log is found, wherever it slipped through.

Everything is compared by its words: letters and digits only, case and accents away. What is sought are a person's
fields as a whole, the single words of names, every word of a letter, and every four words of a letter that follow
each other. A word by itself says nothing if it was there before anybody had referred anyone (in the directory, in the
logs of the start), or if it is our own (in our vocabulary, our templates, our source). Four words in a row are excused
only if the directory or a template has just these, and a field with a digit only at the place where it stood before.
"""

import calendar
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from deploy.local.home import PROJECT
from tests.acceptance.people import Input

LEAST_LETTERS = 4
LEAST_DIGITS = 6
RUN = 4
"""Words of a letter in a row that are nobody's but the writer's."""

WORD = re.compile(r"[^\W_]+")
APOSTROPHE = re.compile("['\u2019]")
"""It stands within a word and not between two."""
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrtbf])")
FRACTION = re.compile(r"(?<=:[0-5]\d)\.\d{1,6}")
"""Of the seconds of an instant: noise, in which any six digits come up now and then."""
CAPABILITY = re.compile(r"[A-Za-z0-9_-]{40,}")
"""Signed links and digests: random letters, among which any short word turns up some day."""
HEXADECIMAL = re.compile(r"[0-9a-f]+")

Words = tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """Something to look through, and where it stands; in `noise`, sealed or random, only whole fields count."""

    place: str
    text: str
    noise: bool = False


@dataclass(frozen=True)
class Leak:
    """What was found where; people are invented here, so it may be said."""

    place: str
    what: str
    of: str


@dataclass(frozen=True)
class Sought:
    """Runs of words that must not be found, each with whose they are; those in `whole` are fields.

    `excused` are fields with the places where they stood already: a postcode in the directory is nobody's there.
    """

    runs: Mapping[Words, str]
    whole: frozenset[Words]
    excused: frozenset[tuple[str, Words]] = frozenset()


def words_of(text: str) -> list[str]:
    """Return the words of a text: without case, accents and signs, escapes of JSON and of addresses resolved."""
    if "\\" in text:
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
    text = FRACTION.sub("", text)
    text = APOSTROPHE.sub("", unquote(text) if "%" in text else text)
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return WORD.findall(text.casefold())


def own_words() -> set[str]:
    """Return the words that are ours: of vocabulary, programme, templates and source, and of the calendar."""
    calendar_words = " ".join((*calendar.month_name, *calendar.day_name))
    return {
        word for text in (*_own("*.py", "*.yaml", "*.sql"), *own_templates(), calendar_words) for word in words_of(text)
    }


def own_templates() -> list[str]:
    """Return what mails and pages say to everybody."""
    return list(_own("*.html", "*.txt"))


def _own(*kinds: str) -> Iterator[str]:
    for folder in ("services", "shared", "deploy/local", "deploy/programmes"):
        for kind in kinds:
            yield from (file.read_text("utf-8") for file in (PROJECT / folder).rglob(kind))


def sought(inputs: Sequence[Input], known: set[str], before: Iterable[Text] = ()) -> Sought:
    """Return what is to be looked for: `known` words say nothing alone; `before` anybody was referred, this was there.

    Runs of a text's words that were there are nobody's, and so are fields without a digit: towns, and names of many.
    """
    whole = {run: sent.about for sent in inputs for run in _fields(sent) if len(run) > 1 or not is_plain(run[0], known)}
    parts = {run: sent.about for sent in inputs for run in _parts(sent) if len(run) > 1 or not is_plain(run[0], known)}
    excused = set()
    for leak in find(Sought({**parts, **whole}, frozenset(whole)), before):
        run = tuple(leak.what.split())
        parts.pop(run, None)
        if any(sign.isdecimal() for sign in leak.what):
            excused.add((leak.place, run))
        else:
            whole.pop(run, None)
    return Sought({**parts, **whole}, frozenset(whole), frozenset(excused))


def _fields(sent: Input) -> Iterator[Words]:
    """Give the fields of an input, each in all the ways in which it may be written."""
    for field in sent.fields:
        for written in ways_to_write(field):
            run = tuple(words_of(written))
            if len("".join(run)) >= LEAST_LETTERS:
                yield run


def _parts(sent: Input) -> Iterator[Words]:
    """Give the words of all that was said, and of its texts what follows each other."""
    for word in words_of(" ".join((*sent.texts, *sent.fields))):
        # Words of letters and digits alone are left out: the first half of a postcode may be told.
        if len(word) >= LEAST_LETTERS and (word.isalpha() or word.isdecimal()):
            yield (word,)
    for text in sent.texts:
        words = words_of(text)
        yield from (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def is_plain(word: str, known: set[str]) -> bool:
    """Whether a word alone tells of nobody: it is known, a short number, or could as well be part of an id."""
    if word.isdecimal():
        return len(word) < LEAST_DIGITS
    return word in known or (HEXADECIMAL.fullmatch(word) is not None and len(word) <= 12)


def ways_to_write(field: str) -> Iterator[str]:
    """Give a field as it was sent, and as numbers and dates are also written."""
    yield field
    digits = "".join(sign for sign in field if sign.isdecimal())
    if len(digits) >= 10 and not any(sign.isalpha() for sign in field):  # a telephone or NHS number
        yield digits
        yield f"{digits[:3]} {digits[3:6]} {digits[6:]}"
        yield f"44{digits.removeprefix('0')}"
        yield f"{digits[:5]} {digits[5:]}"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", field):
        born = date.fromisoformat(field)
        yield f"{born:%Y%m%d}"
        yield f"{born:%d/%m/%Y}"
        yield f"{born.day} {born:%B %Y}"


def find(what: Sought, texts: Iterable[Text]) -> list[Leak]:
    """Look through texts and return what was found, each run of words once a place."""
    by_first: dict[str, list[Words]] = defaultdict(list)
    for run in what.runs:
        by_first[run[0]].append(run)
    found: dict[tuple[str, Words], None] = {}
    for text in texts:
        for run in _runs_in(text, by_first, what.whole):
            if (text.place, run) not in what.excused:
                found[text.place, run] = None
    return [Leak(place, " ".join(run), what.runs[run]) for place, run in found]


def _runs_in(text: Text, by_first: Mapping[str, Sequence[Words]], whole: frozenset[Words]) -> Iterator[Words]:
    words = words_of(text.text)
    random = {word for found in CAPABILITY.findall(text.text) for word in words_of(found)}
    for at, word in enumerate(words):
        for run in by_first.get(word, ()):
            alone = len(run) == 1 and not (run in whole and word.isdecimal())
            if alone and (text.noise or word in random):
                continue
            if tuple(words[at : at + len(run)]) == run:
                yield run
