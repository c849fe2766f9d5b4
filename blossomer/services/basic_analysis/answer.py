"""The answer being written: items with their quotes, rules and gaps. Knows no entity's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.evidence import squash
from blossomer.entities.items import texts_of
from blossomer.services.basic_analysis.facts import Facts

MAX_NOTES = 20
"""Most assumptions and most gaps, as the schema allows."""

MAX_LABELS = 400
"""Characters of the items that one rule is stated for."""

MAX_QUOTES = 120
"""Most quotes, as the schema allows."""


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

    def own(self, card: str, item: str, said: str, rule: str) -> None:
        """Add an item in the person's own words, which no other card then repeats."""
        self._used.add(squash(said))
        self.inferred(card, item, rule)

    def use(self, text: str) -> None:
        """Keep a sentence from other cards, because it is said in another place already."""
        self._used.add(squash(text))

    def unknown(self, card: str, item: str, gap: str) -> None:
        """Add an item that says what the site does not tell."""
        self.fields.setdefault(card, []).append(item)
        self.gap(gap)

    def assume(self, rule: str) -> None:
        """State a rule that was applied. Items that follow from one rule are named together."""
        label, colon, text = rule.partition(": ")
        for place, known in enumerate(self.assumptions):
            labels, _, same = known.partition(": ")
            if known == rule:
                return
            if colon and same == text and len(labels) + len(label) < MAX_LABELS:
                if label not in labels.split("; "):
                    self.assumptions[place] = f"{labels}; {label}: {text}"
                return
        self.assumptions.append(rule)

    def gap(self, gap: str) -> None:
        """State what should be found out."""
        if gap not in self.gaps:
            self.gaps.append(gap)

    def finish(self, only: str | None = None) -> dict[str, Any]:
        """The answer in the shape of the entity's schema, or of one card's."""
        kind = self.config.kind_of(self.fields)
        if only:
            card = self.config.card(only)
            held = card.value(self.fields)
            said = set(texts_of(held))
            evidence = [
                {**entry, "field": only}
                for entry in self.evidence
                if entry["field"] in (only, card.at[0]) and entry["text"] in said
            ]
            return {
                only: held,
                "evidence": evidence,
                "confidence": {only: self._confidence(card)},
            }
        fields = {key: value for key, value in self.fields.items() if key != self.config.kind_field}
        confidence: dict[str, str] = {}
        for card in self.config.cards_of(kind):
            # Cards that stand in one field share its confidence: the lowest of theirs.
            level = self._confidence(card)
            if confidence.get(card.at[0], "medium") == "medium":
                confidence[card.at[0]] = level
        return {
            **fields,
            "evidence": self.evidence[:MAX_QUOTES],
            "confidence": confidence,
            "assumptions": self.assumptions[:MAX_NOTES],
            "discovery_gaps": self.gaps[:MAX_NOTES],
        }

    def _confidence(self, card: Card) -> str:
        """Medium when most items are quoted: which question a sentence answers stays a guess."""
        held = card.value(self.fields)
        items = list(held.values()) if isinstance(held, Mapping) else held
        quoted = {entry["text"] for entry in self.evidence if entry["field"] == card.at[0]}
        proven = sum(not quoted.isdisjoint(texts_of(item)) for item in items)
        return "medium" if proven * 2 > len(items) else "low"
