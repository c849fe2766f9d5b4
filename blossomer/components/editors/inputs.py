"""The inputs of the edit modal: one for each kind of attribute.

They keep what is typed until it is saved. What they are called is what it arrives under.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.cards.value import length_note
from blossomer.components.ui import icon
from blossomer.components.ui.inputs import INPUT, LABEL
from blossomer.components.ui.keys import EMPTY_AFTER_A_VALUE, EMPTY_THE_INPUT
from blossomer.state.edit_views import EditField, EditOption
from blossomer.state.entity_page import EntityPageState

_MOST_PASTED = 20_000


def touch() -> Any:
    """The first keystroke is reported at once, those after it at most every 400 ms."""
    return EntityPageState.touch.throttle(400)


def length_of(name: rx.Var[str]) -> rx.Component:
    """How long the text of an input is, where that is counted."""
    counts: Any = EntityPageState.edit_counts
    return rx.cond(counts.contains(name), length_note(counts[name].text, counts[name].is_over))


def problem_of(name: rx.Var[str]) -> rx.Component:
    """What is wrong with an input, if something is."""
    problems: Any = EntityPageState.edit_problems
    return rx.cond(
        problems.contains(name),
        rx.el.p(
            icon("triangle-alert", 14),
            problems[name],
            id=name + "-problem",
            class_name="mt-1 flex items-center gap-1.5 text-sm font-medium text-bad",
        ),
    )


def attribute_input(row_id: rx.Var[str], field: rx.Var[EditField]) -> rx.Component:
    """The label, the input, its help, its length and what is wrong with it.

    Args:
        row_id: The row it stands in.
        field: Which attribute, and what it holds at first.
    """
    return rx.el.div(
        rx.match(
            field.kind,
            ("choices", _boxes(field)),
            ("tags", rx.fragment(_label(field), _values(row_id, field))),
            ("choice", rx.fragment(_label(field), _select(field))),
            ("long_text", rx.fragment(_label(field), _area(row_id, field))),
            rx.fragment(_label(field), _line(row_id, field)),
        ),
        length_of(field.input),
        rx.cond(
            field.help != "",
            rx.el.p(field.help, id=field.input + "-help", class_name="mt-1 text-sm text-faint"),
        ),
        problem_of(field.input),
        key=field.key,
    )


def _label(field: rx.Var[EditField]) -> rx.Component:
    return rx.el.label(
        field.label,
        rx.cond(
            field.is_required,
            rx.el.span(" (needed)", class_name="font-normal text-faint"),
        ),
        html_for=field.input,
        class_name=f"mb-1.5 block {LABEL}",
    )


def _described(field: rx.Var[EditField]) -> dict[str, Any]:
    """What a screen reader says besides the label."""
    has_problem = EntityPageState.edit_problems.contains(field.input)
    return {
        "aria_invalid": has_problem,
        "aria_describedby": rx.cond(
            has_problem,
            field.input + "-problem",
            rx.cond(field.help != "", field.input + "-help", ""),
        ),
    }


def _typed(row_id: rx.Var[str], field: rx.Var[EditField]) -> dict[str, Any]:
    """What all inputs have into which somebody types."""
    return {
        "id": field.input,
        "name": field.input,
        "default_value": field.text,
        "max_length": field.longest,
        "auto_focus": field.takes_focus,
        "dir": "auto",
        "on_change": [
            touch(),
            lambda text: rx.cond(
                field.is_limited,
                EntityPageState.count_text(row_id, field.name, text).debounce(250),
                rx.noop(),
            ),
        ],
        **_described(field),
    }


def _line(row_id: rx.Var[str], field: rx.Var[EditField]) -> rx.Component:
    # No type="number": what is no number would be gone before anybody could say so.
    return rx.el.input(
        type="text",
        input_mode=rx.cond(field.kind == "number", "numeric", "text"),
        auto_complete="off",
        class_name=rx.cond(field.kind == "number", f"{INPUT} sm:w-32", INPUT),
        **_typed(row_id, field),
    )


def _area(row_id: rx.Var[str], field: rx.Var[EditField]) -> rx.Component:
    return rx.el.textarea(
        rows="3",
        class_name=f"{INPUT} field-sizing-content min-h-20",
        **_typed(row_id, field),
    )


def _select(field: rx.Var[EditField]) -> rx.Component:
    return rx.el.select(
        rx.foreach(field.options, lambda option: rx.el.option(option.label, value=option.value)),
        id=field.input,
        name=field.input,
        default_value=field.text,
        on_change=EntityPageState.touch(),
        class_name=f"{INPUT} min-h-11 sm:w-72",
        **_described(field),
    )


def _boxes(field: rx.Var[EditField]) -> rx.Component:
    """A box for each option."""
    return rx.el.fieldset(
        rx.el.legend(field.label, class_name=f"mb-1.5 {LABEL}"),
        # Says that the boxes were there: those without a tick are not sent.
        rx.el.input(type="hidden", name=field.input, value="boxes"),
        rx.el.div(rx.foreach(field.options, _box), class_name="grid gap-x-4 sm:grid-cols-2"),
    )


def _box(option: rx.Var[EditOption]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=option.input,
            default_checked=option.is_chosen,
            on_change=EntityPageState.touch(),
            class_name="size-4.5 shrink-0 accent-accent",
        ),
        rx.el.span(option.label, class_name="min-w-0"),
        class_name="flex min-h-11 items-center gap-2.5 text-sm text-ink sm:min-h-9 cursor-pointer",
    )


def _values(row_id: rx.Var[str], field: rx.Var[EditField]) -> rx.Component:
    """Short values as chips, and an area for more: one of one line, where Enter ends a value."""
    state = EntityPageState
    return rx.el.div(
        rx.el.ul(
            rx.foreach(state.edit_values[field.input], lambda value: _chip(row_id, field, value)),
            aria_label=field.label,
            class_name="flex flex-wrap gap-1.5 empty:hidden",
        ),
        rx.el.textarea(
            id=field.input,
            name=field.input,
            rows="1",
            max_length=_MOST_PASTED,
            dir="auto",
            placeholder="Add, separated by commas",
            auto_focus=field.takes_focus,
            on_change=[
                touch(),
                lambda text: rx.cond(
                    text.contains(",") | text.contains("\n"),
                    state.add_values(row_id, field.name, text),
                    rx.noop(),
                ),
                EMPTY_AFTER_A_VALUE,
            ],
            on_blur=[
                lambda text: rx.cond(
                    text != "", state.add_values(row_id, field.name, text), rx.noop()
                ),
                EMPTY_THE_INPUT,
            ],
            class_name=(
                "min-w-60 flex-1 resize-none bg-transparent px-1.5 py-1 text-base text-ink "
                "placeholder:text-faint outline-none!"
            ),
            **_described(field),
        ),
        class_name=(
            "flex flex-wrap items-center gap-1.5 rounded-lg border border-line-strong bg-surface "
            "p-1.5 focus-within:outline-2 focus-within:-outline-offset-1 "
            "focus-within:outline-accent"
        ),
    )


def _chip(row_id: rx.Var[str], field: rx.Var[EditField], value: rx.Var[str]) -> rx.Component:
    return rx.el.li(
        rx.el.span(value, dir="auto", class_name="min-w-0"),
        rx.el.button(
            icon("x", 14),
            type="button",
            aria_label="Remove " + value,
            on_click=EntityPageState.remove_value(row_id, field.name, value),
            class_name=(
                "inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted "
                "hover:text-bad cursor-pointer"
            ),
        ),
        key=value,
        class_name="flex items-center rounded-md bg-sunken pl-2.5 text-sm text-ink",
    )
