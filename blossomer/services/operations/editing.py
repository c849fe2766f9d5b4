"""What a program may change in a document, and how that becomes changes of the stored one. Pure.

A patch is shaped like the document. Objects in it are gone into, and everything else replaces what
stands at its place; what a patch does not name stays as it is. It may name what the pages let a
person edit: the name, the description, and the cards where they stand in the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.db.patch import storable
from blossomer.entities.base import MOST_TEXT
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.document import Document, UnreadableDocument, checked_document
from blossomer.entities.edits import (
    MOST_NAME,
    changes_of_card_edit,
    changes_of_description,
    changes_of_name,
)
from blossomer.entities.merge import KEEP, Change, apply_changes
from blossomer.entities.sent_values import refused_value, sent_card, sent_text

Place = tuple[str, ...]

_DESCRIPTION: Place = ("description",)


def changes_of_patch(
    config: EntityConfig, document: Document, patch: Mapping[str, Any]
) -> list[Change]:
    """The changes that a patch means for a document as it is now.

    Args:
        config: The entity.
        document: The document.
        patch: May have ``name``, ``status`` (``"saved"``) and ``data``.

    Returns:
        None when the document says all of it already.

    Raises:
        UserError: ``invalid_input`` (422).
    """
    patch = storable(patch)
    unknown = sorted(str(key) for key in patch if key not in ("name", "status", "data"))
    if unknown:
        raise refused_value(
            unknown[0][:100],
            "cannot be changed.",
            "A patch can have “name”, “status” and “data”; what it leaves out stays as it is.",
        )
    if "status" in patch and patch["status"] != "saved":
        raise refused_value("status", "can only be set to “saved”.")
    data = patch.get("data", {})
    if not isinstance(data, Mapping):
        raise refused_value("data", "must be an object.")
    changes: list[Change] = []
    if "name" in patch:
        changes += _of_name(config, document, patch["name"], "name")
    if config.name_field in data:
        of_name = _of_name(config, document, data[config.name_field], f"data.{config.name_field}")
        if "name" in patch and of_name != changes:
            raise refused_value("name", f"and “data.{config.name_field}” say different things.")
        changes = of_name
        data = {key: value for key, value in data.items() if key != config.name_field}
    changes += changes_of_data(config, document["data"], data)
    is_draft = document["status"] == "draft"
    if is_draft and (changes or "status" in patch):
        changes.append(KEEP)
    _require_valid(config, apply_changes(document, changes))
    return changes


def changes_of_data(
    config: EntityConfig, present: Mapping[str, Any], data: Mapping[str, Any]
) -> list[Change]:
    """The changes that the part of a patch under ``data`` means, without the name.

    Args:
        config: The entity.
        present: The document's data now.
        data: The part of the patch.

    Raises:
        UserError: ``invalid_input`` (422).
    """
    cards = config.cards_of(config.kind_of(present))
    found: dict[Place, Any] = {}
    _collect(_places(cards), data, (), found)
    changes: list[Change] = []
    if _DESCRIPTION in found:
        text = sent_text(found[_DESCRIPTION], "data.description", longest=MOST_TEXT)
        if text != present.get("description", ""):
            changes += changes_of_description(text)
    for card in cards:
        held = card.value(present)
        place = ".".join(("data", *card.at))
        if card.shape == "record":
            names = [a.name for a in card.attributes if (*card.at, a.name) in found]
            sent: Any = {name: found[*card.at, name] for name in names}
            if not sent:
                continue
        elif card.at in found:
            sent = found[card.at]
        else:
            continue
        changes += changes_of_card_edit(card, sent_card(card, sent, held, place), held, present)
    return changes


def _of_name(
    config: EntityConfig, document: Mapping[str, Any], value: Any, place: str
) -> list[Change]:
    name = sent_text(value, place, longest=MOST_NAME, may_be_empty=False)
    return [] if name == document["name"] else changes_of_name(config, name)


def _places(cards: tuple[Card, ...]) -> set[Place]:
    """Where in the data something may be written."""
    places: set[Place] = {_DESCRIPTION}
    for card in cards:
        if card.shape == "record":
            places |= {(*card.at, attribute.name) for attribute in card.attributes}
        else:
            places.add(card.at)
    return places


def _collect(
    places: set[Place], node: Mapping[str, Any], at: Place, found: dict[Place, Any]
) -> None:
    """Note every value of a patch by its place, and refuse what has none."""
    for key, value in node.items():
        place = (*at, key)
        if place in places:
            found[place] = value
        elif beginning := [known for known in places if known[: len(place)] == place]:
            if not isinstance(value, Mapping):
                inner = sorted({known[len(place)] for known in beginning})
                raise refused_value(
                    ".".join(("data", *place)),
                    f"must be an object with some of: {', '.join(inner)}.",
                )
            _collect(places, value, place, found)
        else:
            here = sorted({known[len(at)] for known in places if known[: len(at)] == at})
            raise refused_value(
                ".".join(("data", *at, key[:100])),
                "cannot be changed, or does not exist.",
                f"There can be changed: {', '.join(here)}.",
            )


def _require_valid(config: EntityConfig, document: Document) -> None:
    """The last word: what would be kept must be a document of its entity.

    Raises:
        UserError: ``invalid_input`` (422).
    """
    try:
        checked_document(config, document)
    except UnreadableDocument:
        raise refused_value("data", f"would not be a {config.label.lower()} any more.") from None
