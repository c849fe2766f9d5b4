"""What keys and the window itself do on a detail page, without a button."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventHandler
from reflex.vars import FunctionVar, Var
from reflex.vars.object import ObjectVar
from reflex_components_core.core.window_events import WindowEventListener

from blossomer.state.entity_page import EntityPageState


def _undo_key(event: ObjectVar[dict[str, Any]]) -> tuple[Var[bool], Var[str]]:
    """Whether the key is the one for undoing, and the kind of element that has the focus."""
    is_undo = (
        (event["ctrlKey"] | event["metaKey"])
        & ~event["shiftKey"]
        & (event["key"].to(str).lower() == "z")
    )
    return (is_undo, Var("(document.activeElement?.tagName ?? '')").to(str))


_KEEP_FROM_BROWSER = rx.Var(
    "((isUndo, focused, event) => { if (isUndo && "
    "!['INPUT', 'TEXTAREA', 'SELECT'].includes(focused)) event.preventDefault() })"
).to(FunctionVar)
"""A browser would also undo what was typed last into any input, wherever the focus is."""


class Shortcuts(WindowEventListener):  # type: ignore[misc]
    """Listens to the window; sends nothing to the server for any other key."""

    on_key_down: EventHandler[_undo_key]


def shortcuts() -> rx.Component:
    """Ctrl+Z undoes the last edit of the page; leaving the window keeps a draft."""
    state = EntityPageState
    return Shortcuts.create(
        on_key_down=[
            _KEEP_FROM_BROWSER,
            lambda is_undo, focused: rx.cond(is_undo, state.undo(focused), rx.noop()),
        ],
        on_blur=rx.cond(state.is_draft, state.keep(), rx.noop()),
    )
