"""What inputs do by themselves in the browser, since the server would answer too late.

Each is one expression, called with the arguments of its event.
"""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler, key_event
from reflex.vars import FunctionVar
from reflex_components_core.el.elements.forms import Form

_SEND = rx.Var(
    "((key, pressed, event) => { if (key === 'Enter' && (pressed.ctrl_key || pressed.meta_key)) "
    "event.currentTarget.requestSubmit() })"
).to(FunctionVar)

EMPTY_THE_INPUT = rx.Var("((text, event) => { event.target.value = '' })").to(FunctionVar)
"""After what stood in it was sent. From the server it would take away what was typed meanwhile."""

EMPTY_AFTER_A_VALUE = rx.Var(
    "((text, event) => { if (/[,\\n]/.test(text)) event.target.value = '' })"
).to(FunctionVar)
"""The same, when the text ended with a comma or a line."""


class KeyForm(Form):  # type: ignore[misc]
    """A form that Ctrl+Enter, or Cmd+Enter, sends from any of its inputs."""

    on_key_down: EventHandler[key_event]

    @classmethod
    def create(cls, *children: rx.Component, **props: object) -> rx.Component:
        """Create the form."""
        return super().create(*children, on_key_down=_SEND, **props)
