"""Why a model did not answer, in words for programs, and what the user is told when none did."""

from __future__ import annotations

from typing import Literal

from blossomer.errors import UserError

Cause = Literal[
    "invalid_key",
    "no_credit",
    "unknown_model",
    "rate_limited",
    "refused",
    "server_error",
    "unreachable",
    "timeout",
    "cut_stream",
    "invalid_answer",
    "resting",
]
"""``resting``: the breaker is open and the model was not asked."""

NEEDS_A_PERSON: frozenset[Cause] = frozenset({"invalid_key", "no_credit", "unknown_model"})
"""Causes that no waiting mends: someone must change a setting or pay a bill."""

MAY_PASS: frozenset[Cause] = frozenset({"rate_limited", "server_error", "cut_stream"})
"""Causes worth one more try with the same model when no other is left."""


class AttemptFailed(Exception):
    """One attempt with one model came to nothing.

    Args:
        cause: Why.
        status: HTTP status, when the provider gave one.
        retry_after: Seconds the provider asked to be left alone, if it did.
        detail: Name of the exception or of the deadline, for logs. Never a provider's message:
            those may quote the prompt or a part of the key.
    """

    def __init__(
        self,
        cause: Cause,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(cause)
        self.cause: Cause = cause
        self.status = status
        self.retry_after = retry_after
        self.detail = detail


class ModelError(UserError):
    """No model gave a valid answer.

    Args:
        reasons: (model, cause) in the order things happened, for logs and the health page.
    """

    def __init__(
        self,
        code: str,
        message: str,
        action: str,
        *,
        status: int,
        reasons: tuple[tuple[str, Cause], ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code, message, action, status=status, retry_after=retry_after)
        self.reasons = reasons


def not_configured() -> ModelError:
    """There is no model to ask."""
    return ModelError(
        "models_unavailable",
        "No language model is configured.",
        "Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or name a local model in "
        "LLM_MODELS, and start again.",
        status=503,
    )


def all_failed(reasons: tuple[tuple[str, Cause], ...], retry_after: int | None) -> ModelError:
    """Every model was asked, or is resting, and none gave a valid answer."""
    causes = {cause for _, cause in reasons}
    if causes <= NEEDS_A_PERSON:
        action = (
            "Whoever runs this server has to check the models' keys, names and credit; "
            "GET /health/ready shows which model fails and why."
        )
    elif causes <= {"invalid_answer", "cut_stream"}:
        action = "Try again; if it happens again, a larger model may be needed."
    else:
        action = "Try again in a minute. What you entered is kept."
    return ModelError(
        "models_unavailable",
        "None of the configured language models gave a usable answer.",
        action,
        status=503,
        reasons=reasons,
        retry_after=retry_after,
    )


def deadline_passed(reasons: tuple[tuple[str, Cause], ...]) -> ModelError:
    """The time for the whole generation is over."""
    return ModelError(
        "model_deadline",
        "The language models took too long to answer.",
        "Try again; what you entered is kept. If it keeps happening, a faster model or a longer "
        "LLM_TOTAL_DEADLINE_SECONDS helps.",
        status=504,
        reasons=reasons,
    )
