"""One labelled input, drawn from the configuration of a form field."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.ui.controls import icon
from blossomer.entities.config import FormField

INPUT = (
    "w-full rounded-lg border border-line-strong bg-surface px-3.5 py-2.5 text-base text-ink "
    "placeholder:text-faint"
)

LABEL = "text-sm font-semibold text-ink"


def field_input(
    field: FormField, *, id_prefix: str, value: rx.Var[str], autofocus: bool = False
) -> rx.Component:
    """The label, the input, its help, and a disclosure around it when the field asks for one.

    Args:
        field: What to ask for.
        id_prefix: Makes ids unique when a form stands twice on a page.
        value: What stands in it at first.
        autofocus: Put the cursor here when the page opens.
    """
    input_id = f"{id_prefix}-{field.name}"
    common: dict[str, Any] = {
        "id": input_id,
        "name": field.name,
        "default_value": value,
        "placeholder": field.placeholder,
        "max_length": field.max_length,
        "class_name": INPUT,
    }
    if field.help:
        common["aria_describedby"] = f"{input_id}-help"
    if field.kind == "textarea":
        control = rx.el.textarea(rows="4", **common)
    else:
        # Not type="url": browsers refuse "acme.com" there, which is what people type.
        control = rx.el.input(
            type="text",
            input_mode="url" if field.kind == "url" else "text",
            auto_complete="url" if field.kind == "url" else "off",
            auto_capitalize="none",
            spell_check=field.kind != "url",
            auto_focus=autofocus,
            **common,
        )
    labelled = rx.el.div(
        rx.el.label(field.label, html_for=input_id, class_name=LABEL),
        control,
        rx.el.p(field.help, id=f"{input_id}-help", class_name="text-sm text-faint")
        if field.help
        else rx.fragment(),
        class_name="flex flex-col gap-1.5",
    )
    if not field.collapsed_under:
        return labelled
    return rx.el.details(
        rx.el.summary(
            icon("chevron-right", 16, "turns transition-transform"),
            field.collapsed_under,
            class_name=(
                "inline-flex items-center gap-1.5 min-h-11 pr-3 text-sm font-medium text-muted "
                "hover:text-ink rounded-lg"
            ),
        ),
        rx.el.div(labelled, class_name="pb-2"),
        # What has been typed is seen, also when the form comes back with what went wrong.
        open=rx.cond(value, True, False),
    )
