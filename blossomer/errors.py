"""The errors that a user can meet. Anything else that is raised is a bug.

Lives here: the one exception class that carries words for a person, and nothing about how those
words are shown (``api/errors.py`` and ``state/`` do that).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class UserError(Exception):
    """A failure with words: what happened, and what the person can do about it.

    The same code, message and action appear in the page and in the REST answer.

    Args:
        code: Stable identifier in snake_case, for programs.
        message: What happened, one sentence, no internals (no addresses, no stack).
        action: What the person can do next, one or two sentences.
        status: HTTP status of the REST answer.
        retry_after: Seconds until trying again makes sense, if known.
    """

    def __init__(
        self,
        code: str,
        message: str,
        action: str,
        *,
        status: int = 400,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.action = action
        self.status = status
        self.retry_after = retry_after

    @classmethod
    def of_words(cls, words: Mapping[str, Any]) -> UserError:
        """One that was written down, or told by another worker."""
        return cls(
            words["code"],
            words["message"],
            words["action"],
            status=words.get("status", 400),
            retry_after=words.get("retry_after"),
        )

    @property
    def as_words(self) -> dict[str, Any]:
        """Everything about it, to be written down or told."""
        return {
            "code": self.code,
            "message": self.message,
            "action": self.action,
            "status": self.status,
            "retry_after": self.retry_after,
        }

    @property
    def words(self) -> str:
        """What happened and what to do, as one text."""
        return f"{self.message} {self.action}"

    def __repr__(self) -> str:
        return f"UserError({self.code!r}, {self.message!r})"
