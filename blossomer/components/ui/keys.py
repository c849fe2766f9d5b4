"""What inputs do by themselves in the browser, since the server would answer too late.

Each is one expression, called with the arguments of its event.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventHandler, key_event
from reflex.vars import FunctionVar, Var
from reflex.vars.object import ObjectVar
from reflex_components_core.el.elements.forms import Form
from reflex_components_core.el.elements.typography import Div

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


def _written_key(
    event: ObjectVar[dict[str, Any]],
) -> tuple[Var[bool], Var[bool], Var[int], Var[str]]:
    """Enter, Ctrl+Enter, a step for Alt with an arrow (0 for none), and the text of the input."""
    key = event["key"].to(str)
    is_enter = key == "Enter"
    has_control = event["ctrlKey"].to(bool) | event["metaKey"].to(bool)
    step = rx.cond(key == "ArrowUp", -1, rx.cond(key == "ArrowDown", 1, 0))
    return (
        is_enter,
        is_enter & has_control,
        rx.cond(event["altKey"].to(bool), step, 0).to(int),
        event["target"].to(dict[str, Any])["value"].to(str),
    )


class WritingKeys(Div):  # type: ignore[misc]
    """An element around one input that hears the keys which mean something there."""

    on_key_down: EventHandler[_written_key]
