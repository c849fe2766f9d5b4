"""Examples for entities that nobody has written any for, in the words of their configuration."""

from __future__ import annotations

from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.attributes import Attribute, least_value
from blossomer.entities.base import GeneratedEntity
from blossomer.entities.config import Card, EntityConfig, FormField
from blossomer.entities.regenerate import put_value
from blossomer.services.inputs import is_asked


def derived_body(config: EntityConfig) -> dict[str, Any]:
    """What a caller could send: every field of the form that is asked for with what is chosen."""
    body: dict[str, Any] = {}
    for field in config.form.fields:
        if field.name != "pasted_text" and is_asked(field, body):
            body[field.name] = _input(field)
    for parent in config.parents:
        name_field = ENTITIES[parent.entity].name_field
        body[parent.entity] = {name_field: f"Acme's {parent.entity}", "description": "In short."}
    return body


def derived_result(config: EntityConfig) -> dict[str, Any]:
    """What a caller could get, as the entity's schema keeps it, without evidence."""
    kind = config.kinds[0].value if config.kinds else ""
    data: dict[str, Any] = {
        name: least_value(field)
        for name, field in config.writer_schema(kind).model_fields.items()
        if name not in GeneratedEntity.model_fields
    }
    if config.kind_field:
        data[config.kind_field] = kind
    for card in config.cards_of(kind):
        put_value(card, data, _held(card))
    data[config.name_field] = f"A {config.label.lower()}"
    data["description"] = f"What the {config.label.lower()} is, in one or two sentences."
    return config.data_model.model_validate(data).model_dump(mode="json")


def _input(field: FormField) -> str:
    if field.options:
        return field.options[0].value
    example = "acme.example" if field.name == "website_url" else field.placeholder or field.label
    return example[: field.max_length]


def _held(card: Card) -> Any:
    if card.shape == "record":
        return {each.name: _value(each) for each in card.attributes}
    if card.record is None:
        return [f"{card.label}, {number}." for number in range(1, card.min_items + 1)]
    return [
        {
            **{name: least_value(field) for name, field in card.record.model_fields.items()},
            **{each.name: _value(each) for each in card.attributes},
        }
        for _ in range(card.min_items)
    ]


def _value(attribute: Attribute) -> Any:
    match attribute.kind:
        case "choice":
            return attribute.options[-1]
        case "choices":
            return [attribute.options[-1]]
        case "tags":
            return [attribute.label]
        case "number":
            return max(attribute.least, 1)
        case _:
            return (attribute.help or attribute.label)[: attribute.writer_longest]
