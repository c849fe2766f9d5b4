"""What can be exported, and as what: the registry from which pages list their buttons.

A format is one line in ``FORMATS``. ``export`` writes a file in one of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from blossomer.entities import ENTITIES, below
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.exchange import Target
from blossomer.errors import UserError
from blossomer.services.export.docx import docx
from blossomer.services.export.layout import title_of
from blossomer.services.export.markdown import markdown
from blossomer.services.export.messages import has_sequence, instantly_json
from blossomer.services.export.portable import portable
from blossomer.services.export.printable import printable
from blossomer.services.export.tables import (
    TARGET_LABELS,
    TARGETS,
    csv_files,
    has_table,
)
from blossomer.services.export.text import slug

Written = bytes | str | list[tuple[str, str]]
"""What a format makes: bytes, a text, or several texts each with a part of a file's name."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that documents can be exported in.

    Args:
        key: Its name for programs.
        label: What a button says.
        media_type: Of the file.
        ending: Of the file's name, with its dot.
        write: Makes the content from documents, parents before children, and the moment.
        takes: Whether it has a place for documents of an entity and a kind (empty: any kind).
        needs_parents: Whether what is above a document belongs into the file too, so that it can
            be read back.
        is_page: Whether a browser opens it rather than keeping it.
    """

    key: str
    label: str
    media_type: str
    ending: str
    write: Callable[[Sequence[Document], datetime], Written]
    takes: Callable[[EntityConfig, str], bool]
    needs_parents: bool = False
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes
    is_page: bool = False

    @property
    def disposition(self) -> str:
        """The header ``Content-Disposition``, for names in any script (RFC 6266)."""
        plain_name = re.sub(r"[^A-Za-z0-9._-]+", "_", self.name)
        exact = quote(self.name, safe="")
        way = "inline" if self.is_page else "attachment"
        return f"{way}; filename=\"{plain_name}\"; filename*=UTF-8''{exact}"


def _anything(_config: EntityConfig, _kind: str) -> bool:
    return True


def _csv(target: Target) -> Format:
    def write(documents: Sequence[Document], _at: datetime) -> Written:
        found = csv_files(documents, target)
        return [(slug(config.label_plural), text) for config, text in found]

    return Format(
        key=f"csv-{target}",
        label=f"CSV for {TARGET_LABELS[target]}",
        media_type="text/csv; charset=utf-8",
        ending=".csv",
        write=write,
        takes=lambda config, kind: has_table(config, target, kind),
    )


FORMATS: dict[str, Format] = {
    one.key: one
    for one in (
        Format(
            "markdown",
            "Markdown",
            "text/markdown; charset=utf-8",
            ".md",
            lambda documents, _at: markdown(documents),
            _anything,
        ),
        Format(
            "docx",
            "Word",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ".docx",
            docx,
            _anything,
        ),
        Format(
            "print",
            "Page for printing",
            "text/html; charset=utf-8",
            ".html",
            printable,
            _anything,
            is_page=True,
        ),
        Format(
            "json",
            "JSON, to import again",
            "application/json",
            ".json",
            portable,
            _anything,
            needs_parents=True,
        ),
        *map(_csv, TARGETS),
        Format(
            "instantly",
            "Campaign for Instantly (JSON)",
            "application/json",
            ".instantly.json",
            lambda documents, _at: instantly_json(documents),
            has_sequence,
        ),
    )
}
"""Every format by its key, in the order in which they are offered."""


def formats_of(config: EntityConfig, kind: str = "", *, is_plan: bool = False) -> list[Format]:
    """The formats to offer for an entity.

    Args:
        config: The entity of a document, or of a list.
        kind: Of which kind the document is; empty for lists.
        is_plan: Whether everything below comes along.
    """
    wanted = [(config, kind), *((c, "") for c in below(config.entity) if is_plan)]
    return [one for one in FORMATS.values() if any(one.takes(*of) for of in wanted)]


def export(
    format_key: str, documents: Sequence[Document], *, at: datetime | None = None
) -> ExportedFile:
    """Write documents into a file.

    Args:
        format_key: Of ``FORMATS``.
        documents: One, or several with parents before children.
        at: The moment that the file names; now by default.

    Returns:
        The file. Where a format has one file for each entity and there are several, a ZIP of them.

    Raises:
        UserError: ``invalid_input`` (422): there is no such format, or nothing to write in it.
    """
    chosen = FORMATS.get(format_key)
    if chosen is None:
        raise UserError(
            "invalid_input",
            f"There is no format {format_key[:40]!r}.",
            f"Choose one of: {', '.join(FORMATS)}.",
            status=422,
        )
    kinds = ((ENTITIES[d["entity"]], d) for d in documents)
    if not any(chosen.takes(config, config.kind_of(d["data"])) for config, d in kinds):
        raise UserError(
            "invalid_input",
            f"There is nothing here for the format “{chosen.label}”.",
            "Choose another format.",
            status=422,
        )
    written = chosen.write(documents, at or datetime.now(UTC))
    stem = _stem(documents)
    if isinstance(written, list):
        files = [(f"{stem}-{part}{chosen.ending}", _encoded(text)) for part, text in written]
        if len(files) > 1:
            return ExportedFile(f"{stem}-{chosen.key}.zip", "application/zip", _zipped(files))
        written = files[0][1]
        stem = f"{stem}-{chosen.key}"
    return ExportedFile(
        f"{stem}{chosen.ending}", chosen.media_type, _encoded(written), chosen.is_page
    )


def _stem(documents: Sequence[Document]) -> str:
    """The beginning of a file's name: what it is, and what it is called."""
    given = {(d["entity"], d["id"]) for d in documents}
    roots = [d for d in documents if not given & set(d["parents"].items())]
    if len(documents) == 1:
        what = slug(ENTITIES[documents[0]["entity"]].label)
    else:
        what = "plan" if len(roots) == 1 else ""
    return "-".join(filter(None, ("blossomer", what, slug(title_of(roots)))))


def _encoded(content: bytes | str) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _zipped(files: Sequence[tuple[str, bytes]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            # The earliest date that ZIP knows: the same documents make the same file.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return content.getvalue()
