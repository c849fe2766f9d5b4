"""The answer being written: items with their quotes, rules and gaps. Knows no entity's fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import squash
from blossomer.services.basic_analysis.facts import Facts

MAX_NOTES = 20
"""Most assumptions and most gaps, as the schema allows."""


@dataclass(slots=True)
class Answer:
    """Collects items. A sentence is used once over all cards; a quote that fails is refused."""

    config: EntityConfig
    facts: Facts
    fields: dict[str, Any] = field(default_factory=dict)
    evidence: list[dict[str, str]] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def is_used(self, text: str) -> bool:
        """Whether a sentence, or one that contains it, stands on a card already."""
        key = squash(text)
        return any(key in used or used in key for used in self._used)

    def is_full(self, card: str) -> bool:
        """Whether a card has as many items as a writer may give."""
        return len(self.fields.get(card, ())) >= self.config.card(card).max_items

    def quoted(self, card: str, item: str, sources: list[tuple[str, str]], says: str = "") -> bool:
        """Add an item that the site's own words support.

        Args:
            card: Field of the card.
            item: The item.
            sources: Quotes with their pages; all of them must stand there.
            says: The sentence that must not be used again, when it is not the first quote.

        Returns:
            False when a quote cannot be verified or the sentence is used: nothing was added.
        """
        sentence = says or sources[0][0]
        if self.is_used(sentence) or not all(self.facts.stands(*source) for source in sources):
            return False
        self._used.add(squash(sentence))
        self.proven(card, item, sources)
        return True

    def support(self, name: str, text: str, sources: list[tuple[str, str]]) -> None:
        """Add quotes for a text of a field."""
        self.evidence += [
            {"field": name, "text": text, "quote": quote, "page_url": url}
            for quote, url in sources
            if self.facts.stands(quote, url)
        ]

    def proven(self, card: str, item: str, sources: list[tuple[str, str]]) -> None:
        """Add an item that is composed of what several quotes say."""
        self.fields.setdefault(card, []).append(item)
        self.support(card, item, sources)

    def inferred(self, card: str, item: str, rule: str) -> None:
        """Add an item that follows from a rule, and state the rule."""
        self.fields.setdefault(card, []).append(item)
        self.assume(rule)

    def unknown(self, card: str, item: str, gap: str) -> None:
        """Add an item that says what the site does not tell."""
        self.fields.setdefault(card, []).append(item)
        self.gap(gap)

    def assume(self, rule: str) -> None:
        """State a rule that was applied."""
        if rule not in self.assumptions:
            self.assumptions.append(rule)

    def gap(self, gap: str) -> None:
        """State what should be found out."""
        if gap not in self.gaps:
            self.gaps.append(gap)

    def finish(self, only: str | None = None) -> dict[str, Any]:
        """The answer in the shape of the entity's schema, or of one card's."""
        confidence = {
            card.key: self._confidence(card.key)
            for card in self.config.cards
            if only in (None, card.key)
        }
        if only:
            return {
                only: self.fields[only],
                "evidence": [entry for entry in self.evidence if entry["field"] == only],
                "confidence": confidence,
            }
        return {
            **self.fields,
            "evidence": self.evidence,
            "confidence": confidence,
            "assumptions": self.assumptions[:MAX_NOTES],
            "discovery_gaps": self.gaps[:MAX_NOTES],
        }

    def _confidence(self, card: str) -> str:
        """Medium when most items are quoted: which question a sentence answers stays a guess."""
        items = self.fields[card]
        quoted = {entry["text"] for entry in self.evidence if entry["field"] == card}
        return "medium" if sum(item in quoted for item in items) * 2 > len(items) else "low"
