"""Copying text, in the click itself: a browser lets nothing copy that a person did not ask for.

Nothing is evaluated: the expressions stand in the built page. What a server sent as code to be run
would be refused by the content security policy.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import FunctionVar
from reflex.vars.function import ArgsFunctionOperation

_COPY = rx.Var(
    "((text) => { const byHand = () => { const area = document.createElement('textarea'); "
    "area.value = text; area.style.position = 'fixed'; area.style.opacity = '0'; "
    "document.body.append(area); area.select(); document.execCommand('copy'); area.remove() }; "
    "navigator.clipboard ? navigator.clipboard.writeText(text).catch(byHand) : byHand() })"
).to(FunctionVar)
"""By hand where a page has no clipboard: without HTTPS, on another address than this machine."""


def copies(text: rx.Var[str]) -> Any:
    """An event handler that copies a text as it is, with its line breaks."""
    return ArgsFunctionOperation.create((), _COPY.call(text))
