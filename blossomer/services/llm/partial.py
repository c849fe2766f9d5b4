"""Reading an answer that is still being written. Never raises, and keeps nothing between calls."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import jiter

START = re.compile(r'\{\s*(?:"|\}|$)')
"""Where a JSON object begins; a brace in a sentence before it looks different."""

_DECODER = json.JSONDecoder()
"""Unlike jiter it says where the object ends, whatever stands behind it."""


def parse_partial(text: str) -> tuple[dict[str, Any], str]:
    """Read what is there of a JSON object.

    Prose or a code fence before the object and behind it is skipped. Some 0.1 ms for
    an answer of usual length, so that it can be called for every text.

    Args:
        text: The whole text so far.

    Returns:
        The data so far, in which the last string may be unfinished, and the name of the top-level
        field being written: ``""`` before the first one has begun and when the object is finished.
    """
    start = START.search(text)
    if start is None:
        return {}, ""
    try:
        end = _DECODER.raw_decode(text, start.start())[1]
        # Read once more: Python's decoder lets NaN and halves of surrogate pairs through, which
        # neither JSON nor UTF-8 can carry to whoever looks on.
        return _fields(_read(text[start.start() : end])), ""
    except (ValueError, RecursionError):
        pass  # not finished
    try:
        data = _fields(_read(text[start.start() :], partial_mode="trailing-strings"))
    except ValueError:
        return {}, ""
    return data, next(reversed(data), "")


def _read(text: str, partial_mode: Literal[False, "trailing-strings"] = False) -> Any:
    body = text.encode("utf-8", "replace")
    return jiter.from_json(body, allow_inf_nan=False, partial_mode=partial_mode)


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
