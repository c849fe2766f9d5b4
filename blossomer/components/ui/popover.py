"""A panel that opens over the page and closes with Escape or a click beside it.

The browser's own popover: no script of ours, no state on the server, and the focus goes back to the
button by itself.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

_MIDDLE = "m-auto backdrop:bg-black/40"
_PANEL = "w-72 rounded-xl border border-line bg-raised p-4 text-ink modal-shadow"


def popover(
    *children: Any, panel: str, button: rx.Component, place: str = _MIDDLE, **props: Any
) -> rx.Component:
    """A button and the panel that it opens.

    Args:
        children: What is in the panel.
        panel: Id of the panel, unique on the page.
        button: Opens and closes the panel.
        place: Classes that say where the panel lies; in the middle of the window by default.
        props: Passed to the element around both.
    """
    button.custom_attrs = {**button.custom_attrs, "popoverTarget": panel}
    return rx.el.div(
        button,
        rx.el.div(
            *children,
            id=panel,
            custom_attrs={"popover": "auto"},
            class_name=f"{place} {_PANEL}",
        ),
        **props,
    )
