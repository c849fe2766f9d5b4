"""Giving the focus to an element, in the browser itself.

From the server it would come late: the page can be another one by then, or be loading anew, and a
person who has gone on with the keyboard would be taken away from where they are.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import FunctionVar
from reflex.vars.function import ArgsFunctionOperation

_FOCUS = rx.Var("((id) => document.getElementById(id)?.focus())").to(FunctionVar)


def focuses(element_id: rx.Var[str] | str) -> Any:
    """An event handler that focuses the element with this id; without such a one, nothing."""
    return ArgsFunctionOperation.create((), _FOCUS.call(element_id))
