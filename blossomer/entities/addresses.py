"""Addresses of pages, from the configuration: where a list, a document, and a new one are.

Pure. ``root`` is the part of the product: ``/app`` or ``/playground``.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig

PLAYGROUND_ROOT = "/playground"
APP_ROOT = "/app"

NEW = "new"
"""Stands in an address where a document's id would, when there is none yet."""


def entity_address(root: str, config: EntityConfig) -> str:
    """Where one begins with an entity: its list, or for one at the top its newest document."""
    return f"{root}/{config.route}"


def document_address(
    root: str, config: EntityConfig, document_id: str, parents: Mapping[str, str]
) -> str:
    """Where a document is.

    Args:
        root: The part of the product.
        config: The document's entity.
        document_id: Its id.
        parents: Ids of what it is directly below, by entity.
    """
    if not config.parents and root == PLAYGROUND_ROOT:
        # An id means nothing in another browser, so it is no part of the path.
        return f"{entity_address(root, config)}?{urlencode({'id': document_id})}"
    nearest = config.parents[-1].entity if config.is_nested else ""
    if nearest and parents.get(nearest):
        above = entity_address(root, ENTITIES[nearest])
        return f"{above}/{parents[nearest]}/{config.route}/{document_id}"
    return f"{entity_address(root, config)}/{document_id}"


def new_address(root: str, config: EntityConfig, parents: Mapping[str, str] | None = None) -> str:
    """Where a new document is asked for, with what it is to be below as far as that is known."""
    if not config.parents:
        return entity_address(root, config)
    query = urlencode({entity: key for entity, key in (parents or {}).items() if key})
    address = f"{entity_address(root, config)}/{NEW}"
    return f"{address}?{query}" if query else address


def wanted_in(
    config: EntityConfig, path: str, query: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Which document an address names.

    Args:
        config: The entity whose page it is.
        path: The address's path.
        query: Its parameters.

    Returns:
        The id, ``NEW``, or nothing; and the ids of parents that the address names: for a new
        document those it is to be below, else those it must be below.
    """
    parts = [part for part in path.split("/") if part]
    wanted = parts[-1] if parts and parts[-1] != config.route else ""
    if not config.parents:
        return str(query.get("id", "")) or wanted, {}
    if wanted == NEW:
        known = {entity: str(query.get(entity, "")) for entity in ENTITIES}
        return NEW, {entity: key for entity, key in known.items() if key}
    parents = {}
    if config.is_nested and len(parts) >= 3 and parts[-2] == config.route:
        nearest = config.parents[-1].entity
        if len(parts) >= 4 and parts[-4] == ENTITIES[nearest].route:
            parents[nearest] = parts[-3]
    return wanted, parents
