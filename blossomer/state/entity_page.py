"""The state of a detail page: the parts put together."""

from __future__ import annotations

import reflex as rx

from blossomer.state.following import FollowingMixin


class EntityPageState(FollowingMixin, rx.State):
    """The state of a detail page, in the playground and in the app.

    One class for every entity: which one it shows is in ``entity``.
    """
