"""What every generated entity has in common: evidence, confidence, provenance, coverage.

Pure data shapes. How evidence is verified is in ``evidence.py``; how documents change is in
``merge.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Confidence = Literal["high", "medium", "low"]
"""How sure the writer is of a field. Capped by code: no ``high`` without a verified quote."""

MOST_TEXT = 2_000
"""Most characters of one statement or description."""

ItemText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT)
]
"""One statement on a card. The interface shows it as it stands and never parses it."""


def well_formed(text: str) -> str:
    """The text without halves of surrogate pairs: a question mark stands for each.

    They are no characters, and UTF-8 cannot hold them.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class ClaimedQuote(BaseModel):
    """A quote as the model claims it, before any check."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(max_length=100, description="Name of the field the quote supports")
    text: str = Field(max_length=2_000, description="The item of that field, word for word")
    quote: str = Field(max_length=2_000, description="Words copied exactly from the page")
    page_url: str = Field(default="", max_length=2_000, description="URL of the page")


class Evidence(ClaimedQuote):
    """A quote after the check against the stored page."""

    verified: bool = False


class GeneratedEntity(BaseModel):
    """What a writer (model or basic analysis) produces for any entity.

    Subclasses add the entity's own fields. Unknown keys are dropped rather than refused, since
    models add them and they cannot do harm: nothing reads them.
    """

    model_config = ConfigDict(extra="ignore")

    evidence: list[ClaimedQuote] = Field(default_factory=list, max_length=120)
    confidence: dict[str, Confidence] = Field(default_factory=dict)
    assumptions: list[ItemText] = Field(default_factory=list, max_length=20)
    discovery_gaps: list[ItemText] = Field(default_factory=list, max_length=20)


class PageRead(BaseModel):
    """One page that was read."""

    url: str
    title: str = ""
    words: int = 0


class PageSkipped(BaseModel):
    """One page that was wanted and not read, and why, in words for a person."""

    url: str
    reason: str


class Coverage(BaseModel):
    """What the writer had to go on: reported to the user with every result."""

    reader: Literal["built-in", "firecrawl", "pasted text"]
    pages: list[PageRead] = Field(default_factory=list)
    skipped: list[PageSkipped] = Field(default_factory=list)
    words: int = 0
    quality: Literal["good", "thin", "insufficient"] = "good"
    missing: list[str] = Field(
        default_factory=list,
        description="What a good analysis would want and the site does not show, in words",
    )
    from_cache: bool = False
    fetched_at: datetime | None = None


class Provenance(BaseModel):
    """Who wrote the entity, from what, at what cost, and what a person changed since."""

    writer: Literal["model", "basic analysis", "person"] = "basic analysis"
    provider: str = ""
    model: str = ""
    generated_at: datetime | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = Field(default=None, description="None when the price is unknown")
    duration_seconds: float = 0.0
    prompt_version: str = ""
    note: str = Field(default="", description="Why basic analysis wrote it, and what to do")
    website: Coverage | None = None
    edited: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Field name to the texts of the items that a person wrote or changed",
    )


class Proposal(BaseModel):
    """A card that was written again and would touch what a person wrote, waiting for their word.

    Args:
        value: What the card would hold.
        evidence: Checked evidence for it.
        confidence: How sure the writer is of it, if it says so.
        written_at: When it was written.
    """

    model_config = ConfigDict(extra="ignore")

    value: Any
    evidence: list[Evidence] = Field(default_factory=list, max_length=120)
    confidence: Confidence | None = None
    written_at: datetime | None = None


class EntityData(GeneratedEntity):
    """A generated entity as it is kept: evidence checked, provenance known.

    ``basis`` says what the entities above it said when it was written, as digests by entity and
    field (``lineage.py``). ``proposals`` holds cards written again that a person has not accepted
    yet, by the card's key; None once they have been decided on.

    The concrete class of an entity is built from its schema by ``EntityConfig.data_model``.
    """

    evidence: list[Evidence] = Field(default_factory=list, max_length=120)  # type: ignore[assignment]
    provenance: Provenance = Field(default_factory=Provenance)
    basis: dict[str, dict[str, str]] = Field(default_factory=dict)
    proposals: dict[str, Proposal | None] = Field(default_factory=dict)
