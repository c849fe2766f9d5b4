"""What is asked of a model and what comes back. Data only; ``router.py`` does the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ModelRequest(Generic[T]):
    """One question to whichever model answers first with a valid result.

    Args:
        system: Role and standards.
        user: Task and data.
        schema: The answer must validate as this.
        purpose: Short name for logs and metrics, for example ``"company"``.
    """

    system: str
    user: str
    schema: type[T]
    purpose: str


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A model is being asked. Text of an earlier attempt no longer counts.

    Args:
        provider: For example ``"openai"``.
        model: In LiteLLM's notation.
        repair: The model is asked to mend its own invalid answer.
    """

    provider: str
    model: str
    repair: bool = False


@dataclass(frozen=True, slots=True)
class TextSoFar:
    """The whole text of the current attempt so far (not only what is new)."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelResult(Generic[T]):
    """A validated answer, the last thing a stream yields.

    Args:
        value: The validated answer.
        provider: Who wrote it.
        model: Which model, in LiteLLM's notation.
        input_tokens: Over all attempts, as the providers report (estimated when they do not).
        output_tokens: Likewise.
        cost_usd: Over all attempts; None when a price is unknown.
        attempts: Number of requests made.
    """

    value: T
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    attempts: int


ModelEvent = AttemptStarted | TextSoFar | ModelResult[T]
