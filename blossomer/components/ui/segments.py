"""The colours of the parts of a text, as a bar at their edge. What a part is, is said in words."""

from __future__ import annotations

import reflex as rx

from blossomer.entities.segments import SEGMENT_TYPES

_BARS = {
    "slate": "bg-slate-500",
    "blue": "bg-blue-500",
    "rose": "bg-rose-500",
    "violet": "bg-violet-500",
    "amber": "bg-amber-500",
    "green": "bg-green-600",
    "indigo": "bg-indigo-500",
    "stone": "bg-stone-500",
    "pink": "bg-pink-500",
}
"""Written out, since Tailwind makes the classes that it finds in the sources."""


def segment_mark(colour: rx.Var[str]) -> rx.Component:
    """A bar in the colour of a kind of segment.

    Args:
        colour: The name of the colour; see ``SEGMENT_TYPES``.
    """
    look = "w-1 shrink-0 self-stretch rounded-full"
    return rx.el.span(
        aria_hidden="true",
        class_name=rx.match(
            colour,
            *((kind.colour, f"{look} {_BARS[kind.colour]}") for kind in SEGMENT_TYPES.values()),
            f"{look} bg-line-strong",
        ),
    )
