"""What a page shows of a document: small typed values, built from a document in one direction.

Nothing here changes a document, and nothing here is kept: a view can be built again at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import item_status, quotes_for, text_fragment_url


@dataclass
class QuoteView:
    """A verified quote and where it stands."""

    quote: str = ""
    page: str = ""
    link: str = ""


@dataclass
class ItemView:
    """One statement: ``status`` is quoted, inferred, edited, or checking while it is written."""

    text: str = ""
    status: str = "inferred"
    quotes: list[QuoteView] = field(default_factory=list)


@dataclass
class CardView:
    """One card: ``state`` is waiting or writing during a generation, else done."""

    statements: list[ItemView] = field(default_factory=list)
    confidence: str = ""
    state: str = "done"


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


@dataclass
class EditItem:
    """One row of the edit modal. ``text`` is what the row held when the modal opened."""

    id: str = ""
    text: str = ""


def web_link(url: str) -> str:
    """The address if a browser may open it as a web page, else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def short_url(url: str) -> str:
    """An address without its scheme and trailing slash, for reading."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def shown_moment(moment: str) -> str:
    """A moment (ISO 8601) to the minute, for reading."""
    return moment[:16].replace("T", " ")


def item_views(data: Mapping[str, Any], key: str, texts: list[str]) -> list[ItemView]:
    """The statements of one field with their status and quotes."""
    return [
        ItemView(
            text=text,
            status=item_status(data, key, text),
            quotes=[
                QuoteView(
                    quote=quote["quote"],
                    page=short_url(quote["page_url"]),
                    link=text_fragment_url(quote["page_url"], quote["quote"]),
                )
                for quote in quotes_for(data, key, text)
            ],
        )
        for text in texts
    ]


def card_views(config: EntityConfig, data: Mapping[str, Any]) -> dict[str, CardView]:
    """Every card of a finished document."""
    return {
        card.key: CardView(
            statements=item_views(data, card.key, data.get(card.key, [])),
            confidence=data.get("confidence", {}).get(card.key, ""),
        )
        for card in config.cards
    }


def partial_card_views(
    config: EntityConfig, data: Mapping[str, Any], writing: str
) -> dict[str, CardView]:
    """The cards of a document that is being written.

    Args:
        config: The entity.
        data: The fields that have begun; anything of the wrong shape is left out.
        writing: The field being written.
    """
    views = {}
    for card in config.cards:
        value = data.get(card.key)
        texts = [t for t in value if isinstance(t, str)] if isinstance(value, list) else []
        state = "writing" if writing == card.key else ("done" if card.key in data else "waiting")
        views[card.key] = CardView(
            statements=[ItemView(text=text, status="checking") for text in texts], state=state
        )
    return views


def provenance_view(data: Mapping[str, Any]) -> ProvenanceView:
    """Who wrote the document, from which pages, and what was missing."""
    provenance = data.get("provenance") or {}
    coverage = provenance.get("website") or {}
    is_basic = provenance.get("writer") != "model"
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
        writer="basic analysis" if is_basic else (provenance.get("model") or "a model"),
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
