"""The pages of every entity: its list and its documents, in both parts of the product."""

from __future__ import annotations

from functools import partial

import reflex as rx

from blossomer.components.entity_list import entity_list
from blossomer.components.entity_page import entity_page
from blossomer.components.place import APP, PLAYGROUND, Place
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.state.entity_page import EntityPageState


def add_to(app: rx.App) -> None:
    """Register the pages of every entity in the registry."""
    for config in ENTITIES.values():
        if config.parents:
            _add_lists(app, config)
        _add_documents(app, config)


def _add_lists(app: rx.App, config: EntityConfig) -> None:
    for place in (PLAYGROUND, APP):
        app.add_page(
            partial(entity_list, config, place),
            route=place.path(config),
            title=f"{config.label_plural} · Blossomer",
            on_load=[
                EntityPageState.load_list(config.entity),
                EntityPageState.follow(config.entity),  # type: ignore[misc]
            ],
        )


def _add_documents(app: rx.App, config: EntityConfig) -> None:
    """Pages of documents. Of an entity at the top, a document has an address of its own in the app;
    in the playground its id is a parameter, since it means nothing in another browser.
    """
    own = f"[{config.entity}_id]"
    routes: list[tuple[Place, str]] = []
    for place in (PLAYGROUND, APP):
        start = place.path(config)
        if config.parents:
            routes.append((place, f"{start}/{own}"))  # also with NEW in the place of the id
        else:
            routes += [(place, start), *([(place, f"{start}/{own}")] if place is APP else [])]
        if config.is_nested:
            above = ENTITIES[config.parents[-1].entity]
            nested = f"{place.path(above)}/[{above.entity}_id]/{config.route}/{own}"
            routes.append((place, nested))
    for place, route in routes:
        app.add_page(
            partial(entity_page, config, place),
            route=route,
            title=f"{config.label} · Blossomer",
            on_load=[
                EntityPageState.load(config.entity),
                EntityPageState.follow(config.entity),  # type: ignore[misc]
            ],
        )
