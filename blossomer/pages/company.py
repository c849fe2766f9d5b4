"""The company page, in the playground and in the app."""

from __future__ import annotations

import reflex as rx

from blossomer.entities import entity_config
from blossomer.pages.detail import add_detail_pages

CONFIG = entity_config("company")


def add_to(app: rx.App) -> None:
    """Register the page."""
    add_detail_pages(app, CONFIG)
