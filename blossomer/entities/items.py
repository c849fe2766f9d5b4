"""Items of a card: how one is told from another, and how it reads as text.

``provenance.edited`` names the items of a card that a person wrote or changed: texts by themselves,
records by ``item_key``, and of a card that is one record the names of its attributes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from blossomer.entities.attributes import Attribute
from blossomer.entities.config import Card


def item_key(item: Any) -> str:
    """What tells an item from the others of its card: the text itself, or all of a record."""
    if isinstance(item, str):
        return item
    return json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def is_empty(value: Any) -> bool:
    """Whether a value, or all of a record's values, say nothing."""
    if isinstance(value, Mapping):
        return all(is_empty(inner) for name, inner in value.items() if name != "id")
    if isinstance(value, int):
        return False
    return not value or (isinstance(value, str) and not value.strip())


def item_lines(card: Card, value: Any) -> Iterator[str]:
    """What a card holds as plain lines for a person or a model, one for each item or attribute.

    Args:
        card: The card.
        value: From ``card.value(data)``.
    """
    if card.shape == "record":
        yield from record_lines(card.attributes, value)
        return
    for item in value:
        yield item if isinstance(item, str) else record_text(card.attributes, item)


def record_lines(attributes: tuple[Attribute, ...], record: Mapping[str, Any]) -> Iterator[str]:
    """One line ``Label: value`` for each attribute that says something."""
    for attribute in attributes:
        value = record.get(attribute.name)
        if attribute.kind in ("tags", "choices") and isinstance(value, list):
            text = ", ".join(map(str, value))
        else:
            text = "" if value is None else str(value)
        if text.strip():
            yield f"{attribute.label}: {text}"


def record_text(attributes: tuple[Attribute, ...], record: Mapping[str, Any]) -> str:
    """A record as one text: its first attribute, then the others with their labels."""
    lines = list(record_lines(attributes, record))
    if not lines:
        return ""
    first = lines[0].removeprefix(f"{attributes[0].label}: ")
    return first if len(lines) == 1 else f"{first}. " + "; ".join(lines[1:])


def texts_of(value: Any) -> Iterator[str]:
    """Every text in an item, a record, or a list of them, without ids."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name != "id":
                yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)
