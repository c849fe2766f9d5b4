"""Rows that can be dragged to another place: a handle to take them by, and rows to drop them on.

The browser does the dragging; the server hears of its beginning and its end. Whoever has no mouse
has buttons for the same.
"""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler, no_args_event_spec
from reflex_components_core.el.elements.inline import Span
from reflex_components_core.el.elements.typography import Li


class DragHandle(Span):  # type: ignore[misc]
    """What a row is taken by."""

    on_drag_start: EventHandler[no_args_event_spec]


class DropTarget(Li):  # type: ignore[misc]
    """A row on which another one can be dropped."""

    on_drag_over: EventHandler[no_args_event_spec]
    on_drop: EventHandler[no_args_event_spec]

    @classmethod
    def create(cls, *children: rx.Component, **props: object) -> rx.Component:
        """Create the row. A browser lets nothing be dropped where it is not told to."""
        return super().create(*children, on_drag_over=rx.prevent_default, **props)
