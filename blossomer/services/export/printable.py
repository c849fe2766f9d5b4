"""One page of HTML for printing, without scripts and without anything from elsewhere.

The template escapes every text; addresses are checked in ``layout.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from blossomer.entities.document import Document
from blossomer.services.export.layout import outline_of
from blossomer.services.export.text import moment

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def printable(documents: Sequence[Document], at: datetime | None = None) -> str:
    """Documents as one self-contained page with a table of contents.

    Args:
        documents: In the order in which siblings shall stand.
        at: When it is written; now by default.
    """
    return _TEMPLATES.get_template("plan.html").render(
        outline=outline_of(documents), at=moment((at or datetime.now(UTC)).isoformat())
    )
