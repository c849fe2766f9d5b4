"""The ways to take a document out of the product, alone or with everything below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from blossomer.components.ui import icon, icon_button, popover
from blossomer.entities import below
from blossomer.entities.config import EntityConfig
from blossomer.services.export.formats import Format, formats_of
from blossomer.state.entity_page import EntityPageState
from blossomer.state.exporting import LIST_FORMATS

_PANEL = "export-menu"
_ENTRY = (
    "flex min-h-10 w-full cursor-pointer items-center gap-2 rounded-lg px-2 text-left text-sm "
    "font-medium text-ink hover:bg-sunken"
)


def export_menu(config: EntityConfig) -> rx.Component:
    """A button that opens the list of formats.

    Args:
        config: The entity of the open document.
    """
    has_more = bool(below(config.entity))
    return popover(
        _group(config, f"This {config.label.lower()}", whole=False),
        _group(config, "With everything below it", whole=True) if has_more else rx.fragment(),
        panel=_PANEL,
        button=icon_button("Export", "download"),
        data_testid="export",
    )


def list_export_menu(config: EntityConfig) -> rx.Component:
    """A button that opens the formats of a list.

    Args:
        config: The entity of the list.
    """
    return popover(
        _formats(
            f"These {config.label_plural.lower()}",
            [one for one in formats_of(config) if one.key in LIST_FORMATS],
            EntityPageState.export_list,
        ),
        panel=_PANEL,
        button=icon_button("Export the list", "download"),
        data_testid="export",
    )


def _group(config: EntityConfig, title: str, *, whole: bool) -> rx.Component:
    return _formats(
        title,
        formats_of(config, is_plan=whole),
        lambda key: EntityPageState.export(key, whole),
    )


def _formats(title: str, formats: list[Format], on_click: Callable[[str], Any]) -> rx.Component:
    entries = (
        rx.el.li(
            rx.el.button(
                icon("file-down", 16, "text-muted"),
                one.label,
                type="button",
                on_click=on_click(one.key),
                custom_attrs={"popoverTarget": _PANEL, "popoverTargetAction": "hide"},
                class_name=_ENTRY,
            )
        )
        for one in formats
    )
    return rx.el.div(
        rx.el.h2(title, class_name="px-2 py-1 text-xs font-semibold text-muted"),
        rx.el.ul(*entries),
        class_name="border-t border-line py-1 first:border-t-0",
    )
