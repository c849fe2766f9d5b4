"""The state of a detail page: the parts put together."""

from __future__ import annotations

import reflex as rx

from blossomer.state.generating import GeneratingMixin


class EntityPageState(GeneratingMixin, rx.State):
    """The state of a visitor's detail page in the playground.

    One class for every entity: which one it shows is in ``entity``.
    """
