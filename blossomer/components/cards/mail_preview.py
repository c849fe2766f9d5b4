"""An e-mail as its reader would see it: with names for the tokens, ready to be copied."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.cards.lint_panel import copy_buttons
from blossomer.components.ui.choices import choice_list
from blossomer.components.ui.copying import copies
from blossomer.state.entity_page import EntityPageState


def mail_preview(id_prefix: str) -> rx.Component:
    """Which e-mail, whose names, the text, and the buttons that copy it.

    Args:
        id_prefix: Makes ids unique on the page.
    """
    state = EntityPageState
    mails: Any = state.mails
    mail = mails[state.previewed]
    return rx.cond(
        mails.contains(state.previewed),
        rx.el.section(
            rx.el.h3("Preview and copy", class_name="text-base font-semibold text-ink"),
            rx.el.div(
                choice_list(
                    "E-mail",
                    rx.foreach(state.mail_choices, _option),
                    list_id=f"{id_prefix}-mail",
                    value=state.previewed,
                    on_change=state.preview,
                ),
                choice_list(
                    "Names in it",
                    rx.foreach(state.readers, _option),
                    list_id=f"{id_prefix}-reader",
                    value=state.reader,
                    on_change=state.preview_as,
                ),
                class_name="mt-2 grid gap-3 sm:grid-cols-2",
            ),
            rx.el.div(
                rx.el.p(
                    rx.el.span("Subject: ", class_name="font-normal text-muted"),
                    rx.el.span(mail.subject, dir="auto", data_testid="preview-subject"),
                    class_name="border-b border-line px-4 py-3 text-sm font-semibold text-ink",
                ),
                rx.el.p(
                    mail.body,
                    dir="auto",
                    data_testid="preview-body",
                    class_name=(
                        "max-w-prose px-4 py-4 text-[0.95rem] leading-relaxed "
                        "whitespace-pre-wrap text-ink"
                    ),
                ),
                class_name="mt-3 rounded-xl border border-line bg-canvas",
            ),
            rx.el.div(copy_buttons(state.previewed), class_name="mt-1 -ml-2"),
            _once_more(),
            data_testid="preview",
        ),
    )


def _option(one: Any) -> rx.Component:
    return rx.el.option(one.label, value=one.key)


def _once_more() -> rx.Component:
    """Copies again what a button copied while a change was on its way to the server."""
    state = EntityPageState
    return rx.cond(
        state.copy_again > 0,
        rx.el.span(
            key="copy-" + state.copy_again.to_string(),
            on_mount=copies(state.copy_text),
            class_name="hidden",
        ),
    )
