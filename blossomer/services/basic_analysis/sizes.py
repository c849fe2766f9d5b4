"""How large such companies are: employees and revenue, from words and numbers by stated rules."""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = re.compile(
    r"\b(\d[\d,.]*)\s?(?:-|–|to|and|bis)\s?(\d[\d,.]*)\+?\s(?:\w+\s)?(?:employees|people|staff|mitarbeiter\w*)",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:from|over|more than|at least|above|ab)\s(?:about\s)?(\d[\d,.]*)\+?\s(?:\w+\s)?(?:employees|people|staff)",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[str, str], ...] = (
    (r"enterprises?|large (?:\w+ )?(?:companies|organi[sz]ations|businesses)|fortune \d+|several (?:countries|sites)|"
     r"legal entities|multinational|global (?:companies|brands|teams)|groups that", "1000+"),
    (r"mid-?(?:size[d]?|market)|mittelstand", "51-1000"),
    (r"growing (?:\w+ )?(?:companies|businesses|teams)|scale-?ups?|many carriers|more than one site", "51-500"),
    (r"start-?ups?|founders|entrepreneurs", "1-50"),
    (r"small (?:\w+ )?(?:and medium\b|to mid)|smes?\b|smbs?\b|kmu", "11-250"),
    (r"small (?:\w+ ?){0,2}(?:compan\w+|business\w*|teams?|firms|practices|offices)|freelancers|solo|sole trader|"
     r"local business\w*|family[- ]owned|independent", "1-50"),
)  # fmt: skip
_WORD_PATTERNS = tuple(
    (re.compile(rf"\b(?:{words})", re.IGNORECASE), size) for words, size in _WORDS
)

DEFAULT = "11-1000"
"""When nothing is said: large enough to have the problem, small enough to decide."""

_REVENUE_EACH = 0.2
"""Millions of dollars that a company makes with each employee: a common rule of thumb."""


@dataclass(frozen=True, slots=True)
class Size:
    """A range of employees and how it was found.

    Args:
        employees: Such as ``51-500`` or ``1000+``.
        quote: The words that say so; empty when none do.
        rule: The rule, for a person.
    """

    employees: str
    quote: str
    rule: str

    @property
    def revenue(self) -> str:
        """The revenue of companies of this size, at $200,000 for each employee."""
        low, _, high = self.employees.rstrip("+").partition("-")
        if not high:
            return f"${_millions(int(low))}M+"
        if int(low) <= 10:
            return f"Up to ${_millions(int(high))}M"
        return f"${_millions(int(low))}M-${_millions(int(high))}M"


def size_of(name: str, sentences: list[str]) -> Size:
    """The size that a name speaks of, or else the first of the sentences that speaks of one.

    Args:
        name: What such companies are called.
        sentences: What the site says, the sentences about these companies first.
    """
    for place, text in enumerate([name, *sentences]):
        is_name = place == 0
        if found := _counted(text):
            return Size(found, "" if is_name else text, f"the numbers in “{text[:120]}”")
        for pattern, size in _WORD_PATTERNS:
            if match := pattern.search(text):
                rule = f"{size} is how this reads the words “{match[0]}”"
                return Size(size, "" if is_name else text, rule)
    return Size(DEFAULT, "", "the site says nothing of size, so the range is wide")


def _counted(text: str) -> str:
    if match := _NUMBERS.search(text):
        low, high = _whole(match[1]), _whole(match[2])
        return f"{low}-{high}" if 0 < low < high <= 1_000_000 else ""
    if match := _FROM.search(text):
        low = _whole(match[1])
        return f"{low}+" if 0 < low <= 1_000_000 else ""
    return ""


def _whole(digits: str) -> int:
    return int(re.sub(r"\D", "", digits)[:9] or "0")


def _millions(employees: int) -> int:
    return max(1, round(employees * _REVENUE_EACH))
