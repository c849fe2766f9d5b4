"""The page for addresses that do not exist."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.states import message_state
from blossomer.components.layout import public_layout
from blossomer.components.ui import link_button
from blossomer.state.entity_page import EntityPageState


def not_found() -> rx.Component:
    """Says that there is no such page, and where to go."""
    return public_layout(
        message_state(
            "compass",
            "There is no page at this address",
            "The link may be old, or a letter is missing.",
            link_button("Start page", href="/", kind="primary"),
            link_button("Your playground", href="/playground/company"),
        )
    )


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        not_found,
        route="404",
        title="Page not found · Blossomer",
        on_load=EntityPageState.greet,
    )
