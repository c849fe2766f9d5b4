"""What is said of work whose process has stopped, or was killed, in the middle of it."""

from __future__ import annotations

from blossomer.errors import UserError

_MESSAGE = "The writing was interrupted: the server stopped while it was under way."


def interrupted() -> UserError:
    """Of one text."""
    action = "Nothing you had is changed. Try again."
    return UserError("interrupted", _MESSAGE, action, status=503)


def interrupted_in_between() -> UserError:
    """Of several texts, some of which may be there."""
    action = "What is written already is kept. Try again for the rest."
    return UserError("interrupted", _MESSAGE, action, status=503)
