"""Cards that were written again and would touch a person's words: what is, beside what would be."""

from __future__ import annotations

import reflex as rx

from blossomer.components.ui import action_button, icon
from blossomer.state.entity_page import EntityPageState
from blossomer.state.proposing import LineView, ProposalView


def proposals() -> rx.Component:
    """Every proposal of the open document."""
    state = EntityPageState
    return rx.cond(
        (state.proposals.length() > 0) & ~state.generating,
        rx.el.div(
            rx.foreach(state.proposals, _proposal),
            class_name="flex flex-col gap-4",
            data_testid="proposals",
        ),
    )


def _proposal(proposal: rx.Var[ProposalView]) -> rx.Component:
    state = EntityPageState
    return rx.el.section(
        rx.el.h2(
            icon("git-compare", 18, "text-accent"),
            "A new version of ",
            proposal.label,
            class_name="flex items-center gap-2 text-base font-semibold",
        ),
        rx.el.p(
            "It would replace words of yours, so nothing has been changed. Choose one.",
            class_name="mt-1 text-sm text-muted",
        ),
        rx.el.div(
            _side("Now", proposal.now),
            _side("Proposed", proposal.then),
            class_name="mt-4 grid gap-4 md:grid-cols-2",
        ),
        rx.el.div(
            action_button("Keep mine", on_click=state.decline(proposal.key)),
            action_button(
                "Use the new version", kind="primary", on_click=state.accept(proposal.key)
            ),
            class_name="mt-4 flex flex-wrap justify-end gap-2",
        ),
        class_name="rounded-2xl border border-accent bg-surface p-5 card-shadow",
    )


def _side(title: str, lines: rx.Var[list[LineView]]) -> rx.Component:
    return rx.el.div(
        rx.el.h3(title, class_name="text-sm font-semibold text-muted"),
        rx.el.ul(rx.foreach(lines, _line), class_name="mt-2 flex flex-col gap-1.5"),
        class_name="min-w-0 rounded-xl bg-sunken p-4",
    )


def _line(line: rx.Var[LineView]) -> rx.Component:
    base = "whitespace-pre-wrap text-sm "
    return rx.el.li(
        rx.match(
            line.state,
            (
                "new",
                rx.el.ins(line.text, class_name=base + "text-good no-underline"),
            ),
            ("gone", rx.el.del_(line.text, class_name=base + "text-bad")),
            rx.el.span(line.text, class_name=base + "text-ink"),
        ),
        dir="auto",
    )
