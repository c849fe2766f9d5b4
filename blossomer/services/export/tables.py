"""CSV that HubSpot, Apollo and Instantly import.

Which values go where is said by the entity (``entities/exchange.py``). What a person must still do:

- **HubSpot, companies.** ``Name``, ``Description`` and the domain find their properties by
  themselves. A target account is a kind of company and has no domain, so each row becomes a new
  record. ``Industry`` must be one of HubSpot's own; ``Industries``, ranges and the other columns
  are for custom properties, or for nothing. Several values go into a property of several
  checkboxes.
- **HubSpot and Apollo, personas.** These are filters of a list or a search. Both import people
  only with names and addresses, which a plan does not have.
- **Apollo.** Company, or filters of a search to enter or to paste. Several values have ``;``
  between them, a domain stands without ``www.`` (knowledge.apollo.io, Import a CSV of Accounts).
- **Messages.** See ``messages.py``.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args
from urllib.parse import urlsplit

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.exchange import Column, Target, ToolTable
from blossomer.errors import UserError
from blossomer.services.export.messages import has_sequence, messages, value_at
from blossomer.services.export.text import one_line, plain

TARGETS: tuple[Target, ...] = get_args(Target)
TARGET_LABELS: dict[Target, str] = {
    "hubspot": "HubSpot",
    "apollo": "Apollo",
    "instantly": "Instantly",
}

SEQUENCE_HEADERS = ("Campaign", "Step", "Delay in days", "Variant", "Subject", "Body")

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
_RANGE_NUMBER = re.compile(r"\d+(?:[,. ]\d{3})*(?:[kK]\b)?")
_DANGEROUS = frozenset("=+-@|%")
# What a spreadsheet skips, or a person's hand strips, before it looks for a formula.
_SKIPPED = re.compile(r"""^[\s"'`‘’“”\u00a0\u200b-\u200f\u2060\ufeff]+""")


def has_table(config: EntityConfig, target: Target, kind: str = "") -> bool:
    """Whether a tool takes something of an entity.

    Args:
        config: The entity.
        target: The tool.
        kind: Of which kind a document is; empty when any may come.
    """
    return _table(config, target) is not None or has_sequence(config, kind)


def csv_files(documents: Sequence[Document], target: Target) -> list[tuple[EntityConfig, str]]:
    """One CSV for each entity among the documents that the tool takes.

    Args:
        documents: Of any entities.
        target: The tool.
    """
    found = []
    for config in ENTITIES.values():
        own = [d for d in documents if d["entity"] == config.entity]
        if any(has_table(config, target, config.kind_of(d["data"])) for d in own):
            found.append((config, csv_text(config, own, target)))
    return found


def csv_text(config: EntityConfig, documents: Sequence[Document], target: Target) -> str:
    """One CSV with the documents of one entity, for one tool; see the module for what is in it.

    Every field is quoted, lines end as RFC 4180 says. Begins with a byte order mark where Excel
    would else read the wrong letters: when there is anything beyond ASCII.

    Raises:
        UserError: ``invalid_input`` (422): the tool takes nothing of this entity.
    """
    if (table := _table(config, target)) is not None:
        rows = list(_rows(table, documents))
    elif has_sequence(config):
        rows = list(_sequence_rows(config, documents, target))
    else:
        raise UserError(
            "invalid_input",
            f"{TARGET_LABELS[target]} takes no {config.label_plural.lower()}.",
            "Choose another format.",
            status=422,
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    text = out.getvalue()
    return text if text.isascii() else f"\ufeff{text}"


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; true numbers stay as they are.

    As OWASP's page on CSV injection says: what begins like a formula, also behind white space and
    quotation marks or in full-width letters, gets an apostrophe in front.
    """
    text = plain(value)
    start = unicodedata.normalize("NFKC", _SKIPPED.sub("", text)[:1])[:1]
    if start in _DANGEROUS and start and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _table(config: EntityConfig, target: Target) -> ToolTable | None:
    tables = config.exchange.tables if config.exchange else ()
    return next((table for table in tables if table.target == target), None)


def _rows(table: ToolTable, documents: Sequence[Document]) -> Iterator[list[object]]:
    yield [column.header for column in table.columns]
    for document in documents:
        yield [_cell(column, document["data"]) for column in table.columns]


def _sequence_rows(
    config: EntityConfig, documents: Sequence[Document], target: Target
) -> Iterator[list[object]]:
    yield list(SEQUENCE_HEADERS)
    for document in documents:
        for m in messages(config, document, target):
            name = one_line(document["name"])
            yield [name, m.step, m.wait_days, m.variant, m.subject, m.body]


def _cell(column: Column, data: Mapping[str, Any]) -> str:
    value = value_at(data, column.at)
    values = [one_line(v) for v in (value if isinstance(value, list) else [value]) if v is not None]
    if column.words:
        words = dict(column.words)
        values = [words[v] for v in values if v in words]
    values = list(dict.fromkeys(v for v in values if v))
    first = values[0] if values else ""
    match column.shape:
        case "first":
            return first
        case "domain":
            return _domain(first)
        case "from" | "to":
            return _end_of_range(first, column.shape == "to")
        case _:
            if not isinstance(value, list):
                return first
            # A semicolon within a value would make two of it. Each value is made safe, since a
            # spreadsheet that divides at semicolons may see it as a cell of its own.
            return ";".join(safe_cell(v.replace(";", ",")) for v in values)


def _domain(url: str) -> str:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _end_of_range(text: str, is_upper: bool) -> str:
    """The lower or upper number of ``50-500``, ``1,000+`` or ``5k to 10k``; empty when open."""
    numbers = [_whole(found[0]) for found in _RANGE_NUMBER.finditer(text)]
    if not numbers:
        return ""
    if len(numbers) == 1:
        is_least = bool(re.search(r"\+|>|≥|more|over|from|least", text, re.IGNORECASE))
        is_most = bool(re.search(r"<|≤|up to|under|less|below|most", text, re.IGNORECASE))
        is_open = is_least if is_upper else is_most
        return "" if is_open else str(numbers[0])
    return str(max(numbers[:2]) if is_upper else min(numbers[:2]))


def _whole(text: str) -> int:
    factor = 1_000 if text[-1] in "kK" else 1
    return int(re.sub(r"\D", "", text)) * factor
