"""The smallest parts: buttons, chips, inputs, notices. Colours are the tokens of styles.css."""

from blossomer.components.ui.controls import (
    action_button,
    icon,
    icon_button,
    link_button,
    load_link,
    notice,
    outside_link,
    page_link,
    spinner,
)
from blossomer.components.ui.inputs import field_input
from blossomer.components.ui.status import confidence_chip, status_chip

__all__ = [
    "action_button",
    "confidence_chip",
    "field_input",
    "icon",
    "icon_button",
    "link_button",
    "load_link",
    "notice",
    "outside_link",
    "page_link",
    "spinner",
    "status_chip",
]
