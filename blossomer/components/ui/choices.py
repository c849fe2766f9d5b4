"""Choosing: one of several options as cards, or one of many as a list."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.ui.inputs import INPUT

_OPTION = (
    "flex cursor-pointer items-start gap-3 rounded-xl border border-line-strong bg-surface px-3.5 "
    "py-3 has-[:checked]:border-accent has-[:checked]:bg-accent-soft hover:bg-sunken "
    "has-[:focus-visible]:outline has-[:focus-visible]:outline-2 "
    "has-[:focus-visible]:outline-accent"
)


def option_group(legend: str, help_text: str, *options: Any) -> rx.Component:
    """Options of which one is chosen, under what is asked."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="text-sm font-semibold text-ink"),
        rx.el.p(help_text, class_name="text-sm text-faint") if help_text else rx.fragment(),
        rx.el.div(*options, class_name="mt-1.5 grid gap-2 sm:grid-cols-2"),
        class_name="flex min-w-0 flex-col",
    )


def option_card(
    *, name: str, value: Any, label: Any, detail: Any, is_chosen: Any, on_choose: Any
) -> rx.Component:
    """One option: a radio button with its words.

    Args:
        name: Of the input, shared by all options of one question.
        value: What is sent with the form.
        label: What it is.
        detail: What choosing it means.
        is_chosen: Whether it is chosen when the form appears.
        on_choose: Called when it is chosen.
    """
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=name,
            value=value,
            default_checked=is_chosen,
            on_change=on_choose,
            class_name="mt-1 size-4 shrink-0 accent-accent",
        ),
        rx.el.span(
            rx.el.span(label, dir="auto", class_name="block text-sm font-medium text-ink"),
            rx.el.span(detail, dir="auto", class_name="line-clamp-3 text-sm text-muted"),
            class_name="min-w-0",
        ),
        class_name=_OPTION,
    )


def choice_list(
    label: str, *options: Any, list_id: str, value: Any, on_change: Any, **props: Any
) -> rx.Component:
    """A labelled list of which one is chosen."""
    return rx.el.div(
        rx.el.label(label, html_for=list_id, class_name="text-sm font-semibold text-ink"),
        rx.el.select(
            *options,
            id=list_id,
            value=value,
            on_change=on_change,
            class_name=INPUT + " min-h-11",
            **props,
        ),
        class_name="flex min-w-0 flex-col gap-1.5",
    )
