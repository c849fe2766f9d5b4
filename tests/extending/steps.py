"""What docs/extending.md tells a developer to do, read from the document, and done in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "docs" / "extending.md"

_FILE = re.compile(r"^Write `([^`]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGE = re.compile(r"^Change `([^`]+)`,.*?\n\n```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^## 4\..*?^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Steps:
    """Everything the document tells to do.

    Args:
        files: New files: path to content.
        changes: Existing files: path to the lines of a diff without positions.
        command: What to run then.
    """

    files: dict[str, str]
    changes: dict[str, list[str]]
    command: str


def read_steps() -> Steps:
    """The document's steps."""
    text = DOCUMENT.read_text("utf-8")
    (command,) = _COMMAND.findall(text)
    return Steps(
        files=dict(_FILE.findall(text)),
        changes={path: diff.splitlines() for path, diff in _CHANGE.findall(text)},
        command=command.strip(),
    )


def apply(steps: Steps, folder: Path) -> None:
    """Write the files and change the existing ones, as a developer would."""
    for path, content in steps.files.items():
        place = folder / path
        assert not place.exists(), f"{path} is no new file"
        place.write_text(content, "utf-8")
    for path, diff in steps.changes.items():
        place = folder / path
        place.write_text(changed(place.read_text("utf-8"), diff), "utf-8")


def changed(text: str, diff: list[str]) -> str:
    """A text after a diff that only adds lines, each after the line that stands above it."""
    lines = text.splitlines()
    above = ""
    for line in diff:
        if line.startswith("+"):
            assert lines.count(above) == 1, f"{above!r} must tell one place"
            lines.insert(lines.index(above) + 1, line[1:])
        above = line[1:]
    return "\n".join(lines) + "\n"
