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

    For one card, ``data`` is the whole document's data with that card replaced, and its provenance
    is that of the document; ``made_by`` is the provenance of this generation.
    """

    data: dict[str, Any]
    made_by: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The end: nothing was written, and why."""

    error: UserError


GenerationEvent = StageEvent | Partial | Completed | Failed
