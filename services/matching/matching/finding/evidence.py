"""Says why one listing answers a question: each channel's strength, with the field and the words that it rests on."""

from matching.domain import Evidence, Listing
from matching.finding.described import FIELD_WEIGHTS, fields_of, texts_of
from matching.finding.words import words_of

MOST_CITED = 160


def by_text(listing: Listing, word: str, strength: float) -> Evidence:
    """Cite a word, given by its stem, as the field writes it that counts most for it; LookupError where none has it."""
    fields = fields_of(listing)
    counted = {field: FIELD_WEIGHTS[field] * words_of(text).count(word) for field, text in fields.items()}
    field = max(counted, key=lambda name: (counted[name], name))
    for written in fields[field].split():
        if word in words_of(written):
            return Evidence("text", strength, field, written.strip(".,;:()'\"").lower())
    raise LookupError("the index says that a listing has a word that its fields do not have")


def by_meaning(listing: Listing, nearest: int, strength: float) -> Evidence:
    """Cite the name (0) or the piece of the description (from 1) that is nearest."""
    cited = texts_of(listing)[1 + nearest] if nearest else listing.name  # without its other name, which is no field's
    short = cited if len(cited) <= MOST_CITED else cited[: MOST_CITED - 1].rstrip() + "…"
    return Evidence("meaning", strength, "name" if nearest == 0 else "description", short)


def by_label(label: str, strength: float) -> Evidence:
    """Cite what the directory files it under."""
    return Evidence("label", strength, "labels", label)
