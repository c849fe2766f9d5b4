"""Whole plans for tests of exports: one document of each kind, and any that a schema allows."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from blossomer.db.importing import Imported, LeftOut
from blossomer.entities import ENTITIES
from blossomer.entities.base import EntityData
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, checked_document
from blossomer.entities.listing import ListPage, ListQuery, ListRow, select_rows
from blossomer.errors import UserError

AT = "2026-11-25T09:30:00.000000+00:00"
PAGE = "https://acme.example/product?a=1&b=2"

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    '  "=1+1',
    "\uff1d1+1",
    "\u200b=1+1",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in y %}",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/p.png)",
    "http://evil.example www.evil.example mailto:a@evil.example",
    "# Heading",
    "Heading\n=====",
    "Heading\n---",
    "> quote\n\n- list\n\n1. one\n\n    code\n\n```\nfence\n```",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "*bold* _it_ __b__ `code` ~~gone~~ [^1] [^1]: note $x$ &lt;b&gt; &#60;",
    "\\*not\\*",
    "\x00\x01\x08\x0b\x0c\x1b\x7f\x85\u2028\ufffe",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "العربية עברית 日本語 🏴‍☠️",
    "x" * 1_900,
    "a;b,c\"d'e\r\nf",
)
"""Texts that have done harm in one format or another."""


def record(model: type[BaseModel], text: str) -> dict[str, Any]:
    """A record with the text wherever a text may stand."""
    return {
        name: _value(field.annotation, text, name) for name, field in model.model_fields.items()
    }


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


def _value(annotation: Any, text: str, name: str = "") -> Any:
    bare = _bare(annotation)
    if name == "id":
        return "1"
    if get_origin(bare) is list:
        inner = get_args(bare)[0]
        if get_origin(_bare(inner)) is Literal:
            return list(get_args(_bare(inner))[:2])
        return [_value(inner, text, name), _value(inner, f"{text or name} again", name)]
    if get_origin(bare) is Literal:
        return get_args(bare)[0]
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return record(bare, text)
    if bare is int:
        return 4
    return text or name.replace("_", " ").capitalize()


def data_of(config: EntityConfig, *, name: str, text: str = "", kind: str = "") -> dict[str, Any]:
    """Data with every field of the schema filled; of one kind, where there are kinds."""
    kinds = {k.value: k.content for k in config.kinds}
    left_out = {content for value, content in kinds.items() if value != kind}
    data: dict[str, Any] = {}
    for field in config.own_fields:
        if field not in left_out:
            data[field] = _value(config.schema.model_fields[field].annotation, text, field)
    data |= {config.name_field: name, "description": text or f"What {name} is."}
    if config.kind_field:
        data[config.kind_field] = kind
    if config.url_field:
        data[config.url_field] = "https://www.acme.example/"
    card = config.cards_of(kind)[-1]
    held = card.value(data)
    proven = held[0] if isinstance(held[0], str) else next(iter(held[0].values()))
    data |= {
        "evidence": [
            {
                "field": card.key,
                "text": proven,
                "quote": f"words of the page {text}"[:2_000],
                "page_url": PAGE,
                "verified": True,
            },
            {
                "field": card.key,
                "text": proven,
                "quote": "this was never found anywhere",
                "page_url": PAGE,
                "verified": False,
            },
        ],
        "confidence": {card.key: "high"},
        "assumptions": [text or "Prices are the same everywhere."],
        "discovery_gaps": [text or "How long is a contract?"],
        "provenance": {
            "writer": "model",
            "model": "openai/some-model",
            "generated_at": AT,
            "website": {
                "reader": "built-in",
                "pages": [{"url": PAGE, "title": "Product", "words": 412}],
                "words": 1_412,
                "missing": [text or "prices"],
            },
            "edited": {card.key: ["something else"]},
        },
    }
    return data


def document_of(
    config: EntityConfig,
    document_id: str,
    *,
    parents: Mapping[str, str] | None = None,
    name: str = "",
    text: str = "",
    kind: str = "",
) -> Document:
    """A document with every field filled."""
    name = name or f"{config.label} {document_id}"
    return checked_document(
        config,
        {
            "id": document_id,
            "parents": dict(parents or {}),
            "status": "saved",
            "created_at": AT,
            "updated_at": AT,
            "inputs": {},
            "data": data_of(config, name=name, text=text, kind=kind),
        },
    )


def plan(text: str = "", name: str = "") -> list[Document]:
    """A document of each entity and kind, each below the first of its parents."""
    documents: list[Document] = []
    for config in ENTITIES.values():
        parents = {p.entity: f"{p.entity}-1" for p in config.parents}
        for number, kind in enumerate([k.value for k in config.kinds] or [""], start=1):
            documents.append(
                document_of(
                    config,
                    f"{config.entity}-{number}",
                    parents=parents,
                    name=name,
                    text=text,
                    kind=kind,
                )
            )
    return documents


TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    # No half of a surrogate pair: UTF-8 cannot hold it, and neither can a document.
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


def _any_value(annotation: Any, name: str = "") -> st.SearchStrategy[Any]:
    bare = _bare(annotation)
    if get_origin(bare) is list:
        return st.lists(_any_value(get_args(bare)[0]), max_size=3)
    if get_origin(bare) is Literal:
        return st.sampled_from(get_args(bare))
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return any_record(bare)
    if bare is int:
        return st.integers(0, 30)
    if bare is bool:
        return st.booleans()
    if bare is float:
        return st.floats(0, 100)
    return st.just("1") if name == "id" else TEXTS


def any_record(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Any object of a model that has texts, choices, numbers and lists of them."""
    return st.fixed_dictionaries(
        {n: _any_value(f.annotation, n) for n, f in model.model_fields.items()}
    )


@st.composite
def any_document(
    draw: st.DrawFn, config: EntityConfig, document_id: str, parents: Mapping[str, str]
) -> Document:
    """Any document that the entity's schema allows, with at least its required texts."""
    model = config.data_model
    kind = draw(st.sampled_from([k.value for k in config.kinds] or [""]))
    data = data_of(config, name=f"n{document_id}", kind=kind)
    for name, field in model.model_fields.items():
        if name in (config.kind_field, config.url_field) or name not in data:
            continue
        if name in EntityData.model_fields and name not in ("assumptions", "discovery_gaps"):
            continue
        value = draw(_any_value(field.annotation, name))
        if name == config.name_field or field.default is PydanticUndefined:
            data[name] = value or data[name]
        data[name] = value
    data[config.name_field] = draw(TEXTS.filter(lambda text: 0 < len(text) <= 200))
    for name in ("assumptions", "discovery_gaps"):
        data[name] = [text for text in data[name] if text.strip()]
    return checked_document(
        config,
        {
            "id": document_id,
            "parents": dict(parents),
            "status": draw(st.sampled_from(["draft", "saved"])),
            "created_at": AT,
            "updated_at": AT,
            "inputs": {},
            "data": _without_blanks(data),
        },
    )


def _without_blanks(value: Any) -> Any:
    """Without list items that are blank texts, which no schema takes."""
    if isinstance(value, dict):
        return {name: _without_blanks(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_blanks(v) for v in value if not isinstance(v, str) or v.strip()]
    return value


@st.composite
def any_plan(draw: st.DrawFn) -> list[Document]:
    """One or two documents of each entity below those of the first, in the registry's order."""
    documents: list[Document] = []
    ids: dict[str, list[str]] = {}
    chosen: dict[str, dict[str, str]] = {}
    for config in ENTITIES.values():
        for number in range(draw(st.integers(1, 2))):
            parents: dict[str, str] = {}
            for parent in config.parents:
                fitting = [
                    key
                    for key in ids[parent.entity]
                    if not parent.within
                    or chosen[key].get(parent.within) == parents.get(parent.within)
                ]
                if fitting:
                    parents[parent.entity] = draw(st.sampled_from(fitting))
            if len(parents) < len(config.parents):
                continue  # no persona of that account was drawn
            key = f"{config.entity}-{number}"
            chosen[key] = parents
            ids.setdefault(config.entity, []).append(key)
            documents.append(draw(any_document(config, key, parents)))
        ids.setdefault(config.entity, [])
    return documents


class MemoryStore:
    """Documents in memory, found as the database finds them."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = {(d["entity"], d["id"]): d for d in documents}
        self.refused: set[tuple[str, str]] = set()

    async def get(self, config: EntityConfig, document_id: str) -> Document | None:
        return self.documents.get((config.entity, document_id))

    async def search(self, config: EntityConfig, query: ListQuery) -> ListPage:
        rows = [
            ListRow(
                id=d["id"],
                entity=d["entity"],
                name=d["name"],
                parents=d["parents"],
                created_at=d["created_at"],
            )
            for d in self.documents.values()
        ]
        return select_rows(config, rows, query)

    async def ancestors(
        self, config: EntityConfig, document: Mapping[str, Any]
    ) -> dict[str, Document]:
        found: dict[str, Document] = {}
        waiting = dict(document["parents"])
        while waiting:
            parent = self.documents[waiting.popitem()]
            found[parent["entity"]] = parent
            waiting |= parent["parents"]
        return {entity: found[entity] for entity in ENTITIES if entity in found}

    async def import_all(self, documents: list[tuple[EntityConfig, Document]]) -> Imported:
        """Takes what is new and has its parents here."""
        kept, left_out = [], []
        for config, document in documents:
            key = (config.entity, document["id"])
            if key in self.documents:
                continue
            if key in self.refused:
                reason = UserError("parent_missing", "It has no parent here.", "Import that first.")
                left_out.append(LeftOut(*key, document["name"], reason))
                continue
            self.documents[key] = document
            kept.append(document)
        return Imported(tuple(kept), tuple(left_out))
