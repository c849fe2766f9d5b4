"""What a page shows of a document: small typed values, built from a document in one direction.

Nothing here changes a document, and nothing here is kept: a view can be built again at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blossomer.state.card_views import (
    CardView,
    ItemView,
    QuoteView,
    card_views,
    item_views,
    partial_card_views,
    short_url,
    web_link,
)

__all__ = [
    "AccountView",
    "CardView",
    "ChoiceView",
    "EarlierView",
    "ErrorView",
    "ItemView",
    "ProvenanceView",
    "QuoteView",
    "SourceView",
    "StageView",
    "UsageView",
    "card_views",
    "item_views",
    "partial_card_views",
    "provenance_view",
    "short_url",
    "web_link",
]


@dataclass
class SourceView:
    """One page that was read, or skipped and why."""

    url: str = ""
    link: str = ""
    detail: str = ""


@dataclass
class ProvenanceView:
    """Who wrote the document and from what, in words."""

    writer: str = ""
    is_basic: bool = False
    note: str = ""
    summary: str = ""
    written_at: str = ""
    pages: list[SourceView] = field(default_factory=list)
    skipped: list[SourceView] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    is_thin: bool = False


@dataclass
class StageView:
    """One step of a generation: ``state`` is todo, now or done."""

    key: str = ""
    label: str = ""
    state: str = "todo"
    detail: str = ""


@dataclass
class ErrorView:
    """A failure in words; an empty ``code`` means there is none."""

    code: str = ""
    message: str = ""
    action: str = ""


@dataclass
class ChoiceView:
    """Another document that can be opened."""

    id: str = ""
    name: str = ""


@dataclass
class AccountView:
    """Who is signed in; an empty ``name`` means nobody is."""

    name: str = ""
    email: str = ""


@dataclass
class UsageView:
    """One generation in the account's list."""

    at: str = ""
    what: str = ""
    outcome: str = ""
    writer: str = ""
    tokens: str = ""


@dataclass
class EarlierView:
    """What a field held before: ``origin`` says in words how that came about."""

    version: int = 0
    key: str = ""
    label: str = ""
    """Which field it is, where the modal has several."""
    origin: str = ""
    at: str = ""
    texts: list[str] = field(default_factory=list)


def shown_moment(moment: str) -> str:
    """A moment (ISO 8601) to the minute, for reading."""
    return moment[:16].replace("T", " ")


def _writer(provenance: Mapping[str, Any]) -> str:
    """Who wrote a document, for the person whose it is."""
    if provenance.get("writer") == "model":
        return str(provenance.get("model") or "a model")
    return "you" if provenance.get("writer") == "person" else "basic analysis"


def provenance_view(data: Mapping[str, Any]) -> ProvenanceView:
    """Who wrote the document, from which pages, and what was missing."""
    provenance = data.get("provenance") or {}
    coverage = provenance.get("website") or {}
    is_basic = provenance.get("writer") not in ("model", "person")
    pages = coverage.get("pages", [])
    facts = []
    if coverage:
        count = len(pages)
        facts.append(f"{count} {'page' if count == 1 else 'pages'}, {coverage['words']:,} words")
        if coverage.get("from_cache"):
            facts.append("read earlier")
    if seconds := provenance.get("duration_seconds"):
        facts.append(f"{seconds:.1f} s" if seconds >= 0.1 else "under 0.1 s")
    if provenance.get("cost_usd") is not None and not is_basic:
        facts.append(f"${provenance['cost_usd']:.4f}")
    return ProvenanceView(
        writer=_writer(provenance),
        is_basic=is_basic,
        note=provenance.get("note", ""),
        summary=" · ".join(facts),
        written_at=shown_moment(provenance.get("generated_at") or ""),
        pages=[
            SourceView(
                url=short_url(p["url"]), link=web_link(p["url"]), detail=f"{p['words']:,} words"
            )
            for p in pages
        ],
        skipped=[
            SourceView(url=short_url(p["url"]), link=web_link(p["url"]), detail=p["reason"])
            for p in coverage.get("skipped", [])
        ],
        missing=list(coverage.get("missing", [])),
        assumptions=list(data.get("assumptions", [])),
        gaps=list(data.get("discovery_gaps", [])),
        is_thin=coverage.get("quality") == "thin",
    )
