"""The one statement that writes changes of a document: what ``entities/merge.py`` does to a
dictionary, done to a row.

It names the paths that change and nothing else, and the database evaluates it on the row as it is
when it is locked. So writes of different fields at the same moment are all kept. The work is done
by functions of the database, ``written`` and ``applied``: its text is always the same, and one
answer is all there is to wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from blossomer.entities.base import well_formed
from blossomer.entities.merge import Change

WRITE: TextClause = text(
    "SELECT written(:place, :owner, :document, :texts, :parts, :given, :most, :kind, :reason, "
    ":noted)"
).bindparams(
    bindparam("document", type_=Uuid),
    bindparam("texts", type_=JSONB),
    bindparam("parts", type_=JSONB),
    bindparam("given", type_=ARRAY(BigInteger)),
    bindparam("noted", type_=JSONB),
)
"""Gives the new version; nothing when there is no such document, or one of the tickets is known.

Parameters:
    place: The table.
    owner: Whose document it is; the transaction is theirs from here on.
    document: Its id; None for one that nothing can have.
    texts: New texts of columns, by column.
    parts: Changes within columns, by column: see ``listed``.
    given: Tickets of the changes, the newest first.
    most: How many tickets a document remembers.
    kind: Key of the entity.
    reason: Why.
    noted: What is noted in the document's history; nothing when empty.
"""


def listed(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Changes as the database's function ``applied`` takes them, in order.

    Missing objects on the way are created; what is no object on the way is replaced by one.
    """
    return [
        {"path": [storable(key) for key in change.path], "value": storable(change.value)}
        for change in changes
    ]


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
