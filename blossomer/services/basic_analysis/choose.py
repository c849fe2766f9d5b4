"""Choosing the statement that answers a question best, by cues, and showing who said it."""

from __future__ import annotations

import re

from blossomer.entities.evidence import squash
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.cues import Cue, score
from blossomer.services.basic_analysis.facts import Facts, Statement
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.text import end_with_stop

FOCUS_WEIGHT = 0.9
"""What each telling word in common is worth beside the cues, whose weights are 1 to 4."""

_LEANS_ON_BEFORE = re.compile(
    r"^[“\"‘']?(?:this|that|these|those|it|they|he|she|his|her|their|its|but|and|so|or|because|then|also|"
    r"however|therefore|thus|moreover|additionally|furthermore|plus|instead|here|there|both|such|"
    r"another|others?|for example|for instance|as a result|in addition|in this|with this|on the "
    r"other|once|after that|yes|no|well|again|first|second|third|finally|next|lastly)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:I|I['’]\w+|my|me)\b")


def best(
    answer: Answer,
    cues: tuple[Cue, ...],
    *,
    at_least: float,
    roles: tuple[str, ...] = ("text", "testimonial"),
    own: float = 0.0,
    focus: Focus | None = None,
) -> list[Statement]:
    """Unused statements with enough of the cues, the best first.

    Args:
        answer: The answer so far; what stands on it is not offered again.
        cues: What to look for.
        at_least: Lowest score of the cues alone.
        roles: Roles of the sections to look in.
        own: What it is worth that the company speaks of itself, by name or as "we".
        focus: What a statement should rather be about; it never makes up for missing cues.
    """
    name = re.escape(str(answer.fields.get("company_name", "")) or "we")
    self_speaks = re.compile(rf"\b(?:{name}|we|our)\b", re.IGNORECASE).search
    ranked: list[tuple[float, Statement]] = []
    for statement in answer.facts.statements:
        if statement.role not in roles:
            continue
        value = score(statement.text, cues)
        if own and self_speaks(statement.text):
            value += own
        if value >= at_least:
            lean = (
                FOCUS_WEIGHT * focus.weigh(f"{statement.heading} {statement.text}") if focus else 0
            )
            ranked.append((value + lean + _fitness(statement), statement))
    ranked.sort(key=lambda pair: (-pair[0], pair[1].order))
    return [
        statement for value, statement in ranked if value > 0 and not answer.is_used(statement.text)
    ]


def shown(statement: Statement, facts: Facts) -> str:
    """The statement as it stands on a card: a customer's words in quotes, with their name."""
    if statement.role != "testimonial" and statement.text[0] not in '“„"':
        return end_with_stop(statement.text)
    key = squash(statement.text)
    credit = next((s.credit for s in facts.speakers if key in squash(s.said)), "quoted on the site")
    said = statement.text.strip('“”„"')
    return f"“{said}” ({credit})"


def _fitness(statement: Statement) -> float:
    """How well a statement stands alone, whatever it says."""
    value = -0.01 * statement.order - max(0, len(statement.text) - 150) / 60
    if _LEANS_ON_BEFORE.match(statement.text):
        value -= 3
    if statement.role != "testimonial" and _FIRST_PERSON.search(statement.text):
        value -= 2
    if statement.kind == "other":
        value -= 0.5
    if not statement.text.endswith((".", "!", "”")):
        value -= 0.7
    if statement.place == 0:
        value += 0.3
    return value
