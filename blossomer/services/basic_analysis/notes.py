"""The person's own words, sorted to the cards they speak to. They come before the website."""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass, field

from blossomer.services.basic_analysis.cues import ORGANISATIONS
from blossomer.services.basic_analysis.text import capitalised, clean, is_meaningful, sentences

_TOPICS: tuple[tuple[str, str], ...] = (
    ("objections", r"\b(?:objections?|concerns?|worr(?:y|ies|ied)|push\ ?back|hesitat\w+|sceptical|skeptical)\b"),
    ("personas", r"\b(?:CEOs?|CFOs?|CTOs?|COOs?|CMOs?|VPs?|heads?\ of|directors?|managers?|founders?|"
     r"owners?|controllers?|buyers?\ are|decision[- ]makers?|champions?)\b"),
    ("accounts", r"\b(?:sell(?:ing|s)?\ to|target(?:ing|s)?|customers?\ (?:are|is|range)|for|serve|ideal\ customers?|ICP)\b.*\b"
     + ORGANISATIONS + r"\b"),
    ("customers", r"\b(?:our|current|existing|paying|first)\ (?:[\w-]+\ )?(?:customers?|clients?)\b|\d+\ (?:customers|clients)\b"),
    ("model", r"\b(?:subscriptions?|pric(?:e|es|ing)|charge|per\ (?:seat|user|month|year)|freemium|licen[cs]e|commission|revenue)\b"),
    ("problem", r"\b(?:problems?|pains?|struggl\w+|manual(?:ly)?|spreadsheets?|waste)\b"),
    ("approach", r"\b(?:unlike|differen\w+|unique|compet\w+|alternatives?|instead\ of|better\ than)\b"),
    ("description", r"^(?:we|our\ (?:company|product|software|platform|app)|it)\b.*\b(?:are|is|make|build|help|offer|provide|sell|do)\b"),
)  # fmt: skip
_TOPIC_PATTERNS = [(key, re.compile(p, re.IGNORECASE | re.VERBOSE)) for key, p in _TOPICS]


@dataclass(slots=True)
class Notes:
    """What the person wrote, sentence by sentence, each under one topic or none."""

    by_topic: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    def take(self, topic: str) -> str:
        """The next sentence for a topic, which then counts as used; empty when there is none."""
        waiting = self.by_topic.get(topic)
        return waiting.pop(0) if waiting else ""

    def unused(self) -> list[str]:
        """Sentences that no card took."""
        return [text for texts in self.by_topic.values() for text in texts] + self.rest


def read_notes(context: str) -> Notes:
    """Sort a person's note. Shrugs and keys struck at random are ignored."""
    notes = Notes()
    for paragraph in context.splitlines():
        for text in sentences(clean(paragraph)):
            if not is_meaningful(text):
                continue
            said = capitalised(text)[:400]
            topic = next((key for key, pattern in _TOPIC_PATTERNS if pattern.search(text)), None)
            if topic:
                notes.by_topic.setdefault(topic, []).append(said)
            else:
                notes.rest.append(said)
    return notes
