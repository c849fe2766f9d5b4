"""The colours of the parts of a text. What a part is, is said in words too."""

from __future__ import annotations

import reflex as rx


def segment_mark(colour: rx.Var[str]) -> rx.Component:
    """A bar in the colour of a kind of segment.

    Args:
        colour: The name of the colour; see ``SEGMENT_TYPES``, and ``styles.css`` for its tokens.
    """
    return rx.el.span(
        aria_hidden="true",
        data_colour=colour,
        class_name="part-mark w-1 shrink-0 self-stretch rounded-full",
    )
