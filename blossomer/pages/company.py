"""The company page of the playground."""

from __future__ import annotations

import reflex as rx

from blossomer.components.entity_page import entity_page
from blossomer.entities import entity_config
from blossomer.state.entity_page import EntityPageState

CONFIG = entity_config("company")


def company() -> rx.Component:
    """The overview of one company."""
    return entity_page(CONFIG)


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        company,
        route=f"/playground/{CONFIG.route}",
        title="Company · Blossomer",
        on_load=EntityPageState.load(CONFIG.entity),
    )
