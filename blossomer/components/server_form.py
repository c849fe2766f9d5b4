"""A form that the browser itself sends, with a load of the page that answers it."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import Var
from reflex_components_core.el.elements.base import BaseHTML


class _ServerForm(BaseHTML):  # type: ignore[misc]
    """Reflex's own form never leaves the page: it sends what it holds over the websocket."""

    tag = "form"

    action: Var[str]
    method: Var[str]


def server_form(*children: Any, action: str, **props: Any) -> rx.Component:
    """Posts its inputs to an address of the API.

    Args:
        children: Inputs and the button.
        action: The address.
        props: Passed to the element.
    """
    return _ServerForm.create(*children, action=action, method="post", **props)
