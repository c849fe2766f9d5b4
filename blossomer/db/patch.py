"""Changes as one SQL expression: what ``entities/merge.py`` does to a dictionary, done to a column.

The expression names the paths that change and nothing else, and the database evaluates it on the
row as it is when it is locked. So writes of different fields at the same moment are all kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal
from sqlalchemy.dialects.postgresql import JSONB

from blossomer.entities.base import well_formed
from blossomer.entities.merge import Change


class _Branch(dict[str, Any]):
    """Keys below which something changes; anything else in a tree is a new value."""


def patched(column: ColumnElement[Any], changes: Iterable[Change]) -> ColumnElement[Any]:
    """The value of a JSONB column with all changes applied, in order.

    Missing objects on the way are created; what is no object on the way is replaced by one.
    """
    tree = _Branch()
    for change in changes:
        _add(tree, change)
    return _merged(column, tree)


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


def _add(tree: _Branch, change: Change) -> None:
    node: dict[str, Any] = tree
    for key in change.path[:-1]:
        child = node.get(key)
        if not isinstance(child, dict):
            # Below a value that an earlier change has set, the change goes into that value.
            child = _Branch() if isinstance(node, _Branch) and key not in node else {}
            node[key] = child
        node = child
    node[change.path[-1]] = deepcopy(change.value)


def _merged(current: ColumnElement[Any], tree: _Branch) -> ColumnElement[Any]:
    is_object = func.jsonb_typeof(current) == "object"
    merged: ColumnElement[Any] = case((is_object, current), else_=_json({}))
    for key, node in tree.items():
        value = _merged(current[key], node) if isinstance(node, _Branch) else _json(node)
        merged = merged.op("||")(func.jsonb_build_object(storable(key), value, type_=JSONB))
    return merged


def _json(value: Any) -> ColumnElement[Any]:
    return literal(storable(value), JSONB)
