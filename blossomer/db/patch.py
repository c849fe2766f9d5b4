"""Changes as one SQL expression: what ``entities/merge.py`` does to a dictionary, done to a column.

It names the paths that change and nothing else, and the database evaluates it on the row as it is
when it is locked. So writes of different fields at the same moment are all kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, literal
from sqlalchemy.dialects.postgresql import JSONB

from blossomer.entities.base import well_formed
from blossomer.entities.merge import Change


def patched(column: ColumnElement[Any], changes: Iterable[Change]) -> ColumnElement[Any]:
    """The value of a JSONB column with all changes applied, in order.

    Missing objects on the way are created; what is no object on the way is replaced by one. The
    work is done by a function of the database, ``applied``.
    """
    listed = [
        {"path": [storable(key) for key in change.path], "value": storable(change.value)}
        for change in changes
    ]
    return func.applied(column, literal(listed, JSONB), type_=JSONB)


def storable(value: Any) -> Any:
    """The same JSON value without what PostgreSQL's text cannot hold.

    That is the character NUL, which is left out, and halves of surrogate pairs (``well_formed``).
    """
    if isinstance(value, str):
        return well_formed(value.replace("\x00", ""))
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
