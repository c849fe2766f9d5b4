"""What a text should be about: the words of an account, a persona or a note, compared by stems."""

from __future__ import annotations

import re
from collections.abc import Iterable

from blossomer.services.basic_analysis.patterns import COMMON_WORDS

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_STEM = 6
"""Letters that make two words one: "manufacturers" and "manufacturing". Longer stems part them,
shorter ones join strangers ("contract" and "control")."""

_SAYS_NOTHING = frozenset(
    [
        "team",
        "teams",
        "company",
        "companies",
        "business",
        "businesses",
        "customer",
        "customers",
        "software",
        "platform",
        "head",
        "heads",
        "manager",
        "managers",
        "director",
        "directors",
        "lead",
        "leads",
        "leader",
        "leaders",
        "people",
        "person",
        "they",
        "them",
        "today",
        "year",
        "years",
        "month",
        "months",
        "week",
        "weeks",
        "day",
        "days",
        "many",
        "most",
        "some",
        "each",
        "such",
        "would",
        "could",
        "because",
        "need",
        "needs",
        "want",
        "wants",
        "use",
        "uses",
        "used",
        "using",
        "get",
        "gets",
        "site",
        "website",
        "kind",
        "often",
    ]
)
_MOST_HITS = 4


def stems(text: str) -> list[str]:
    """The stems of a text's telling words, in order."""
    found = []
    for word in _WORD.findall(text[:4_000].lower()):
        if len(word) < 3 or word in COMMON_WORDS or word in _SAYS_NOTHING:
            continue
        found.append(word[:_STEM] if len(word) > _STEM else word.rstrip("s"))
    return found


class Focus:
    """Words that texts are weighed by.

    Args:
        texts: What they are taken from, the most important first; later ones weigh half as much.
    """

    def __init__(self, *texts: str) -> None:
        self._weights: dict[str, float] = {}
        for place, text in enumerate(texts):
            for stem in stems(text):
                self._weights.setdefault(stem, 1.0 if place == 0 else 0.5)

    def weigh(self, text: str) -> float:
        """How much a text is about it: 0 for nothing in common, at most 4."""
        if not self._weights:
            return 0.0
        hits = {stem: self._weights[stem] for stem in stems(text) if stem in self._weights}
        return min(float(_MOST_HITS), sum(hits.values()))


def is_alike(one: str, others: Iterable[str]) -> bool:
    """Whether a text has the same telling words as another, or only some of them."""
    own = set(stems(one))
    for other in others:
        known = set(stems(other))
        # A text without any telling word is like itself only.
        is_within = bool(own and known) and (own <= known or known <= own)
        if is_within or one.lower() == other.lower():
            return True
    return False
