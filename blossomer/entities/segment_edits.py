"""Single edits of a body's segments: each changes what it names and nothing else.

A segment is named by its *address*: its id if that is there once and can be sent, else its place.
So what was written by hand or by a model can be edited too, without giving ids to segments that
nobody touched. Pure: all functions return new lists and leave the others' items as they are.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Records = list[dict[str, Any]]

_SENDABLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BY_PLACE = "at-"


def addresses(segments: Sequence[Mapping[str, Any]]) -> list[str]:
    """The address of each segment; no two are the same."""
    ids = Counter(str(segment.get("id") or "") for segment in segments)
    return [
        key if ids[key] == 1 and _is_usable(key) else f"{_BY_PLACE}{index}"
        for index, segment in enumerate(segments)
        if (key := str(segment.get("id") or "")) is not None
    ]


def _is_usable(key: str) -> bool:
    return bool(_SENDABLE.fullmatch(key)) and not key.startswith(_BY_PLACE)


def place_of(segments: Sequence[Mapping[str, Any]], address: str) -> int | None:
    """The place of the segment with this address, if it is there."""
    known = addresses(segments)
    return known.index(address) if address in known else None


def with_value(segments: Records, index: int, name: str, value: Any) -> Records:
    """The segments with one value of one of them changed."""
    return [
        {**segment, name: value} if position == index else segment
        for position, segment in enumerate(segments)
    ]


def inserted(segments: Records, index: int, new: dict[str, Any]) -> Records:
    """The segments with a new one at this place; it gets an id that no other has."""
    return [*segments[:index], {**new, "id": new_id(segments)}, *segments[index:]]


def removed(segments: Records, index: int) -> Records:
    """The segments without one of them."""
    return [*segments[:index], *segments[index + 1 :]]


def moved(segments: Records, index: int, to: int) -> Records:
    """The segments with one of them at another place, as far as that place exists."""
    rest = removed(segments, index)
    to = max(0, min(to, len(rest)))
    return [*rest[:to], segments[index], *rest[to:]]


def new_id(segments: Sequence[Mapping[str, Any]]) -> str:
    """An id that none of the segments has."""
    taken = {str(segment.get("id") or "") for segment in segments}
    while True:
        if (candidate := secrets.token_hex(4)) not in taken:
            return candidate
