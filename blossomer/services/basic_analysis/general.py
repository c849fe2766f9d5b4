"""The writer for entities without a writer of their own, from their configuration alone.

It knows no entity's questions, so it claims little: a card takes the site's statements that share
words with what the card is called, with the person's words and with the documents above. Where
nothing fits, the card says so, and most of structured content stays empty rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from blossomer.entities.attributes import NOT_STATED, Attribute, least_value
from blossomer.entities.base import GeneratedEntity
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.items import texts_of
from blossomer.entities.regenerate import put_value
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.company import company_name, say_what_limits
from blossomer.services.basic_analysis.facts import Statement
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.text import (
    capitalised,
    clean,
    end_with_stop,
    is_meaningful,
    sentences,
)

CARD_WEIGHT = 3.0
"""A word of the card says what is asked; one from above says only what it is all about."""

MOST_SAID = 6
"""Sentences of the person's that are put on cards; the rest would crowd out the site."""


def write_general(material: Material) -> Answer:
    """Write any entity from a website by rules that know nothing but its configuration."""
    config, inputs, website = material.config, material.inputs, material.website
    answer = Answer(config, material.facts)
    say_what_limits(answer)
    answer.assume(
        f"There are no rules for a {config.label.lower()}: each card has statements of the site "
        "that share words with the card, with what you wrote or with what is above it. Whether "
        "they answer the card's question was not judged."
    )
    name = inputs.get(config.name_field, "").strip()
    said = list(_said(config, inputs))[:MOST_SAID]
    above = " ".join(text for data in material.context.values() for text in _written(data))
    kind = inputs.get(config.kind_field, "") or (config.kinds[0].value if config.kinds else "")
    for key, field in config.writer_schema(kind).model_fields.items():
        if key not in GeneratedEntity.model_fields:
            answer.fields[key] = least_value(field)
    if config.kind_field:
        answer.fields[config.kind_field] = kind

    seller = company_name(website, answer.facts)
    answer.fields[config.name_field] = (name or f"{config.label} of {seller}")[:200]
    _Cards(answer, Focus(" ".join([name, *said]), above), said).write(kind)
    _write_description(answer, seller, Focus(name, above))
    if config.url_field:
        answer.fields[config.url_field] = website.url
    return answer


@dataclass(frozen=True, slots=True)
class _Cards:
    """Fills the cards of one document.

    Args:
        answer: The answer so far.
        topic: What the document is about.
        said: The person's sentences.
    """

    answer: Answer
    topic: Focus
    said: list[str]

    def write(self, kind: str) -> None:
        """Fill every card of a kind of document, each at its place in the data."""
        for card in self.answer.config.cards_of(kind):
            # The schema's fewest items, of which each says that nothing is known.
            value: Any = card.value(self.answer.fields)
            if card.shape == "record":
                value = self._record(card)
            elif card.record is not None:
                found = self._records(card, card.record)
                value = [*found, *value[len(found) :]]
            else:
                value = self._texts(card) or [NOT_STATED]
            put_value(card, self.answer.fields, value)

    def _texts(self, card: Card) -> list[str]:
        asked = _asked(card)
        items: list[str] = []
        for text in self.said:
            if len(items) < card.max_items and asked.weigh(text) and not self.answer.is_used(text):
                self.answer.use(text)
                self.answer.assume("In your words: what you wrote, as you wrote it.")
                items.append(f"In your words: {end_with_stop(text)}")
        missing = max(card.min_items, 1) - len(items)
        items += [self._quote(card, statement) for statement in self._fitting(asked)[:missing]]
        if not items:
            self._ask(card)
        return items

    def _records(self, card: Card, model: type[BaseModel]) -> list[dict[str, Any]]:
        """Records whose first text is the site's. The rest of them nobody has said."""
        empty = {name: least_value(field) for name, field in model.model_fields.items()}
        first = next((a for a in card.attributes if a.kind in ("text", "long_text")), None)
        self._ask(card)
        if first is None:
            return []
        found = self._fitting(_asked(card), first)[: max(card.min_items, 1)]
        if found:
            self.answer.assume(f"{card.label}: the site's statements; the rest is left to you.")
        return [{**empty, first.name: self._quote(card, statement)} for statement in found]

    def _record(self, card: Card) -> dict[str, Any]:
        """The long texts of a record of which the site speaks; short ones are values, not prose."""
        found: dict[str, Any] = {}
        for attribute in card.attributes:
            asked = Focus(f"{attribute.label} {attribute.help}")
            best = self._fitting(asked, attribute, at_least=CARD_WEIGHT)
            if attribute.kind == "long_text" and best:
                found[attribute.name] = self._quote(card, best[0])
        if len(found) < len(card.attributes):
            self._ask(card)
        return found

    def _fitting(
        self, asked: Focus, attribute: Attribute | None = None, at_least: float = 0.01
    ) -> list[Statement]:
        """Unused statements about what is asked or about the topic, the best first."""
        most = attribute.writer_longest if attribute else 0
        return [
            statement
            for value, statement in _weighed(self.answer, asked, self.topic)
            if value >= at_least and (not most or len(end_with_stop(statement.text)) <= most)
            if not self.answer.is_used(statement.text)
        ]

    def _quote(self, card: Card, statement: Statement) -> str:
        """The statement as an item with its evidence; no other card has it then."""
        text = end_with_stop(statement.text)
        self.answer.use(statement.text)
        self.answer.support(card.at[0], text, [(statement.text, statement.url)])
        return text

    def _ask(self, card: Card) -> None:
        self.answer.gap(f"{card.label}: {card.empty or card.subtitle}")


def _write_description(answer: Answer, seller: str, topic: Focus) -> None:
    config = answer.config
    name = answer.fields[config.name_field]
    text = end_with_stop(
        name if seller in name else f"{name}, a {config.label.lower()} of {seller}"
    )
    best = next((s for value, s in _weighed(answer, topic, topic) if value > 0), None)
    if best is not None:
        text += f" The site says: “{best.text.strip('“”„')}”"
        answer.support("description", text, [(best.text, best.url)])
    answer.fields["description"] = text


def _weighed(answer: Answer, asked: Focus, topic: Focus) -> list[tuple[float, Statement]]:
    """The statements that can be quoted, each with how much it is about it, the best first."""
    found = []
    for statement in answer.facts.statements:
        text = f"{statement.heading} {statement.text}"
        value = CARD_WEIGHT * asked.weigh(text) + topic.weigh(text)
        if answer.facts.stands(statement.text, statement.url):
            found.append((value, statement))
    return sorted(found, key=lambda pair: (-pair[0], pair[1].order))


def _asked(card: Card) -> Focus:
    return Focus(" ".join([card.label, card.subtitle, *(a.label for a in card.attributes)]))


def _said(config: EntityConfig, inputs: Mapping[str, str]) -> Iterator[str]:
    """What the person wrote, sentence by sentence: neither the name nor the website's text."""
    for field in config.form.fields:
        if field.kind not in ("text", "textarea") or field.name in (
            config.name_field,
            "pasted_text",
        ):
            continue
        for paragraph in inputs.get(field.name, "")[:4_000].splitlines():
            for text in sentences(clean(paragraph)):
                if is_meaningful(text):
                    yield capitalised(text)[:400]


def _written(data: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a document above, without what is known about them."""
    for name, value in data.items():
        if name not in GeneratedEntity.model_fields and name not in ("provenance", "basis"):
            yield from texts_of(value)
