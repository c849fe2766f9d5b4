"""What operations answer with. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from blossomer.db.store import Stored
from blossomer.entities.lineage import Outdated
from blossomer.entities.listing import ListRow
from blossomer.errors import UserError
from blossomer.services.events import Failed, Partial, StageEvent


@dataclass(frozen=True, slots=True)
class Relative:
    """A document above another one."""

    entity: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Below:
    """Documents of one entity below another document.

    Args:
        total: How many there are.
        rows: The newest of them.
    """

    total: int
    rows: tuple[ListRow, ...]


@dataclass(frozen=True, slots=True)
class Relations:
    """What is above and below a document.

    Args:
        above: Everything above it, the topmost first.
        below: Everything below it, by entity, directly or further down.
        outdated: What has changed above it since it was written.
    """

    above: tuple[Relative, ...]
    below: Mapping[str, Below]
    outdated: tuple[Outdated, ...]


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One write of a document.

    Args:
        id: A later one is larger.
        origin: Why: generated, edited, rewritten, restored, undone or imported.
        at: When.
        fields: Cards, and ``name`` and ``description``, that it wrote; all of them for the first.
    """

    id: int
    origin: str
    at: datetime
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """Some of a document's writes, newest first.

    Args:
        entries: The writes.
        next_before: What to ask for to get those before them; None when there are none.
    """

    entries: tuple[VersionEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The end of a generation: what it wrote is in the database.

    Args:
        stored: The document as it is now.
        waits: Key of the card for which something is only proposed, as it would touch a person's
            words; empty when nothing is.
    """

    stored: Stored
    waits: str = ""


WritingEvent = StageEvent | Partial | Kept | Failed
"""What a generation yields; the last one is ``Kept`` or ``Failed``."""


@dataclass(frozen=True, slots=True)
class SuggestedDocument:
    """One document that is suggested.

    Args:
        name: Its name.
        state: ``writing``, ``done`` or ``failed``.
        id: Its id, once it is kept.
        problem: Why it failed, in words.
    """

    name: str
    state: str
    id: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SuggestionNews:
    """How far a suggestion is; each one says all there is.

    Args:
        stage: What is happening, for a person.
        documents: The documents, once it is known which.
        error: Why there are none.
        is_over: Whether nothing more will happen.
    """

    stage: str
    documents: tuple[SuggestedDocument, ...] = ()
    error: UserError | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What a program sends to have a document of its own kept.

    Args:
        name: Its name.
        data: Description and cards, where they stand in a document's data; its kind, if any.
        parents: Ids of what it is directly below, by entity.
        inputs: Values of the generation form, for writing it again.
    """

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
