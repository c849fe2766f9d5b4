"""The form that starts a generation, drawn from the entity's configuration."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.ui import action_button, field_input, icon, notice, spinner
from blossomer.entities.config import EntityConfig
from blossomer.state.entity_page import EntityPageState


def generation_form(
    config: EntityConfig, *, id_prefix: str, button: str = "", **props: Any
) -> rx.Component:
    """Inputs, the button, what went wrong, and what is left of the allowance.

    Args:
        config: The entity to generate.
        id_prefix: Makes ids unique on the page.
        button: Words on the button, instead of the configured ones.
        props: Passed to the form element.
    """
    state = EntityPageState
    return rx.el.form(
        *(
            field_input(
                field,
                id_prefix=id_prefix,
                value=state.typed[field.name],
                autofocus=field is config.form.fields[0],
            )
            for field in config.form.fields
        ),
        rx.cond(
            state.form_problem != "",
            rx.el.div(
                notice(rx.el.p(state.form_problem), tone="bad", icon_name="triangle-alert"),
                role="alert",
            ),
        ),
        action_button(
            rx.cond(state.generating, spinner(16), icon("sparkles", 16)),
            rx.cond(state.generating, "Working", button or config.form.button),
            kind="primary",
            type="submit",
            # Until the page is alive a browser would send the form itself and lose what was typed.
            disabled=state.generating | ~state.is_hydrated,
            class_name="mt-1 w-full sm:w-auto sm:self-start sm:px-6",
        ),
        rx.cond(state.allowance != "", rx.el.p(state.allowance, class_name="text-sm text-faint")),
        on_submit=state.start,
        class_name="flex flex-col gap-2",
        **props,
    )
