"""The way to take a plan in that was exported as JSON."""

from __future__ import annotations

import reflex as rx

from blossomer.components.text_file import text_file_button
from blossomer.components.ui import icon
from blossomer.state.entity_page import EntityPageState


def import_button() -> rx.Component:
    """Lets a person choose the file; what became of it is said in a notice."""
    return text_file_button(
        icon("file-up", 16),
        "Import a plan",
        accept=".json,application/json",
        on_text=EntityPageState.import_plan,
        disabled=~EntityPageState.is_hydrated,
    )
