"""Writing a text in its parts, each in its colour beside what it is for; or as one plain text."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.statement import statement_source
from blossomer.components.ui import action_button, icon, icon_button
from blossomer.components.ui.dragging import DragHandle, DropTarget
from blossomer.components.ui.inputs import INPUT
from blossomer.components.ui.keys import WritingKeys
from blossomer.entities.attributes import MOST_ITEMS
from blossomer.entities.config import Card
from blossomer.entities.segments import SEGMENT_TYPES
from blossomer.state.entity_page import EntityPageState
from blossomer.state.mail_views import PartView

_TYPING_MILLISECONDS = 300


def parts_editor(card: Card) -> rx.Component:
    """The parts of a text in their order."""
    state = EntityPageState
    return rx.el.div(
        rx.el.ol(
            rx.foreach(state.parts[card.key], lambda part: _part(card, part)),
            class_name="flex flex-col gap-3",
        ),
        action_button(
            icon("plus", 16),
            "Add part",
            kind="quiet",
            on_click=state.add_part(card.key, ""),
            class_name="mt-2 -ml-2",
        ),
        rx.el.p(
            "A part is saved when you leave it, or with Ctrl+Enter. Alt with an arrow moves it.",
            class_name="text-xs text-muted",
        ),
    )


def plain_editor(card: Card) -> rx.Component:
    """The whole text; a blank line parts one part from the next."""
    state = EntityPageState
    text = state.plain_texts[card.key]
    return rx.el.div(
        WritingKeys.create(
            rx.el.textarea(
                id=text.input,
                key=text.key,
                default_value=text.text,
                rows=text.rows.to_string(),
                max_length=MOST_ITEMS * 1_000,
                dir="auto",
                aria_label=f"{card.label} as plain text",
                on_change=lambda typed: state.check_typing(card.key, "", typed).debounce(
                    _TYPING_MILLISECONDS
                ),
                on_blur=lambda typed: state.save_text(card.key, "", typed),
                class_name=f"{INPUT} field-sizing-content min-h-72 leading-relaxed",
            ),
            on_key_down=lambda _enter, is_save, _step, typed: rx.cond(
                is_save, state.save_text(card.key, "", typed), rx.noop()
            ),
        ),
        rx.el.p(
            "A blank line begins a new part. What you do not change keeps its kind.",
            class_name="mt-1 text-xs text-muted",
        ),
    )


def _part(card: Card, part: rx.Var[PartView]) -> rx.Component:
    state = EntityPageState
    return DropTarget.create(
        rx.el.div(
            _head(card, part),
            WritingKeys.create(
                rx.el.textarea(
                    id=part.input,
                    key=part.key,
                    default_value=part.text,
                    rows=part.rows.to_string(),
                    max_length=_longest(card),
                    auto_focus=part.focus == "text",
                    dir="auto",
                    placeholder="Write this part",
                    aria_label=part.label + ", part " + part.number.to_string(),
                    aria_describedby=part.input + "-purpose",
                    on_change=lambda text: state.check_typing(
                        card.key, part.address, text
                    ).debounce(_TYPING_MILLISECONDS),
                    on_blur=lambda text: state.save_text(card.key, part.address, text),
                    class_name=(
                        "field-sizing-content w-full resize-none rounded-lg border "
                        "border-transparent bg-transparent px-2 py-1 text-[0.95rem] "
                        "leading-relaxed text-ink placeholder:text-muted hover:border-line-strong "
                        "focus:bg-surface"
                    ),
                ),
                on_key_down=lambda _enter, is_save, step, text: rx.cond(
                    is_save,
                    state.save_text(card.key, part.address, text),
                    rx.cond(
                        step != 0,
                        state.move_part(card.key, part.address, step, "text", text),
                        rx.noop(),
                    ),
                ),
            ),
            rx.el.div(
                statement_source(part),
                rx.cond(part.findings > 0, _flag(part)),
                class_name="flex flex-wrap items-center gap-2 px-2 pt-1",
            ),
            data_colour=part.colour,
            class_name="part min-w-0 rounded-xl px-2 py-2",
        ),
        rx.el.p(
            rx.el.span(part.label, ": ", class_name="font-semibold sm:hidden"),
            part.purpose,
            id=part.input + "-purpose",
            class_name="px-2 text-sm text-muted sm:px-0 sm:pt-3",
        ),
        key=part.address,
        data_part=part.kind,
        on_drop=state.drop_part(card.key, part.address).prevent_default,
        class_name="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(0,1fr)_9.5rem]",
    )


def _head(card: Card, part: rx.Var[PartView]) -> rx.Component:
    state = EntityPageState
    name = part.label + ", part " + part.number.to_string()
    return rx.el.div(
        DragHandle.create(
            icon("grip-vertical", 16),
            draggable=True,
            title="Drag to another place",
            aria_hidden="true",
            on_drag_start=state.drag_part(part.address),
            class_name=("hidden size-9 shrink-0 cursor-grab place-items-center text-muted sm:grid"),
        ),
        rx.el.select(
            *(rx.el.option(kind.label, value=key) for key, kind in SEGMENT_TYPES.items()),
            value=part.kind,
            on_change=lambda kind: state.set_kind(card.key, part.address, kind),
            aria_label="Kind of part " + part.number.to_string(),
            class_name=(
                "part-label min-h-11 min-w-0 cursor-pointer rounded-lg border border-transparent "
                "bg-transparent px-1 text-sm font-semibold hover:border-line-strong sm:min-h-9"
            ),
        ),
        rx.el.div(
            icon_button(
                "Move " + name + " up",
                "arrow-up",
                key=part.key + "-up",
                auto_focus=(part.focus == "up") & ~part.is_first,
                disabled=part.is_first,
                on_click=state.move_part(card.key, part.address, -1, "up", None),
            ),
            icon_button(
                "Move " + name + " down",
                "arrow-down",
                key=part.key + "-down",
                auto_focus=(part.focus == "down") & ~part.is_last,
                disabled=part.is_last,
                on_click=state.move_part(card.key, part.address, 1, "down", None),
            ),
            icon_button(
                "Add a part after " + name,
                "plus",
                on_click=state.add_part(card.key, part.address),
            ),
            icon_button(
                "Remove " + name,
                "trash-2",
                on_click=state.remove_part(card.key, part.address),
                class_name="hover:text-bad",
            ),
            class_name="ml-auto flex shrink-0",
        ),
        class_name="flex flex-wrap items-center",
    )


def _flag(part: rx.Var[PartView]) -> rx.Component:
    """How many findings are about this part."""
    return rx.el.span(
        icon("triangle-alert", 13),
        part.findings.to_string(),
        rx.cond(part.findings == 1, " finding", " findings"),
        class_name=rx.cond(
            part.has_error,
            "inline-flex items-center gap-1 text-xs font-semibold text-bad",
            "inline-flex items-center gap-1 text-xs font-semibold text-warn",
        ),
    )


def _longest(card: Card) -> int:
    return next((a.longest for a in card.attributes if a.name == "text"), 0)
