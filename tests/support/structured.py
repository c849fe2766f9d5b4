"""Data of any entity, made from its configuration: something on every card, each text another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.attributes import Attribute
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.document import Document, new_document

INPUTS = {"website_url": "https://acme.example"}


def all_kinds() -> Iterator[tuple[EntityConfig, str]]:
    """Every entity with each of its kinds; an empty kind where it has none."""
    for config in ENTITIES.values():
        if not config.kinds:
            yield config, ""
        for kind in config.kinds:
            yield config, kind.value


def all_cards() -> dict[str, tuple[EntityConfig, str, Card]]:
    """Each card of every entity and kind, by a name for the list of tests."""
    return {
        "-".join(filter(None, (config.entity, kind, card.key))): (config, kind, card)
        for config, kind in all_kinds()
        for card in config.cards_of(kind)
    }


def full_data(config: EntityConfig, kind: str = "", records: int = 3) -> dict[str, Any]:
    """The data of a document that has everything, as the entity's schema keeps it.

    Args:
        config: The entity.
        kind: Which of its kinds.
        records: How many items there are on a card.
    """
    raw: dict[str, Any] = {
        config.name_field: f"Sample {config.label.lower()}",
        "description": f"What there is to say about this {config.label.lower()}.",
    }
    if config.url_field:
        raw[config.url_field] = "https://acme.example/"
    if config.kind_field:
        raw[config.kind_field] = kind
    for card in config.cards_of(kind):
        put_value(raw, card, _value(card, records))
    return config.data_model.model_validate(raw).model_dump(mode="json")


def full_document(config: EntityConfig, kind: str = "", records: int = 3) -> Document:
    """A document with such data, right after its generation."""
    return new_document(config, "a" * 24, full_data(config, kind, records), INPUTS)


def put_value(data: dict[str, Any], card: Card, value: Any) -> None:
    """Make a card of the data hold a value, changing nothing beside it."""
    node = data
    for key in card.at if card.shape == "record" else card.at[:-1]:
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
    if card.shape == "record":
        node.update(value)
    else:
        node[card.at[-1]] = value


def _value(card: Card, records: int) -> Any:
    if card.shape == "record":
        return _record(card, 1)
    if card.shape == "texts":
        return [f"{card.label}: sentence {n} of the card." for n in range(1, records + 1)]
    return [_record(card, n) for n in range(1, records + 1)]


def _record(card: Card, number: int) -> dict[str, Any]:
    record = {a.name: _attribute(a, number) for a in card.attributes}
    if card.shape == "segments":
        record["id"] = f"s{number}"
    return record


def _attribute(attribute: Attribute, number: int) -> Any:
    if attribute.kind == "number":
        return attribute.least + number
    if attribute.kind == "choice":
        return attribute.options[number % len(attribute.options)]
    if attribute.kind == "choices":
        return list(attribute.options[number : number + 2])
    if attribute.kind == "tags":
        return [f"{attribute.label} {number}.{n}" for n in (1, 2, 3)]
    return f"{attribute.label}, number {number}"
