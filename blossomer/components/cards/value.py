"""The value of one attribute: a text as it was written, or several short ones."""

from __future__ import annotations

import reflex as rx

from blossomer.components.ui import icon
from blossomer.components.ui.status import CHIP
from blossomer.state.card_views import ValueView


def value_content(value: rx.Var[ValueView]) -> rx.Component:
    """Chips, or the text with its line breaks and how long it is."""
    return rx.cond(
        value.chips.length() > 0,
        rx.el.ul(
            rx.foreach(
                value.chips,
                lambda chip: rx.el.li(
                    chip,
                    dir="auto",
                    class_name=(
                        "rounded-md border border-line bg-sunken px-2 py-0.5 text-sm text-ink"
                    ),
                ),
            ),
            class_name="flex flex-wrap gap-1.5",
        ),
        rx.el.div(
            rx.el.p(
                value.text,
                dir="auto",
                class_name="text-[0.95rem] leading-relaxed whitespace-pre-wrap text-ink",
            ),
            length_note(value.count, value.is_over),
        ),
    )


def length_note(count: rx.Var[str], is_over: rx.Var[bool]) -> rx.Component:
    """How long a text is where its channel sets a length, and that it is too long when it is."""
    return rx.cond(
        count != "",
        rx.el.p(
            rx.cond(
                is_over,
                rx.el.span(
                    icon("triangle-alert", 13),
                    count,
                    ": too long",
                    class_name="inline-flex items-center gap-1 font-medium text-warn",
                ),
                rx.el.span(count, class_name="text-faint"),
            ),
            class_name="mt-0.5 text-xs tabular-nums",
        ),
    )


def badge(value: rx.Var[ValueView]) -> rx.Component:
    """What was chosen for a record; how much of something, also as a tone."""
    return rx.match(
        value.level,
        ("high", _badge(value, "bg-accent-soft text-accent", "signal-high")),
        ("medium", _badge(value, "bg-info-soft text-info", "signal-medium")),
        ("low", _badge(value, "bg-sunken text-muted", "signal-low")),
        rx.el.span(value.text, title=value.label, class_name=f"{CHIP} bg-sunken text-muted"),
    )


def _badge(value: rx.Var[ValueView], tone: str, icon_name: str) -> rx.Component:
    return rx.el.span(
        icon(icon_name, 12), value.text, " ", value.label.lower(), class_name=f"{CHIP} {tone}"
    )
