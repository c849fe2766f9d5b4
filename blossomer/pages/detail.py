"""The routes of an entity's detail page, in both parts of the product."""

from __future__ import annotations

from functools import partial

import reflex as rx

from blossomer.components.entity_page import entity_page
from blossomer.components.place import APP, PLAYGROUND
from blossomer.entities.config import EntityConfig
from blossomer.state.entity_page import EntityPageState


def add_detail_pages(app: rx.App, config: EntityConfig) -> None:
    """Register the detail page of an entity.

    In the app a document has an address of its own; in the playground its id is a parameter, since
    it means nothing in another browser.
    """
    pages = (
        (PLAYGROUND, PLAYGROUND.path(config)),
        (APP, APP.path(config)),
        (APP, f"{APP.path(config)}/[{config.entity}_id]"),
    )
    for place, route in pages:
        app.add_page(
            partial(entity_page, config, place),
            route=route,
            title=f"{config.label} · Blossomer",
            on_load=[
                EntityPageState.load(config.entity),
                EntityPageState.follow(config.entity),  # type: ignore[misc]
            ],
        )
