"""What a document rests on: digests of what is above it, and what has changed there since.

Pure. A digest is of letters and digits only and without order, so that a comma, a capital or a
moved line is no change in substance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import squash

_DIGEST_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Outdated:
    """One entity above has changed in substance.

    Args:
        entity: Its key.
        fields: What changed, in words for a person.
    """

    entity: str
    fields: tuple[str, ...]


def basis_of(context: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """What a document written now rests on.

    Args:
        context: Data of the documents above, by entity.

    Returns:
        Digests by entity and part, as they are kept in ``EntityData.basis``.
    """
    return {
        entity: dict(_digests(ENTITIES[entity], data))
        for entity, data in context.items()
        if entity in ENTITIES
    }


def outdated(
    entity: str, basis: Mapping[str, Mapping[str, str]], context: Mapping[str, Mapping[str, Any]]
) -> list[Outdated]:
    """What has changed above a document since it was written, the topmost first.

    Args:
        entity: The document's entity.
        basis: What it rests on. Entities it does not name tell nothing.
        context: Data of the documents above as they are now, by entity.
    """
    found = []
    for config in above(entity):
        then, data = basis.get(config.entity), context.get(config.entity)
        if not then or data is None:
            continue
        labels = _labels(config)
        changed = tuple(
            labels[part]
            for part, digest in _digests(config, data)
            if part in then and then[part] != digest
        )
        if changed:
            found.append(Outdated(config.entity, changed))
    return found


def _labels(config: EntityConfig) -> dict[str, str]:
    return {"description": "Description", **{card.key: card.label for card in config.cards}}


def _digests(config: EntityConfig, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "description", _digest(data.get("description", ""))
    for card in config.cards_of(config.kind_of(data)):
        yield card.key, _digest(card.value(data))


def _digest(value: Any) -> str:
    texts = sorted(filter(None, map(squash, _texts(value))))
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)
