"""The form that starts a generation, from the entity's configuration; with steps, a wizard."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import reflex as rx

from blossomer.components.place import Place
from blossomer.components.ui import action_button, field_input, icon, link_button, notice, spinner
from blossomer.components.ui.choices import choice_list, option_card, option_group
from blossomer.entities import ENTITIES
from blossomer.entities.addresses import entity_address, new_address
from blossomer.entities.config import EntityConfig, FormField, Parent
from blossomer.state.choosing import FORM_STEPS, OptionView
from blossomer.state.entity_page import EntityPageState
from blossomer.state.requesting import ENTITY_INPUT


def generation_form(
    config: EntityConfig,
    *,
    id_prefix: str,
    button: str = "",
    place: Place | None = None,
    **props: Any,
) -> rx.Component:
    """Parents, inputs, the buttons, what went wrong, and what is left of the allowance.

    Args:
        config: The entity to generate.
        id_prefix: Makes ids unique on the page.
        button: Words on the button, instead of the configured ones.
        place: The part of the product; only needed for what is below something else.
        props: Passed to the form element.
    """
    state = EntityPageState
    steps = config.form.steps
    parents = [_parent(config, parent, id_prefix, place) for parent in config.parents if place]
    body = (
        [
            _wizard_steps(config),
            *(
                rx.el.div(
                    *(parents if number == 0 else []),
                    _asked(config, id_prefix, s.key),
                    class_name=rx.cond(state.step == number, "flex flex-col gap-4", "hidden"),
                )
                for number, s in enumerate(steps)
            ),
        ]
        if steps
        else [*parents, _asked(config, id_prefix)]
    )
    return rx.el.form(
        rx.el.input(type="hidden", name=ENTITY_INPUT, value=config.entity),
        *body,
        rx.cond(
            state.form_problem != "",
            rx.el.div(
                notice(rx.el.p(state.form_problem), tone="bad", icon_name="triangle-alert"),
                role="alert",
            ),
        ),
        rx.cond(~_lacks_a_parent(config), _buttons(config, button or config.form.button)),
        rx.cond(state.allowance != "", rx.el.p(state.allowance, class_name="text-sm text-faint")),
        on_submit=state.start,
        class_name=f"flex flex-col {'gap-4' if config.parents else 'gap-2'}",
        **props,
    )


def _asked(config: EntityConfig, id_prefix: str, step: str = "") -> rx.Component:
    """The inputs of a step, or of a form without steps, once there is something to be below."""
    gap = "gap-4" if config.parents else "gap-2"
    return rx.el.div(
        *(_field(config, field, id_prefix) for field in config.form.fields if field.step == step),
        class_name=rx.cond(_lacks_a_parent(config), "hidden", f"flex flex-col {gap}"),
    )


def _lacks_a_parent(config: EntityConfig) -> rx.Var[bool]:
    """Whether there is nothing that a new document could be below."""
    state = EntityPageState
    missing = [state.parent_choices[parent.entity].length() == 0 for parent in config.parents]
    return reduce(or_, missing, rx.Var.create(False)) & ~state.is_choosing


def _buttons(config: EntityConfig, words: str) -> rx.Component:
    state = EntityPageState
    submit = action_button(
        rx.cond(state.generating, spinner(16), icon("sparkles", 16)),
        rx.cond(state.generating, "Working", words),
        kind="primary",
        type="submit",
        # Until the page is alive a browser would send the form itself and lose what was typed.
        disabled=state.generating | ~state.is_hydrated,
        class_name="mt-1 w-full sm:w-auto sm:self-start sm:px-6",
    )
    if not config.form.steps:
        return submit
    last = len(config.form.steps) - 1
    return rx.el.div(
        rx.cond(
            state.step > 0, action_button(icon("arrow-left", 16), "Back", on_click=state.last_step)
        ),
        rx.cond(
            state.step < last,
            action_button(
                "Next",
                icon("arrow-right", 16),
                kind="primary",
                on_click=state.next_step,
                disabled=~state.is_hydrated,
                key="next",
            ),
            submit,
        ),
        class_name="flex flex-wrap items-center gap-2",
    )


def _wizard_steps(config: EntityConfig) -> rx.Component:
    state = EntityPageState
    return rx.el.ol(
        *(
            rx.el.li(
                rx.el.span(
                    str(number + 1),
                    aria_hidden="true",
                    class_name=rx.cond(
                        state.step >= number,
                        "grid size-6 place-items-center rounded-full bg-accent text-xs "
                        "font-semibold text-on-accent",
                        "grid size-6 place-items-center rounded-full bg-sunken text-xs "
                        "font-semibold text-muted",
                    ),
                ),
                rx.el.span(
                    step.title,
                    class_name=rx.cond(
                        state.step == number,
                        "text-sm font-semibold text-ink",
                        "text-sm text-muted",
                    ),
                ),
                aria_current=rx.cond(state.step == number, "step", "false"),
                class_name="flex items-center gap-2",
            )
            for number, step in enumerate(config.form.steps)
        ),
        aria_label="Steps",
        id=FORM_STEPS,
        tab_index=-1,
        class_name=(
            "flex flex-wrap gap-x-6 gap-y-2 border-b border-line pb-4 scroll-mt-20 outline-none!"
        ),
    )


def _parent(
    config: EntityConfig, parent: Parent, id_prefix: str, place: Place | None
) -> rx.Component:
    """Which document the new one is to be below; of one that is written again it is settled."""
    state, above = EntityPageState, ENTITIES[parent.entity]
    if place is None:
        return rx.fragment()
    choices = state.parent_choices[parent.entity]
    address: Any = new_address(place.root, above) if above.parents else _start(place, above)
    if parent.within:
        address = f"{address}?{parent.within}=" + state.chosen_parents[parent.within]
    missing = rx.el.div(
        rx.el.p(
            f"A {config.label.lower()} belongs to a {above.label.lower()}, and there is none yet."
        ),
        link_button(
            f"Begin with a {above.label.lower()}",
            href=address,
            class_name="mt-2",
        ),
    )
    return rx.cond(
        ~state.is_choosing,
        rx.cond(
            choices.length() > 0,
            choice_list(
                above.label,
                rx.foreach(choices, lambda c: rx.el.option(c.name, value=c.id)),
                list_id=f"{id_prefix}-parent-{parent.entity}",
                value=state.chosen_parents[parent.entity],
                on_change=state.choose_parent(parent.entity),
            ),
            notice(missing, tone="info", icon_name=above.icon),
        ),
    )


def _start(place: Place, config: EntityConfig) -> str:
    return entity_address(place.root, config)


def _field(config: EntityConfig, field: FormField, id_prefix: str) -> rx.Component:
    state = EntityPageState
    if field.kind == "inherited":
        return rx.fragment()
    if field.kind == "choice":
        control = option_group(
            field.label,
            field.help,
            *(
                option_card(
                    name=field.name,
                    value=option.value,
                    label=option.label,
                    detail=option.help,
                    is_chosen=state.picks[field.name] == option.value,
                    on_choose=state.pick(field.name, option.value),
                )
                for option in field.options
            ),
        )
    elif field.kind == "item":
        control = rx.cond(
            state.item_options[field.name].length() > 0,
            option_group(
                field.label,
                field.help,
                rx.foreach(
                    state.item_options[field.name], lambda option: _item_option(field, option)
                ),
            ),
            rx.el.p(
                f"{field.label} There is none to choose from: the best fitting one is found.",
                class_name="text-sm text-muted",
            ),
        )
    else:
        control = field_input(
            field,
            id_prefix=id_prefix,
            value=state.typed[field.name],
            autofocus=field is config.form.fields[0],
        )
    if field.when is None:
        return control
    name, values = field.when
    return rx.cond(reduce(or_, (state.picks[name] == value for value in values)), control)


def _item_option(field: FormField, option: rx.Var[OptionView]) -> rx.Component:
    state = EntityPageState
    return option_card(
        name=field.name,
        value=option.value,
        label=option.label,
        detail=option.detail,
        is_chosen=state.picks[field.name] == option.value,
        on_choose=state.pick(field.name, option.value),
    )
