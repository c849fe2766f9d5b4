"""Reads the Dockerfile and .dockerignore: stages, their instructions, and what is left out.

Only what our files use is understood, and what is not understood is an error: a line that a test
skips in silence would look as if it had been tried.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

PROJECT = Path(__file__).resolve().parents[2]

KNOWN = frozenset(
    {"FROM", "WORKDIR", "ENV", "COPY", "RUN", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
     "ENTRYPOINT", "CMD"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Args:
        keyword: For example ``COPY``.
        text: What follows it and its flags, lines joined.
        flags: Those that begin with two hyphens, without these.
        line: Where it begins.
    """

    keyword: str
    text: str
    flags: dict[str, str]
    line: int

    @property
    def words(self) -> list[str]:
        """The arguments: of the JSON form, or split as a shell does."""
        return list(json.loads(self.text)) if self.is_exec_form else shlex.split(self.text)

    @property
    def is_exec_form(self) -> bool:
        """Whether it names a program and its arguments, and no shell reads it."""
        return self.text.startswith("[")


@dataclass(slots=True)
class Stage:
    """One stage.

    Args:
        base: The image it begins with.
        name: Its name, or its number.
        instructions: All after ``FROM``, in order.
    """

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, keyword: str) -> list[Instruction]:
        """The instructions of one kind."""
        return [one for one in self.instructions if one.keyword == keyword]

    def last(self, keyword: str) -> Instruction:
        """The one of a kind that counts."""
        return self.all(keyword)[-1]

    @property
    def environment(self) -> dict[str, str]:
        """What ``ENV`` sets, as it stands."""
        pairs = (word.partition("=") for one in self.all("ENV") for word in one.words)
        return {name: value for name, _, value in pairs}


def read_stages(path: Path = PROJECT / "Dockerfile") -> list[Stage]:
    """The stages of a Dockerfile, in order.

    Raises:
        ValueError: It says something that is not understood here.
    """
    stages: list[Stage] = []
    for instruction in _instructions(path.read_text()):
        if instruction.keyword not in KNOWN:
            raise ValueError(f"line {instruction.line}: {instruction.keyword} is not known here")
        if instruction.keyword == "FROM":
            base, *rest = instruction.words
            name = rest[1] if rest and rest[0].upper() == "AS" else str(len(stages))
            stages.append(Stage(base, name))
        else:
            stages[-1].instructions.append(instruction)
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    whole, began = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue  # comments may stand within an instruction too
        began = began if whole else number
        whole += line.rstrip().removesuffix("\\")
        if line.rstrip().endswith("\\"):
            continue
        yield _instruction(whole, began)
        whole = ""
    if whole:
        yield _instruction(whole, began)


def _instruction(line: str, number: int) -> Instruction:
    keyword, _, rest = line.strip().partition(" ")
    flags: dict[str, str] = {}
    while found := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
        flags[found[1]] = found[2]
        rest = rest[found.end() :]
    return Instruction(keyword.upper(), rest.strip(), flags, number)


class DockerIgnore:
    """What ``.dockerignore`` leaves out of the context, as the engine reads it.

    A pattern is matched against a path and everything above it; the last one that matches counts.
    """

    def __init__(self, path: Path = PROJECT / ".dockerignore") -> None:
        self._rules: list[tuple[re.Pattern[str], bool]] = []
        for line in path.read_text().splitlines():
            pattern = line.strip()
            if pattern and not pattern.startswith("#"):
                leaves_out = not pattern.startswith("!")
                cleaned = pattern.lstrip("!").strip("/")
                self._rules.append((_pattern(cleaned), leaves_out))

    def leaves_out(self, path: str) -> bool:
        """Whether a path of the context, with slashes, does not get into it."""
        candidates = [path, *map(str, PurePosixPath(path).parents)][:-1] or [path]
        out = False
        for pattern, leaves_out in self._rules:
            if any(pattern.fullmatch(candidate) for candidate in candidates):
                out = leaves_out
        return out


def context_files(root: Path = PROJECT) -> list[str]:
    """Every file that gets into the context."""
    ignore = DockerIgnore(root / ".dockerignore")
    found: list[str] = []
    for top in sorted(root.iterdir()):
        # Nothing below a folder that is left out is named again by our file.
        if ignore.leaves_out(top.name):
            continue
        files = [top] if not top.is_dir() else sorted(top.rglob("*"))
        found += [
            name
            for file in files
            if not file.is_dir() and not ignore.leaves_out(name := str(file.relative_to(root)))
        ]
    return found


def _pattern(text: str) -> re.Pattern[str]:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*|\?)", text))
    )
