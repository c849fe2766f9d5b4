"""What a write of a document says in an entity's own words. Pure."""

from __future__ import annotations

from blossomer.db.store import Write
from blossomer.entities.config import Card, EntityConfig
from blossomer.services.operations.model import VersionEntry


def fields_with_history(config: EntityConfig, kind: str) -> dict[str, tuple[str, ...]]:
    """Where what can be asked for by a name stands in a document.

    Args:
        config: The entity.
        kind: Of which kind the document is.
    """
    fields = {"name": ("name",), "description": ("data", "description")}
    for card in config.cards_of(kind):
        if card.shape == "record":  # each attribute is written, and so remembered, by itself
            fields |= {f"{card.key}.{a.name}": ("data", *card.at, a.name) for a in card.attributes}
        else:
            fields[card.key] = ("data", *card.at)
    return fields


def entry_of(config: EntityConfig, write: Write) -> VersionEntry:
    """A write, with the cards that it wrote."""
    names: dict[str, None] = {}
    for path in write.paths:
        if path in (("name",), ("data", config.name_field)):
            names["name"] = None
        elif path == ("data", "description"):
            names["description"] = None
        elif path == ("data",):
            return VersionEntry(write.version, write.origin, write.at, _everything(config))
        else:
            names |= dict.fromkeys(c.key for c in config.cards if _is_on(path, c))
    return VersionEntry(write.version, write.origin, write.at, tuple(names))


def _is_on(path: tuple[str, ...], card: Card) -> bool:
    """Whether a write at a path is a write of a card."""
    places = [("data", *card.at)]
    if card.shape == "record":
        places = [("data", *card.at, attribute.name) for attribute in card.attributes]
    return any(all(a == b for a, b in zip(path, place, strict=False)) for place in places)


def _everything(config: EntityConfig) -> tuple[str, ...]:
    return ("name", "description", *(card.key for card in config.cards))
