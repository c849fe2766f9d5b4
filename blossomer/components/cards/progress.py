"""What is happening during a generation, truly, with a way to stop it."""

from __future__ import annotations

import reflex as rx

from blossomer.components.ui import action_button, icon, spinner
from blossomer.state.entity_page import EntityPageState
from blossomer.state.views import StageView


def progress() -> rx.Component:
    """The stages of the running generation and the cancel button."""
    return rx.el.section(
        rx.el.ol(
            rx.foreach(EntityPageState.stages, _stage),
            class_name="grid flex-1 gap-3 sm:grid-cols-2 xl:grid-cols-4",
        ),
        action_button(
            icon("x", 16), "Cancel", on_click=EntityPageState.cancel, class_name="self-start"
        ),
        aria_label="Progress",
        aria_live="polite",
        class_name=(
            "flex flex-col gap-4 rounded-2xl border border-line bg-surface p-5 card-shadow "
            "lg:flex-row lg:items-center"
        ),
    )


def stage_line() -> rx.Component:
    """What is happening right now in one line, for a card that is written again."""
    return rx.el.div(
        rx.foreach(
            EntityPageState.stages,
            lambda stage: rx.cond(
                stage.state == "now",
                rx.el.p(
                    spinner(16),
                    rx.cond(stage.detail != "", stage.detail, stage.label),
                    class_name="flex items-center gap-2 text-sm font-medium text-accent",
                ),
            ),
        ),
        role="status",
        class_name="mb-3 min-h-5",
    )


def _stage(stage: rx.Var[StageView]) -> rx.Component:
    return rx.el.li(
        rx.match(
            stage.state,
            ("done", icon("circle-check", 20, "text-good")),
            ("now", rx.el.span(spinner(20), class_name="text-accent")),
            icon("circle", 20, "text-faint"),
        ),
        rx.el.div(
            rx.el.p(
                stage.label,
                class_name=rx.cond(
                    stage.state == "todo",
                    "text-sm font-medium text-faint",
                    "text-sm font-medium text-ink",
                ),
            ),
            rx.cond(
                stage.detail != "",
                rx.el.p(stage.detail, class_name="text-xs text-muted break-words"),
            ),
            class_name="min-w-0",
        ),
        aria_current=rx.cond(stage.state == "now", "step", "false"),
        class_name="flex items-start gap-2.5",
    )
