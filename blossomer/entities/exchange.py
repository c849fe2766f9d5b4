"""What other tools take of an entity: values of their columns, and messages in order.

Set by ``EntityConfig.exchange``. How a file is written, and what each tool's tokens look like, is
in ``services/export/tables.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Target = Literal["hubspot", "apollo", "instantly"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a tool's file.

    Args:
        header: What the tool calls it.
        at: Keys from the top of the data to the value: a text, a number, or a list.
        shape: How the value is written: all of it with semicolons between; the ``first`` of a
            list, where a tool takes one; the ``domain`` of an address; the lower (``from``) or
            upper (``to``) end of a range of numbers.
        words: The tool's own word for a value; values without one are left out.
    """

    header: str
    at: tuple[str, ...]
    shape: Literal["all", "first", "domain", "from", "to"] = "all"
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ToolTable:
    """A row for each document, for one tool.

    Args:
        target: The tool.
        columns: Its columns.
    """

    target: Target
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class MessageSequence:
    """Messages that are sent one after the other, for any tool that sends them.

    Args:
        kind: Of which kind a document must be; empty where there are no kinds.
        subject: Path to the first subject.
        segments: Path to the parts of the first body, each with ``text``.
        variant: Path to another first message, with ``subject`` and ``body``.
        follow_ups: Path to a list of ``subject`` (empty: the same as before), ``body`` and
            ``wait_days``, the days after the message before.
    """

    kind: str
    subject: tuple[str, ...]
    segments: tuple[str, ...]
    variant: tuple[str, ...]
    follow_ups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything that other tools take of an entity."""

    tables: tuple[ToolTable, ...] = ()
    sequence: MessageSequence | None = None
