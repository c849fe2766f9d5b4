"""The frame of every modal: title, focus kept inside, Escape and outside clicks reported."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_radix.primitives.dialog import dialog

from blossomer.components.ui import icon_button
from blossomer.components.ui.focus import focuses

_QUESTION = "inset-x-4 bottom-4 rounded-2xl border border-line"


def modal(
    *children: Any,
    is_open: rx.Var[bool],
    title: Any,
    subtitle: Any,
    on_change: Any,
    on_leave: Any,
    focus_after: rx.Var[str] | str,
    is_small: bool = False,
) -> rx.Component:
    """A modal window.

    Args:
        children: What stands in it.
        is_open: Whether it is shown.
        title: Its name.
        subtitle: One sentence below the name.
        on_change: Called with the state the window wants to be in, on Escape or an outside click.
        on_leave: Called by its close button.
        focus_after: Id of the element that has the focus when it is gone: what opened it.
        is_small: Whether it leaves most of a small screen as it is; a form takes all of it.
    """
    return dialog.root(
        dialog.portal(
            dialog.overlay(class_name="fixed inset-0 z-40 scrim"),
            dialog.content(
                rx.el.div(
                    rx.el.div(
                        dialog.title(title, class_name="text-lg font-semibold text-ink"),
                        dialog.description(subtitle, class_name="text-sm text-muted"),
                        class_name="min-w-0 flex-1",
                    ),
                    icon_button("Close", "x", on_click=on_leave, class_name="-mr-2 -mt-1"),
                    class_name="flex items-start gap-3 px-5 pt-5 pb-3",
                ),
                *children,
                on_close_auto_focus=focuses(focus_after),
                class_name=(
                    f"fixed {_QUESTION if is_small else 'inset-0'} z-50 flex flex-col bg-raised "
                    "modal-shadow sm:inset-auto "
                    "sm:left-1/2 sm:top-1/2 sm:max-h-[88vh] sm:w-[min(42rem,92vw)] "
                    "sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl "
                    "sm:border sm:border-line"
                ),
            ),
        ),
        open=is_open,
        on_open_change=on_change,
    )
