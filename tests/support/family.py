"""Documents that belong together, for any entity: what is above it, some of it, what is below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.lineage import basis_of
from tests.support.structured import full_data

AT = "2026-01-02T03:04:0{}.000000+00:00"
LEVELS = ("high", "low")


def family_above(config: EntityConfig, website: str, count: int = 2) -> list[Document]:
    """Documents of every entity above one, the topmost first.

    Args:
        config: The entity.
        website: What they are written from.
        count: How many of each. All are below the first of their parents.
    """
    documents: list[Document] = []
    for each in above(config.entity):
        parents = first_parents(each, documents)
        for number in range(1, count + 1):
            documents.append(
                member(each, called(each, number), documents, parents, website=website)
            )
    return documents


def siblings(config: EntityConfig, known: list[Document], website: str) -> list[Document]:
    """Two documents of an entity: one below the first of each parent, one below the last.

    They differ in everything that a list can be filtered by.
    """
    found = []
    for number, pick in enumerate((0, -1), start=1):
        parents: dict[str, str] = {}
        for parent in config.parents:
            fitting = [
                d
                for d in known
                if d["entity"] == parent.entity
                and (not parent.within or d["parents"][parent.within] == parents[parent.within])
            ]
            # Of the parents only the nearest differs: it must belong to the others.
            nearest = parent is config.parents[-1]
            parents[parent.entity] = fitting[pick if nearest else 0]["id"]
        kind = config.kinds[pick].value if config.kinds else ""
        document = member(
            config, called(config, number), known, parents, website=website, kind=kind
        )
        document["status"] = ("saved", "draft")[number - 1]
        document["data"]["confidence"] = {
            card.key: LEVELS[number - 1] for card in config.cards_of(kind)
        }
        document["created_at"] = document["updated_at"] = AT.format(number)
        found.append(document)
    return found


def first_parents(config: EntityConfig, known: list[Document]) -> dict[str, str]:
    """The first document of each parent that is known."""
    return {
        parent.entity: next(d["id"] for d in known if d["entity"] == parent.entity)
        for parent in config.parents
    }


def called(config: EntityConfig, number: int) -> str:
    """The name of one of several documents of an entity."""
    return f"{config.label} number {number}"


def member(
    config: EntityConfig,
    name: str,
    known: list[Document],
    parents: Mapping[str, str],
    *,
    website: str,
    kind: str = "",
) -> Document:
    """A document with everything, which rests on what is above it now.

    Args:
        config: Its entity.
        name: Its name.
        known: Documents among which everything above it is.
        parents: What it is directly below, by entity.
        website: What it is written from.
        kind: Of which kind it is; the first one without.
    """
    kind = kind or (config.kinds[0].value if config.kinds else "")
    data = full_data(config, kind) | {config.name_field: name}
    if config.url_field:
        data[config.url_field] = website
    data["basis"] = basis_of(_context(known, parents))
    return {
        "id": uuid4().hex,
        "entity": config.entity,
        "parents": dict(parents),
        "name": name,
        "status": "saved",
        "created_at": AT.format(0),
        "updated_at": AT.format(0),
        "inputs": {"website_url": website} if config.url_field else _inputs(config, kind),
        "data": data,
    }


def _inputs(config: EntityConfig, kind: str) -> dict[str, str]:
    chosen = {
        field.name: field.options[0].value
        for field in config.form.fields
        if field.kind == "choice" and field.required
    }
    return chosen | ({config.kind_field: kind} if config.kind_field else {})


def _context(known: list[Document], parents: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    waiting = dict(parents)
    while waiting:
        entity, key = waiting.popitem()
        document = next(d for d in known if (d["entity"], d["id"]) == (entity, key))
        found[entity] = document["data"]
        waiting |= document["parents"]
    return {entity: found[entity] for entity in ENTITIES if entity in found}
