"""The smallest parts: buttons, chips, inputs, notices. Colours are the tokens of styles.css."""

from blossomer.components.ui.controls import (
    action_button,
    button_look,
    icon,
    icon_button,
    link_button,
    notice,
    outside_link,
    page_link,
    plain_link,
    spinner,
)
from blossomer.components.ui.inputs import field_input
from blossomer.components.ui.popover import popover
from blossomer.components.ui.segments import segment_mark
from blossomer.components.ui.status import confidence_chip, status_chip

__all__ = [
    "action_button",
    "button_look",
    "confidence_chip",
    "field_input",
    "icon",
    "icon_button",
    "link_button",
    "notice",
    "outside_link",
    "page_link",
    "plain_link",
    "popover",
    "segment_mark",
    "spinner",
    "status_chip",
]
