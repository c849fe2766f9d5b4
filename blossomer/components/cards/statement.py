"""One statement with where it comes from: the smallest thing that a person can check."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.value import length_note
from blossomer.components.ui import icon, outside_link, status_chip
from blossomer.state.card_views import ItemView, QuoteView, RecordView, ValueView

WithOrigin = ItemView | RecordView | ValueView
"""Anything with a status and quotes."""


def origin_beside(item: rx.Var[WithOrigin]) -> rx.Component:
    """The chip beside a label; what is quoted has its chip below, where the quotes open."""
    return rx.cond(item.status != "quoted", status_chip(item.status))


def quotes_below(item: rx.Var[WithOrigin]) -> rx.Component:
    """The chip that opens the quotes, for what is quoted."""
    return rx.cond(item.status == "quoted", rx.el.div(statement_source(item), class_name="mt-1.5"))


def statement_source(item: rx.Var[WithOrigin]) -> rx.Component:
    """The chip of a statement or a record; for what is quoted it opens the quotes."""
    return rx.cond(
        item.status == "quoted",
        rx.el.details(
            rx.el.summary(
                status_chip(item.status),
                icon("chevron-right", 14, "turns transition-transform text-faint"),
                aria_label="Quoted: show the quote and its page",
                class_name="inline-flex items-center gap-0.5 rounded-full py-1 -my-1",
            ),
            rx.foreach(item.quotes, _quote),
            class_name="min-w-0",
        ),
        rx.el.div(status_chip(item.status)),
    )


def statement(item: rx.Var[ItemView]) -> rx.Component:
    """A statement of a list card."""
    return rx.el.li(
        rx.el.p(item.text, dir="auto", class_name="text-[0.95rem] leading-relaxed text-ink"),
        length_note(item.count, item.is_over),
        statement_source(item),
        class_name=(
            "flex flex-col gap-1.5 border-t border-line py-3 first:border-t-0 first:pt-0 last:pb-0"
        ),
    )


def _quote(quote: rx.Var[QuoteView]) -> rx.Component:
    return rx.el.figure(
        rx.el.blockquote(quote.quote, dir="auto", class_name="text-sm text-ink"),
        rx.el.figcaption(
            rx.cond(
                quote.link != "",
                outside_link(quote.page, href=quote.link),
                rx.el.span(quote.page),
            ),
            class_name="mt-1 text-xs text-muted break-all",
        ),
        class_name="mt-2 rounded-lg border-l-4 border-good bg-good-soft px-3 py-2",
    )
