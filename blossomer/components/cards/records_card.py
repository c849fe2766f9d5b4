"""A card of records: buying signals, use cases, follow-ups, or the segments of a text in order."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.frame import card_frame
from blossomer.components.cards.lint_panel import mail_foot
from blossomer.components.cards.statement import origin_beside, quotes_below, statement_source
from blossomer.components.cards.value import badge, length_note, value_content
from blossomer.components.ui import segment_mark
from blossomer.entities.config import Card
from blossomer.state.card_views import RecordView, ValueView
from blossomer.state.entity_page import EntityPageState


def records_card(card: Card) -> rx.Component:
    """One card and its records in their order."""
    return card_frame(card, records_content(card))


def records_content(card: Card) -> rx.Component:
    """The records, and of e-mails what is to be said of each."""
    view = EntityPageState.cards[card.key]
    if card.shape == "segments":
        return rx.el.ol(rx.foreach(view.records, _segment))
    return rx.el.ol(
        rx.foreach(view.records, lambda record, index: _record(record, _foot(card, index)))
    )


def _foot(card: Card, index: rx.Var[int]) -> rx.Component:
    return mail_foot(f"{card.key}-" + index.to_string()) if card.mail else rx.fragment()


def _record(record: rx.Var[RecordView], foot: rx.Component) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                record.title != "",
                rx.el.h3(
                    record.title,
                    dir="auto",
                    class_name="min-w-0 grow basis-52 text-[0.95rem] font-semibold text-ink",
                ),
            ),
            rx.cond(
                record.badges.length() > 0,
                rx.el.div(rx.foreach(record.badges, badge), class_name="flex flex-wrap gap-1.5"),
            ),
            class_name="flex flex-wrap items-start gap-x-3 gap-y-1.5",
        ),
        length_note(record.count, record.is_over),
        rx.cond(
            record.lines.length() > 0,
            rx.el.dl(rx.foreach(record.lines, _line), class_name="flex flex-col gap-2"),
        ),
        statement_source(record),
        foot,
        class_name=(
            "flex flex-col gap-2 border-t border-line py-4 first:border-t-0 first:pt-0 last:pb-0"
        ),
    )


def _line(line: rx.Var[ValueView]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(line.label, class_name="text-xs font-medium text-faint"),
        rx.el.dd(value_content(line), class_name="min-w-0"),
    )


def _segment(segment: rx.Var[RecordView]) -> rx.Component:
    """A part of a text: its kind in words and as a colour at the edge."""
    return rx.el.li(
        segment_mark(segment.colour),
        rx.el.div(
            rx.el.div(
                rx.el.p(segment.title, class_name="text-xs font-semibold text-muted"),
                origin_beside(segment),
                class_name="flex items-center justify-between gap-3",
            ),
            rx.foreach(segment.lines, value_content),
            quotes_below(segment),
            class_name="flex min-w-0 flex-1 flex-col gap-1.5",
        ),
        class_name="flex gap-3 py-2.5 first:pt-0 last:pb-0",
    )
