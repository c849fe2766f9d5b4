"""Judging a finished answer, and asking the model to mend an invalid one. No requests here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

import jiter
from pydantic import BaseModel, ValidationError

from blossomer.services.llm.partial import START

T = TypeVar("T", bound=BaseModel)
Messages = tuple[tuple[str, str], ...]

_TRIES = 20
"""Places where an object could begin that are tried, so that odd text costs little."""

_PROBLEMS = 20
_ECHO = 40_000
"""Characters of the invalid answer that are shown to the model again."""


class InvalidAnswer(Exception):
    """The text is no valid answer.

    Args:
        problems: One line each, for the model that wrote it.
        cut: The JSON is right as far as it goes and stops in the middle.
    """

    def __init__(self, problems: Sequence[str], *, cut: bool = False) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
        self.cut = cut


def read_answer(text: str, schema: type[T]) -> T:
    """Cut the JSON object out of a model's text and validate it.

    Args:
        text: The whole text; prose and code fences around the object are allowed.
        schema: What the object must validate as.

    Raises:
        InvalidAnswer: With what is wrong.
    """
    value = _object(text)
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'answer'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidAnswer(problems[:_PROBLEMS]) from None


def repair_messages(messages: Messages, answer: str, problems: Sequence[str]) -> Messages:
    """Build the conversation in which a model mends its answer.

    Args:
        messages: The conversation that led to the answer.
        answer: What the model wrote.
        problems: What is wrong with it.
    """
    request = (
        "That answer cannot be used. What is wrong with it:\n"
        + "\n".join(f"- {problem}" for problem in problems)
        + "\n\nWrite the complete answer again with exactly these faults mended and everything "
        "that was right kept as it was. Write one JSON object of the schema given above, and "
        "nothing before or after it."
    )
    if answer.strip():
        return (*messages, ("assistant", answer[:_ECHO]), ("user", request))
    # Some providers refuse an empty turn of the assistant, so the words join the question.
    *before, (role, content) = messages
    return (*before, (role, f"{content}\n\nYour previous answer was empty. {request}"))


def _object(text: str) -> dict[str, Any]:
    # Not strict: a raw line break inside a string is a small sin, and clear.
    decoder = json.JSONDecoder(strict=False)
    problem = "there is no JSON object in it"
    for count, match in enumerate(START.finditer(text)):
        if count == _TRIES:
            break
        try:
            value = decoder.raw_decode(text, match.start())[0]
        except (ValueError, RecursionError) as error:
            if _is_beginning(text[match.start() :]):
                raise InvalidAnswer(["the JSON stops before its end"], cut=True) from None
            problem = f"it is not valid JSON ({_where(error)})"
            continue
        if isinstance(value, dict):
            return value
    raise InvalidAnswer([problem])


def _is_beginning(text: str) -> bool:
    try:
        jiter.from_json(text.encode("utf-8", "replace"), partial_mode="trailing-strings")
    except ValueError:
        return False
    return True


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}, column {error.colno}"
    return "nested too deeply"
