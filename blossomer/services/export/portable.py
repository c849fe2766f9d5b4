"""The JSON that a plan travels in, written and read back.

What is written is the documents as they are, so that nothing is lost. What is read is trusted in
nothing: each document is brought into its schema, and its parents must be in the file too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, UnreadableDocument, checked_document
from blossomer.errors import UserError
from blossomer.services.export.text import one_line

FORMAT = "blossomer-plan"
VERSION = 1

MOST_BYTES = 5_000_000
"""Largest file that is read: some 300 documents as models write them (about 15 KB each)."""

MOST_DOCUMENTS = 1_000
"""Most documents of one file."""

_MOST_NAME = 60


def portable(documents: Sequence[Document], at: datetime | None = None) -> str:
    """Documents as JSON that ``read_plan`` takes back.

    Args:
        documents: Parents before children. To be read back, all of their parents must be there.
        at: When; now by default.
    """
    plan = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": (at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "documents": list(documents),
    }
    return json.dumps(plan, ensure_ascii=False, indent=1) + "\n"


def read_plan(content: str | bytes) -> list[tuple[EntityConfig, Document]]:
    """Read what ``portable`` wrote, or one document by itself as pages have handed it out.

    Args:
        content: JSON from anybody, as text or in UTF-8.

    Returns:
        Each document with its entity, parents before children and otherwise in the file's order.
        Fields that no schema knows are left out.

    Raises:
        UserError: ``unreadable_plan`` (422) says what is wrong and where.
    """
    entries = _entries(_parsed(_text(content)))
    known: dict[str, tuple[EntityConfig, Document]] = {}
    for position, raw in enumerate(entries, start=1):
        config, document = _document(raw, position)
        if document["id"] in known:
            raise _refusal(
                f"{_called(config, document, position)} has the id of another document.",
                "Ids must be unique in a file. Remove one of the two.",
            )
        known[document["id"]] = (config, document)
    for position, (config, document) in enumerate(known.values(), start=1):
        _check_parents(config, document, known, position)
    order = list(ENTITIES)
    # Every parent is of an earlier entity, which is why there can be no circle.
    return sorted(known.values(), key=lambda entry: order.index(entry[0].entity))


def _text(content: str | bytes) -> str:
    # The number of characters first, which costs nothing and is never more than that of bytes.
    is_small = len(content) <= MOST_BYTES
    if is_small and isinstance(content, str):
        is_small = len(content.encode("utf-8", "surrogatepass")) <= MOST_BYTES
    if not is_small:
        raise _refusal(
            f"The file is larger than {MOST_BYTES // 1_000_000} MB.",
            "Export the companies one by one and import those files.",
        )
    try:
        text = content if isinstance(content, str) else content.decode()
    except UnicodeDecodeError:
        raise _refusal("The file is no text in UTF-8.", _CHOOSE) from None
    return text.removeprefix("\ufeff")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise _refusal("The file is nested too deeply to be a plan.", _CHOOSE) from None
    except json.JSONDecodeError as error:
        raise _refusal(
            f"The file is not JSON: line {error.lineno}, column {error.colno}.", _CHOOSE
        ) from None
    except ValueError:  # NaN and Infinity, or a number of thousands of digits
        raise _refusal("The file holds a number that JSON does not have.", _CHOOSE) from None


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _entries(raw: Any) -> list[Any]:
    if not isinstance(raw, dict):
        raise _refusal("The file is JSON, but no plan.", _CHOOSE)
    if "format" not in raw and "data" in raw:
        return [raw]
    if raw.get("format") != FORMAT:
        raise _refusal(f"The file is JSON, but its “format” is not “{FORMAT}”.", _CHOOSE)
    version = raw.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise _refusal(
            f"The file has version {one_line(version)[:20]}, and only version {VERSION} is known.",
            "Export it again with the same version of Blossomer, or update this one.",
        )
    entries = raw.get("documents")
    if not isinstance(entries, list):
        raise _refusal("The file has no list “documents”.", _CHOOSE)
    if len(entries) > MOST_DOCUMENTS:
        raise _refusal(
            f"The file has {len(entries):,} documents, more than {MOST_DOCUMENTS:,}.",
            "Export the companies one by one and import those files.",
        )
    return entries


def _document(raw: Any, position: int) -> tuple[EntityConfig, Document]:
    where = f"Document {position}"
    if not isinstance(raw, dict):
        raise _refusal(f"{where} is no object.", _CHOOSE)
    entity = raw.get("entity")
    config = ENTITIES.get(entity) if isinstance(entity, str) else None
    if config is None:
        shown = "none" if entity is None else f"“{one_line(entity)[:40]}”"
        raise _refusal(
            f"{where} is of a kind that is not known: {shown}.",
            f"Known are: {', '.join(ENTITIES)}.",
        )
    where = f"{where} ({config.label.lower()}{_quoted(raw.get('name'))})"
    try:
        document = checked_document(config, raw)
        # Half of a surrogate pair can be written in JSON, and nowhere else.
        json.dumps(document, ensure_ascii=False).encode()
    except (UnreadableDocument, UnicodeEncodeError) as error:
        what = "its id is none" if str(error) == "id" else "its content does not fit"
        raise _refusal(f"{where} cannot be read: {what}.", _CHANGED) from None
    return config, document


def _check_parents(
    config: EntityConfig,
    document: Document,
    known: Mapping[str, tuple[EntityConfig, Document]],
    position: int,
) -> None:
    """Each parent must be in the file, of the right entity, and belong together with the others."""
    found: dict[str, Document] = {}
    for parent in config.parents:
        label = ENTITIES[parent.entity].label.lower()
        entry = known.get(document["parents"].get(parent.entity, ""))
        if entry is None or entry[0].entity != parent.entity:
            raise _refusal(
                f"{_called(config, document, position)} belongs to a {label} that is not in the "
                "file.",
                "Export the whole plan that it is part of, and import that file.",
            )
        found[parent.entity] = entry[1]
    for parent in config.parents:
        if (
            parent.within
            and found[parent.entity]["parents"].get(parent.within) != (found[parent.within]["id"])
        ):
            raise _refusal(
                f"{_called(config, document, position)} has a "
                f"{ENTITIES[parent.entity].label.lower()} of another "
                f"{ENTITIES[parent.within].label.lower()}.",
                _CHANGED,
            )


_CHOOSE = "Choose a file that was exported as JSON."
_CHANGED = "Was the file changed by hand? Export it again."


def _called(config: EntityConfig, document: Document, position: int) -> str:
    return f"Document {position} ({config.label.lower()}{_quoted(document['name'])})"


def _quoted(name: Any) -> str:
    words = one_line(name)[:_MOST_NAME] if isinstance(name, str) else ""
    return f" “{words}”" if words else ""


def _refusal(message: str, action: str) -> UserError:
    return UserError("unreadable_plan", message, action, status=422)
