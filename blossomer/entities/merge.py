"""Changes are patches: the one way a document is altered, in a draft and in a row.

A change names a path and a value. Applying changes never touches a path that is not named, so two
people or tabs that edit different fields both keep their work.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PathKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Change(BaseModel):
    """Set the value at a path of object keys.

    Args:
        path: Keys from the top of the document, for example ``("data", "capabilities")``. Lists
            are values: they are replaced whole, since an index is not stable between two editors.
        value: Any JSON value.
    """

    model_config = ConfigDict(frozen=True)

    path: Annotated[tuple[PathKey, ...], Field(min_length=1, max_length=6)]
    value: Any


KEEP = Change(path=("status",), value="saved")
"""Makes a draft a kept document."""


def apply_changes(document: dict[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """Return a copy of ``document`` with every change applied, in order.

    Missing objects on the way are created; a value on the way that is not an object is replaced by
    one, as ``jsonb_set`` on a freshly built object would.
    """
    result = deepcopy(document)
    for change in changes:
        node = result
        for key in change.path[:-1]:
            child = node.get(key)
            if not isinstance(child, dict):
                child = {}
                node[key] = child
            node = child
        node[change.path[-1]] = deepcopy(change.value)
    return result


def undoing(document: dict[str, Any], changes: Iterable[Change]) -> list[Change]:
    """The changes that bring back what ``changes`` are about to overwrite.

    A list that was not there comes back as an empty one, since a patch cannot remove a key; another
    value that was not there is left as it will be.
    """
    inverse = []
    for change in changes:
        node: Any = document
        for key in change.path:
            node = node[key] if isinstance(node, dict) and key in node else _MISSING
        if node is not _MISSING:
            inverse.append(Change(path=change.path, value=deepcopy(node)))
        elif isinstance(change.value, list):
            inverse.append(Change(path=change.path, value=[]))
    return inverse[::-1]


_MISSING = object()


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The smallest set of top-level and object-level changes that turns one into the other.

    Keys that are missing from ``after`` are left alone: a patch adds and replaces, it never deletes
    what it does not name.
    """
    return list(_walk((), before, after))


def _walk(
    prefix: tuple[str, ...], before: dict[str, Any], after: dict[str, Any]
) -> Iterable[Change]:
    for key, value in after.items():
        old = before.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and len(prefix) < 5:
            yield from _walk((*prefix, key), old, value)
        elif old != value or key not in before:
            yield Change(path=(*prefix, key), value=value)
