"""Short names for what a sentence is about, so that items of a card are told apart at a glance."""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re
from collections.abc import Sequence

_CHALLENGES: tuple[tuple[str, str], ...] = (
    ("Errors", r"\b(?:wrong|errors?|mistakes?|double|incorrect|inaccura\w+|twice)\b"),
    ("Work by hand", r"\b(?:by hand|manual\w*|spreadsheets?|paper\w*|excel|whiteboard|typing|copying)\b"),
    ("Lost time", r"\b(?:hours?|days?|waste\w*|time[- ]consuming|slow\w*|wait\w*)\b"),
    ("Delays", r"\b(?:late|delay\w*|overdue|backlog|missed|held up|deadline)\b"),
    ("Lost money", r"\b(?:cost\w*|pay|paid|money|expens\w+|revenue|fees?|fines?|[$€£])"),
    ("Risk", r"\b(?:risk\w*|fraud|complian\w+|audit\w*|breach\w*|threat\w*|penalt\w+|secur\w+)\b"),
    ("Complexity", r"\b(?:complex\w*|rules|many|several|versions?|scattered|silos?|fragment\w+|confus\w+|change every)\b"),
    ("Too few people", r"\b(?:shortage|staff|hir(?:e|ing)|turnover|burn-?out|overwhelm\w*|stress\w*)\b"),
    ("Blind spots", r"\b(?:visib\w+|see|unknown|insight|guess\w*|trust)\b"),
)  # fmt: skip
_PATTERNS = tuple((label, re.compile(words)) for label, words in _CHALLENGES)
CHALLENGE_LABELS = frozenset(label for label, _ in _CHALLENGES)
_REST = ("Problem", "Further problem", "Also", "Besides", "Last")


def challenge_label(text: str, items: Sequence[str]) -> str:
    """What a problem is about; never a label that one of the items has already."""
    taken = {item.partition(":")[0] for item in items}
    lowered = text.lower()
    for label, pattern in _PATTERNS:
        if label not in taken and pattern.search(lowered):
            return label
    return next((label for label in _REST if label not in taken), "Problem")
