"""The words that preferences may be made of, so that no free text slips onto an event."""

from shared.needs import NEEDS

ACCESS = frozenset({
    "accessible-toilet", "buggy-friendly", "captions", "creche", "dementia-friendly", "easy-read", "evening",
    "hearing-loop", "hoist", "home-visit", "interpreter", "large-print", "level-path", "near-bus", "online", "parking",
    "phone", "quiet-room", "sign-language", "step-free", "transport", "weekend", "wheelchair-vehicle",
})  # fmt: skip
"""What eases access, in the words that directories use."""

INTERESTS = frozenset(NEEDS)
"""What somebody likes doing is told in the codes of needs, as gardening or music-and-singing."""
