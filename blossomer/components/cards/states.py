"""The faces of a page without a document: empty, loading, not found, and failures in words."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.editors.generation_form import generation_form
from blossomer.components.import_button import import_button
from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon, link_button, notice
from blossomer.entities.config import EntityConfig
from blossomer.state.entity_page import EntityPageState


def empty_state(config: EntityConfig, place: Place) -> rx.Component:
    """Nothing there yet: what this page is for, and the form that fills it.

    What is below something else has a list that says when there is none; here it is asked for.
    """
    title, subtitle = (
        (config.form.title, config.form.subtitle)
        if config.parents
        else (config.empty.title, config.empty.subtitle)
    )
    width = "max-w-3xl" if config.form.steps else "max-w-xl"
    return rx.el.section(
        _sign(config.empty.icon),
        rx.el.h1(title, class_name="display text-3xl font-semibold"),
        rx.el.p(subtitle, class_name="text-muted"),
        rx.el.div(
            generation_form(config, id_prefix="empty", place=place),
            class_name="mt-4 w-full text-left",
        ),
        rx.fragment()
        if config.parents
        else rx.el.div(
            rx.el.p("Or take in a plan that you exported.", class_name="text-sm text-muted"),
            import_button(),
            class_name="mt-6 flex flex-wrap items-center justify-center gap-3",
        ),
        class_name=f"mx-auto flex {width} flex-col items-center gap-2 py-8 text-center sm:py-16",
    )


def loading_state() -> rx.Component:
    """Skeletons in the places of what is coming."""
    return rx.el.div(
        rx.el.span("Loading", class_name="sr-only"),
        rx.el.div(class_name="skeleton h-10 w-2/3 max-w-md"),
        rx.el.div(class_name="skeleton h-5 w-full max-w-2xl"),
        rx.el.div(
            *(rx.el.div(class_name="skeleton h-56 rounded-2xl") for _ in range(4)),
            class_name="mt-4 grid gap-5 md:grid-cols-2",
        ),
        role="status",
        class_name="flex flex-col gap-4",
    )


def message_state(icon_name: str, title: str, text: Any, *actions: Any) -> rx.Component:
    """A whole page that says one thing and what to do about it."""
    return rx.el.section(
        _sign(icon_name),
        rx.el.h1(title, class_name="display text-3xl font-semibold"),
        rx.el.p(text, class_name="max-w-md text-muted"),
        rx.el.div(*actions, class_name="mt-4 flex flex-wrap justify-center gap-2"),
        class_name="mx-auto flex max-w-xl flex-col items-center gap-2 py-16 text-center",
    )


def not_found_state(config: EntityConfig, place: Place) -> rx.Component:
    """The address names a document that the person does not have."""
    return message_state(
        "file-text",
        f"This {config.label.lower()} is not here",
        place.missing,
        link_button(
            f"All {config.label_plural.lower()}" if config.parents else "Show the newest",
            href=place.path(config),
            kind="primary",
        ),
        link_button("Start page", href="/"),
    )


def unavailable_state(config: EntityConfig) -> rx.Component:
    """The database does not answer."""
    return message_state(
        "cloud-off",
        "Your work cannot be reached right now",
        "The database does not answer. Nothing is lost. This page tries again by itself every few "
        "seconds.",
        action_button("Try now", kind="primary", on_click=EntityPageState.load(config.entity)),
    )


def draft_notice() -> rx.Component:
    """Says that what was written is new and can be thrown away, and what keeps it."""
    state = EntityPageState
    return rx.cond(
        state.is_draft & ~state.generating,
        notice(
            rx.el.div(
                rx.el.p(
                    rx.el.strong("New. "),
                    "It is kept by itself in half a minute, or as soon as you change it.",
                    class_name="basis-full self-center sm:flex-1 sm:basis-0",
                ),
                action_button("Discard", on_click=state.discard, class_name="text-ink"),
                action_button("Keep", kind="primary", on_click=state.keep),
                class_name="flex flex-wrap gap-2",
            ),
            tone="info",
            icon_name="sparkles",
            is_row=True,
            data_testid="draft",
        ),
    )


def unreadable_state(config: EntityConfig, place: Place) -> rx.Component:
    """The browser has a draft that cannot be read; it is left where it is."""
    return rx.el.div(
        notice(
            rx.el.p(
                "A draft in this browser cannot be read. It was left as it is; you can start a "
                "new one."
            ),
            tone="warn",
            icon_name="triangle-alert",
            role="alert",
        ),
        rx.fragment() if config.parents else empty_state(config, place),
    )


def failure() -> rx.Component:
    """Why the last generation failed and what to do next."""
    state = EntityPageState
    return rx.cond(
        state.error.code != "",
        rx.el.div(
            notice(
                rx.el.p(rx.el.strong(state.error.message)),
                rx.el.p(state.error.action, class_name="mt-1"),
                rx.el.div(
                    action_button("Try again", on_click=state.try_again, class_name="text-ink"),
                    action_button("Dismiss", kind="quiet", on_click=state.dismiss_error),
                    class_name="mt-3 flex flex-wrap gap-2",
                ),
                tone="bad",
                icon_name="triangle-alert",
            ),
            role="alert",
            data_testid="failure",
            data_code=state.error.code,
        ),
    )


def storage_notice() -> rx.Component:
    """Says when the browser's storage is nearly full, full, or not there."""
    state = EntityPageState
    rescue = rx.el.div(
        action_button("Try to save again", on_click=state.save_again, class_name="text-ink"),
        action_button(
            "Download this draft", on_click=state.export("json", False), class_name="text-ink"
        ),
        class_name="mt-3 flex flex-wrap gap-2",
    )
    return rx.match(
        state.storage,
        (
            "nearly_full",
            notice(
                rx.el.p(
                    rx.el.strong("This browser's storage is nearly full. "),
                    "Everything is saved so far. Download drafts you want to keep and delete those "
                    "you do not need.",
                ),
                tone="warn",
                icon_name="triangle-alert",
                role="status",
                data_testid="storage-nearly-full",
            ),
        ),
        (
            "full",
            notice(
                rx.el.p(
                    rx.el.strong("This browser's storage is full. "),
                    "Your last change is on this page but not saved. Delete another draft and try "
                    "again, or download this one.",
                ),
                rescue,
                tone="bad",
                icon_name="triangle-alert",
                role="alert",
                data_testid="storage-full",
            ),
        ),
        (
            "unavailable",
            notice(
                rx.el.p(
                    rx.el.strong("This browser does not let the site keep data. "),
                    "Your work is on this page only, until you close it. Allow site data for this "
                    "address, or download your draft.",
                ),
                rescue,
                tone="bad",
                icon_name="triangle-alert",
                role="alert",
                data_testid="storage-unavailable",
            ),
        ),
        rx.fragment(),
    )


def _sign(name: str) -> rx.Component:
    return rx.el.span(
        icon(name, 28),
        class_name="mb-2 grid size-14 place-items-center rounded-2xl bg-accent-soft text-accent",
    )
