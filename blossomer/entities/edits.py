"""What a person's edit changes in a document, and the marks that say so. Pure.

Shared by the pages' editors and by programs. ``provenance.edited`` names what a person wrote or
changed (``items.py``), so that it stays word for word when something is written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.items import item_key
from blossomer.entities.merge import Change

MOST_NAME = 200
"""Most characters of the name of a document."""

MISSING = object()
"""Stands for a value that is not there, as opposed to None."""


def changes_of_card_edit(
    card: Card, value: Any, opened: Any, data: Mapping[str, Any]
) -> list[Change]:
    """The changes that make a document's card say what a person wants it to say.

    Args:
        card: The card.
        value: What it is to hold: all its items, or the attributes of its one record that change.
        opened: What it held when the person began.
        data: The document's data now; somebody else may have changed it meanwhile.

    Returns:
        None when the card says so already, or the person has changed nothing.
    """
    if card.shape == "record":
        return _changes_of_record(card, value, data)
    present = card.value(data)
    if value in (present, opened):
        return []
    edited = _edited(card.key, data)
    known = {item_key(item) for item in (*present, *opened)}
    keys = dict.fromkeys(map(item_key, value))
    mine = [key for key in keys if key in edited or key not in known]
    changes = [Change(path=("data", *card.at), value=value)]
    if set(mine) != set(edited):
        changes.append(_marked(card.key, mine))
    return changes


def _changes_of_record(
    card: Card, touched: Mapping[str, Any], data: Mapping[str, Any]
) -> list[Change]:
    present = card.value(data)
    changes = [
        Change(path=("data", *card.at, name), value=value)
        for name, value in touched.items()
        if present.get(name, MISSING) != value
    ]
    if changes:
        edited = _edited(card.key, data)
        written = {*edited, *(change.path[-1] for change in changes)}
        mine = [a.name for a in card.attributes if a.name in written]
        if mine != edited:
            changes.append(_marked(card.key, mine))
    return changes


def changes_of_name(config: EntityConfig, name: str) -> list[Change]:
    """The changes that give a document another name, so that it keeps it when written again."""
    return [
        Change(path=("name",), value=name),
        Change(path=("data", config.name_field), value=name),
        _marked(config.name_field, [name]),
    ]


def changes_of_description(description: str) -> list[Change]:
    """The changes that give a document another description, which it keeps when written again."""
    return [
        Change(path=("data", "description"), value=description),
        _marked("description", [description]),
    ]


def _marked(key: str, marks: list[str]) -> Change:
    return Change(path=("data", "provenance", "edited", key), value=marks)


def _edited(key: str, data: Mapping[str, Any]) -> list[str]:
    edited = (data.get("provenance") or {}).get("edited") or {}
    return list(edited.get(key) or ())
