"""The edit modal of a detail page: rows of a card, or name and description."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.editors.earlier import earlier_versions
from blossomer.components.editors.modal import modal
from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon, icon_button, notice
from blossomer.components.ui.inputs import INPUT
from blossomer.entities.base import MOST_TEXT
from blossomer.state.editing import MOST_NAME, OVERVIEW
from blossomer.state.entity_page import EntityPageState
from blossomer.state.views import EditItem


def edit_modal(place: Place) -> rx.Component:
    """One modal for every card; which one is open is the page's state."""
    state = EntityPageState
    return modal(
        rx.el.form(
            rx.el.div(
                rx.cond(state.editing == OVERVIEW, _overview_fields(), _rows()),
                earlier_versions() if place.has_account else rx.fragment(),
                class_name="flex-1 overflow-y-auto px-5 py-2",
            ),
            rx.cond(
                state.edit_problem != "",
                rx.el.div(
                    notice(rx.el.p(state.edit_problem), tone="bad", icon_name="triangle-alert"),
                    role="alert",
                    class_name="px-5 pt-2",
                ),
            ),
            rx.cond(state.edit_asks, _question(), _buttons()),
            on_submit=state.save_edit,
            class_name="flex min-h-0 flex-1 flex-col",
        ),
        is_open=state.editing != "",
        title=state.edit_title,
        subtitle=state.edit_subtitle,
        on_change=state.leave_edit,
        on_leave=state.leave_edit(False),
        on_closed=state.edit_closed,
    )


def _touch() -> Any:
    """The first keystroke is reported at once, those after it at most every 400 ms."""
    return EntityPageState.touch.throttle(400)


def _rows() -> rx.Component:
    state = EntityPageState
    return rx.el.div(
        rx.el.ol(
            rx.foreach(state.edit_items, _row),
            class_name="flex flex-col gap-3",
        ),
        action_button(
            icon("plus", 16),
            "Add item",
            kind="quiet",
            on_click=state.add_row,
            class_name="mt-3",
        ),
    )


def _row(row: rx.Var[EditItem], index: rx.Var[int]) -> rx.Component:
    state = EntityPageState
    number = (index + 1).to_string()
    return rx.el.li(
        rx.el.textarea(
            default_value=row.text,
            on_change=_touch(),
            # A new row is there to be written in; it takes the focus once it is on the page.
            auto_focus=row.text == "",
            name="row-" + row.id,
            id="row-" + row.id,
            rows="3",
            max_length=MOST_TEXT,
            dir="auto",
            aria_label="Item " + number,
            class_name=INPUT + " field-sizing-content min-h-20",
        ),
        rx.el.div(
            icon_button(
                "Move item " + number + " up",
                "arrow-up",
                disabled=index == 0,
                on_click=state.move_row(row.id, -1),
            ),
            icon_button(
                "Move item " + number + " down",
                "arrow-down",
                disabled=index == state.edit_items.length() - 1,
                on_click=state.move_row(row.id, 1),
            ),
            icon_button(
                "Delete item " + number,
                "trash-2",
                on_click=state.remove_row(row.id),
                class_name="hover:text-bad",
            ),
            class_name="flex self-end sm:self-start",
        ),
        key=row.id,
        class_name="flex flex-col gap-1 sm:flex-row sm:items-start sm:gap-2",
    )


def _overview_fields() -> rx.Component:
    state = EntityPageState
    return rx.el.div(
        rx.el.label("Name", html_for="edit-name", class_name="text-sm font-semibold"),
        rx.el.input(
            id="edit-name",
            name="name",
            default_value=state.name,
            on_change=_touch(),
            max_length=MOST_NAME,
            required=True,
            dir="auto",
            class_name=INPUT,
        ),
        rx.el.label(
            "Description", html_for="edit-description", class_name="mt-3 text-sm font-semibold"
        ),
        rx.el.textarea(
            id="edit-description",
            name="description",
            default_value=state.description.text,
            on_change=_touch(),
            rows="6",
            max_length=MOST_TEXT,
            dir="auto",
            class_name=INPUT + " field-sizing-content min-h-40",
        ),
        class_name="flex flex-col gap-1.5",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        action_button("Cancel", on_click=EntityPageState.leave_edit(False)),
        action_button("Save", kind="primary", type="submit"),
        class_name="flex justify-end gap-2 border-t border-line px-5 py-4",
    )


def _question() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "Discard your changes?",
            class_name="w-full self-center text-sm font-medium sm:mr-auto sm:w-auto",
        ),
        action_button("Discard", kind="danger", on_click=EntityPageState.discard_edit),
        action_button(
            "Keep editing", kind="primary", on_click=EntityPageState.keep_editing, auto_focus=True
        ),
        role="alert",
        class_name="flex flex-wrap justify-end gap-2 border-t border-line bg-warn-soft px-5 py-4",
    )
