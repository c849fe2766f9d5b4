"""Where a statement comes from, and how sure the writer is, as chips."""

from __future__ import annotations

import reflex as rx

from blossomer.components.ui.controls import icon

CHIP = (
    "inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap"
)


def _chip(label: str, icon_name: str, tone: str, hint: str) -> rx.Component:
    return rx.el.span(icon(icon_name, 12), label, title=hint, class_name=f"{CHIP} {tone}")


def status_chip(status: rx.Var[str]) -> rx.Component:
    """The chip for quoted, inferred, edited or checking."""
    return rx.match(
        status,
        (
            "quoted",
            _chip(
                "Quoted",
                "quote",
                "bg-good-soft text-good",
                "Backed by a quote that stands on the page",
            ),
        ),
        (
            "edited",
            _chip("Edited by you", "pen-line", "bg-accent-soft text-accent", "You wrote this"),
        ),
        (
            "checking",
            _chip("Not checked yet", "circle", "bg-sunken text-muted", "Quotes are checked last"),
        ),
        _chip(
            "Inferred",
            "lightbulb",
            "bg-info-soft text-info",
            "A conclusion: no sentence of the site says it word for word",
        ),
    )


def confidence_chip(confidence: rx.Var[str]) -> rx.Component:
    """The chip for high, medium or low confidence; nothing when none was stated."""
    return rx.match(
        confidence,
        ("high", _chip("High confidence", "circle-check", "text-good", "Backed by a quote")),
        (
            "medium",
            _chip("Medium confidence", "circle-dot", "text-muted", "Some of it may be inferred"),
        ),
        ("low", _chip("Low confidence", "circle", "text-warn", "Inferred: check it")),
        rx.fragment(),
    )
