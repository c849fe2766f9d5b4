"""Values of a record that somebody may have sent in another shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def listed(record: Any, name: str) -> list[str]:
    """The texts of a list in a record."""
    value = record.get(name) if isinstance(record, Mapping) else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def first_text(record: Any, name: str) -> str:
    """A text of a record; empty when there is none."""
    value = record.get(name) if isinstance(record, Mapping) else None
    return value if isinstance(value, str) else ""
