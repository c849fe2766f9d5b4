"""WHAT exists: the registry of entities. Pure: no input or output, no Reflex.

A new entity is one file in this package and one line in ``ENTITIES``.
"""

from __future__ import annotations

from blossomer.entities.account import CONFIG as ACCOUNT
from blossomer.entities.campaign import CONFIG as CAMPAIGN
from blossomer.entities.company import CONFIG as COMPANY
from blossomer.entities.config import EntityConfig
from blossomer.entities.persona import CONFIG as PERSONA

ENTITIES: dict[str, EntityConfig] = {
    config.entity: config
    for config in (
        COMPANY,
        ACCOUNT,
        PERSONA,
        CAMPAIGN,
    )
}
"""Every entity by its key, parents before children (navigation follows this order)."""


def entity_config(entity: str) -> EntityConfig:
    """Look up an entity by its key, for example ``"company"``.

    Raises:
        KeyError: When there is no such entity.
    """
    return ENTITIES[entity]


def children_of(entity: str) -> tuple[EntityConfig, ...]:
    """The entities whose documents are directly below those of an entity."""
    return tuple(
        config
        for config in ENTITIES.values()
        if config.parents and config.parents[-1].entity == entity
    )


def below(entity: str) -> tuple[EntityConfig, ...]:
    """All entities whose documents are somewhere below those of an entity, parents first."""
    found = {entity}
    result = []
    for config in ENTITIES.values():
        if any(parent.entity in found for parent in config.parents):
            found.add(config.entity)
            result.append(config)
    return tuple(result)


def above(entity: str) -> tuple[EntityConfig, ...]:
    """All entities above an entity, the topmost first."""
    wanted = {parent.entity for parent in ENTITIES[entity].parents}
    for config in reversed(ENTITIES.values()):
        if config.entity in wanted:
            wanted |= {parent.entity for parent in config.parents}
    return tuple(config for config in ENTITIES.values() if config.entity in wanted)
