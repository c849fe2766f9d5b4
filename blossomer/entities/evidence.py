"""Evidence: which claimed quotes stand on the stored page, and what that says about an item.

No pages are fetched here and nothing is asked of a model. The data shapes are in ``base.py``; when
a quote stands on a page is decided, and why so strictly, in ``quotes.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError

from blossomer.entities.base import ClaimedQuote, Evidence
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.items import item_key, texts_of
from blossomer.entities.quotes import (
    PageText,
    indexed_page,
    is_long_enough,
    is_verified,
    squash,
)

__all__ = [
    "ItemStatus",
    "PageText",
    "check_evidence",
    "is_long_enough",
    "is_verified",
    "item_status",
    "quotes_for",
    "squash",
    "text_fragment_url",
]

ItemStatus = Literal["quoted", "inferred", "edited"]
"""Where an item comes from: a verified quote, the writer's conclusion, or a person."""

_MAX_WHOLE_FRAGMENT = 100
"""Characters up to which a link names the whole quote; longer ones name its two ends."""

_FRAGMENT_WORDS = 5
_MIN_CONTAINED = 10


def check_evidence(
    data: Mapping[str, Any], config: EntityConfig, pages: Mapping[str, str]
) -> dict[str, Any]:
    """Check what a writer claims, and cap its confidence by what could be verified.

    Args:
        data: A writer's answer: a whole entity, or one card, in a field named like it, with its
            evidence and confidence.
        config: The entity.
        pages: Visible text by page address, in order of importance.

    Returns:
        A copy of ``data`` whose ``evidence`` holds ``Evidence`` dicts, each with the exact text of
        the item it supports and the page where the quote really stands. Claims about anything
        that is not there, and repetitions, are dropped. ``field`` is the key of the card, where
        there is one. ``confidence`` names only cards and fields of ``data``; ``high`` needs a
        verified quote for it.
    """
    parts = _parts(data, config)
    items = {name: list(texts_of(value)) for name, value in parts.items()}
    indexed = {url: indexed_page(text) for url, text in pages.items()}

    evidence: list[Evidence] = []
    seen: set[tuple[str, str, str]] = set()
    for claim in _claims(data.get("evidence")):
        name, text = _supported(claim, config, items)
        words = squash(claim.quote)
        if text is None or not words or (name, text, words) in seen:
            continue
        seen.add((name, text, words))
        url = _page_of(claim, indexed)
        claimed_url = claim.page_url if claim.page_url in indexed else ""
        evidence.append(
            Evidence(
                field=name,
                text=text,
                quote=claim.quote.strip(),
                page_url=claimed_url if url is None else url,
                verified=url is not None,
            )
        )

    proven = {entry.field for entry in evidence if entry.verified}
    stated = data.get("confidence")
    return {
        **data,
        "evidence": [entry.model_dump() for entry in evidence],
        "confidence": _confidence(
            stated if isinstance(stated, Mapping) else {}, list(parts), proven, config
        ),
    }


def quotes_for(data: Mapping[str, Any], field: str, item: Any) -> list[dict[str, Any]]:
    """The verified quotes behind one item, as they stand in the document's ``evidence``.

    Args:
        data: The document's data.
        field: Key of the card, or name of the field.
        item: A text, or a record: then the quotes for any of its values.
    """
    texts = set(texts_of(item))
    return [
        entry
        for entry in data.get("evidence") or ()
        if entry.get("verified") is True
        and entry.get("field") == field
        and entry.get("text") in texts
    ]


def item_status(data: Mapping[str, Any], field: str, item: Any) -> ItemStatus:
    """Where one item of a document, a text or a record, comes from.

    A person's change wins over everything: the quotes of the old words prove nothing about the new.
    """
    edited = (data.get("provenance") or {}).get("edited") or {}
    if item_key(item) in edited.get(field, ()):
        return "edited"
    return "quoted" if quotes_for(data, field, item) else "inferred"


def text_fragment_url(page_url: str, quote: str) -> str:
    """A link that opens the page and scrolls to the quote.

    Built as the URL Fragment Text Directives specification of the WICG says: ``#:~:text=start,end``
    where ``-``, ``,`` and ``&`` are percent-encoded inside the words because they have a meaning of
    their own.

    Returns:
        The link, or an empty string when the address is not an http or https address.
    """
    try:
        parts = urlsplit(page_url.strip())
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    anchor = parts.fragment.split(":~:", 1)[0]
    words = quote.split()
    if not words:
        return urlunsplit(parts._replace(fragment=anchor))
    whole = " ".join(words)
    # A quote that runs over several blocks is only found by its two ends.
    is_long = len(whole) > _MAX_WHOLE_FRAGMENT and len(words) >= 2 * _FRAGMENT_WORDS
    ends = [words[:_FRAGMENT_WORDS], words[-_FRAGMENT_WORDS:]] if is_long else [words]
    encoded = ",".join(percent_encode(" ".join(part), safe="").replace("-", "%2D") for part in ends)
    return urlunsplit(parts._replace(fragment=f"{anchor}:~:text={encoded}"))


def _claims(claimed: Any) -> Iterator[ClaimedQuote]:
    for claim in claimed or ():
        try:
            yield ClaimedQuote.model_validate(claim)
        except ValidationError:
            continue  # a claim that is not even well-formed proves nothing


def _parts(data: Mapping[str, Any], config: EntityConfig) -> dict[str, Any]:
    """What is written, by card or field, in the schema's order. Texts of records come without ids.

    A card alone stands in a field named like it, wherever its place in the whole entity is.
    """
    cards: dict[str, list[Card]] = {}
    for card in config.cards:
        cards.setdefault(card.at[0], []).append(card)
    parts: dict[str, Any] = {}
    for name in config.own_fields:
        for card in cards.get(name, ()):
            if isinstance(data.get(name), Mapping | list):
                parts[card.key] = card.value(data)
        if name in data and name not in cards and name != config.kind_field:
            parts[name] = data[name]
    for card in config.cards:
        if card.path and card.key in data:
            parts[card.key] = data[card.key]
    return parts


def _supported(
    claim: ClaimedQuote, config: EntityConfig, items: Mapping[str, Sequence[str]]
) -> tuple[str, str | None]:
    """The card or field that a claim is about, and the text there; None when there is none."""
    words = re.findall(r"[^\W\d]\w*", claim.field)  # some models write "field[0].title"
    if not words:
        return "", None
    names = [words[0]] if words[0] in items else []
    # The answer's field may hold several cards; the one whose place is named further goes first.
    inside = [card for card in config.cards if card.path and card.at[0] == words[0]]
    inside.sort(key=lambda card: card.at[-1] not in words[1:])
    for name in dict.fromkeys((*names, *(card.key for card in inside))):
        text = _matching_item(claim.text, items.get(name, ()))
        if text is not None:
            return name, text
    return words[0], None


def _title(text: str) -> str:
    return squash(text.split(":", 1)[0])


def _matching_item(claimed: str, items: Sequence[str]) -> str | None:
    """The item a claim is about: models shorten and re-punctuate what they repeat."""
    wanted = squash(claimed)
    if not wanted:
        return None
    for item in items:
        if squash(item) == wanted:
            return item
    title = _title(claimed)
    for item in items:
        if title and ":" in item and _title(item) == title:
            return item
    for item in items:
        whole = squash(item)
        shorter = min(len(whole), len(wanted))
        if shorter >= _MIN_CONTAINED and (wanted in whole or whole in wanted):
            return item
    return None


def _page_of(claim: ClaimedQuote, pages: Mapping[str, PageText]) -> str | None:
    """The page where a quote stands, the claimed one first."""
    claimed = pages.get(claim.page_url)
    if claimed is not None and claimed.contains(claim.quote):
        return claim.page_url
    return next((url for url, page in pages.items() if page.contains(claim.quote)), None)


def _confidence(
    stated: Mapping[str, Any], fields: Sequence[str], proven: set[str], config: EntityConfig
) -> dict[str, str]:
    result: dict[str, str] = {}
    for name in fields:
        level = stated.get(name)
        if level is None and name in config.card_keys:
            level = stated.get(config.card(name).at[0])
        if level in {"high", "medium", "low"}:
            result[name] = "medium" if level == "high" and name not in proven else str(level)
        elif name not in {config.name_field, config.url_field}:
            result[name] = "medium" if name in proven else "low"
    return result
