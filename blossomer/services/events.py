"""What a generation takes and what it yields. Data only; ``generation.py`` does the work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from blossomer.errors import UserError


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What to generate.

    Args:
        entity: Key of the entity, for example ``"company"``.
        inputs: The form's values, for example ``website_url`` and ``user_inputted_context``.
        only: Key of one card to write again; None for the whole entity.
        current: The document's data when it, or one card of it, is written again, else None.
            Whatever a person wrote or changed in it stays word for word.
        parents: Ids of what it is directly below, by entity; kept with the result, not read here.
        context: Data of all documents above it, by entity.
    """

    entity: str
    inputs: dict[str, str] = field(default_factory=dict)
    only: str | None = None
    current: dict[str, Any] | None = None
    parents: dict[str, str] = field(default_factory=dict)
    context: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A step has begun, or has news.

    Args:
        key: ``read``, ``assess``, ``write`` or ``verify``, as in the entity's stages.
        detail: What is happening right now, for a person, for example ``"Read 3 of 5 pages"``.
    """

    key: Literal["read", "assess", "write", "verify"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Partial:
    """The answer so far.

    Args:
        data: Fields that have begun, in the shape of the entity's schema; the last string may be
            unfinished.
        writing: Name of the field being written; the others in ``data`` are finished.
    """

    data: dict[str, Any]
    writing: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """The end: the entity's data, validated, evidence checked, with provenance.

    When something was written again, ``data`` is the whole document's data with that card, or
    everything, replaced, except what a person wrote. One card that would touch that is not
    replaced: it stands under ``proposals``. For one card the provenance in ``data`` is that of the
    document. ``made_by`` is the provenance of this generation.
    """

    data: dict[str, Any]
    made_by: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The end: nothing was written, and why."""

    error: UserError


GenerationEvent = StageEvent | Partial | Completed | Failed


@dataclass(frozen=True, slots=True)
class SuggestionRequest:
    """For which parent documents are to be suggested.

    Args:
        entity: Key of the entity of what is suggested, for example ``"account"``.
        inputs: What the form takes over from above: ``website_url``, ``pasted_text``.
        parents: Ids of what the suggested documents are directly below, by entity.
        context: Data of all documents above them, by entity.
        siblings: Names of the documents that are there already.
        most: Most documents; the configuration's number when it is None or larger.
    """

    entity: str
    inputs: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    context: dict[str, dict[str, Any]] = field(default_factory=dict)
    siblings: tuple[str, ...] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Ideas:
    """What is going to be written, each in a generation of its own; these have begun."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """One suggested document is done. They come in whatever order they are finished.

    Args:
        index: Its place among the names of ``Ideas``.
        data: As in ``Completed``.
        made_by: As in ``Completed``.
        inputs: The form's values it was written from, to be kept with it.
    """

    index: int
    data: dict[str, Any]
    made_by: dict[str, Any]
    inputs: dict[str, str]


@dataclass(frozen=True, slots=True)
class NotWritten:
    """One suggested document could not be written; the others go on."""

    index: int
    error: UserError


SuggestionEvent = StageEvent | Ideas | Written | NotWritten | Failed
"""What suggesting yields: stages, once ``Ideas``, then one ``Written`` or ``NotWritten`` for each
name, and the stream ends. Or ``Failed`` instead of ``Ideas``, as the last event."""
