"""WHAT exists: the registry of entities. Pure: no input or output, no Reflex.

A new entity is one file in this package and one line in ``ENTITIES``.
"""

from __future__ import annotations

from blossomer.entities.company import CONFIG as COMPANY
from blossomer.entities.config import EntityConfig

ENTITIES: dict[str, EntityConfig] = {config.entity: config for config in (COMPANY,)}
"""Every entity by its key, parents before children (navigation follows this order)."""


def entity_config(entity: str) -> EntityConfig:
    """Look up an entity by its key, for example ``"company"``.

    Raises:
        KeyError: When there is no such entity.
    """
    return ENTITIES[entity]
