"""A button that lets a person choose a text file; the page gets its text."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventHandler, passthrough_event_spec
from reflex.vars import Var

from blossomer.components.ui import button_look
from blossomer.state.messages import MOST_FILE_CHARACTERS, TextFileRead

_SOURCE = rx.asset("text_file.jsx", shared=True)


class TextFile(rx.Component):
    """Reads a file in the browser. What the event carries is ``TextFileRead``."""

    library = _SOURCE.importable_path
    tag = "TextFile"

    accept: Var[str]
    most: Var[int]

    on_text: EventHandler[passthrough_event_spec(TextFileRead)]


def text_file_button(*children: Any, accept: str, on_text: Any, **props: Any) -> rx.Component:
    """The button.

    Args:
        children: What stands on it.
        accept: Which files are offered, as endings or media types.
        on_text: Called with what was read.
        props: Passed to the button.
    """
    return TextFile.create(
        *children,
        accept=accept,
        most=MOST_FILE_CHARACTERS,
        on_text=on_text,
        class_name=button_look("secondary", props.pop("class_name", "")),
        **props,
    )
