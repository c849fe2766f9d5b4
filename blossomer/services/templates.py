"""The templates under ``prompts/``: how they are found, divided, rendered and told apart.

What goes into them is in ``blocks.py`` and ``prompts.py``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import BaseModel

from blossomer.services.llm.answer_schema import answer_schema

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
USER_PART = "==== user ===="
"""The line in a template between the system's part and the user's. Templates are divided before
they are rendered, so no data can forge it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told.

    Args:
        system: Role and standards.
        user: Task, the person's words, the website's text, the form of the answer.
        version: Changes when a template, a shared part or the schema changes; the same for every
            website and on every machine.
    """

    system: str
    user: str
    version: str


def render(name: str, schema: type[BaseModel], context: Mapping[str, Any]) -> Prompt:
    """Render a template.

    Args:
        name: Its name without its ending.
        schema: What the answers to it are; a part of the version.
        context: What it may use.

    Raises:
        jinja2.UndefinedError: When a template uses a name that does not exist (a bug).
        ValueError: When a template is not divided into two parts (a bug).
    """
    system, user = (part.render(context).strip() for part in _parts(name))
    return Prompt(system, user, _version(name, schema))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Plain text for a model: escaping would put HTML entities into the quotes it has to copy.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701  the result is never HTML
        undefined=StrictUndefined,
        keep_trailing_newline=False,
        auto_reload=False,  # as with the two parts below, which are read once
    )


def _source(name: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


@lru_cache(maxsize=32)
def _parts(prompt: str) -> tuple[Template, Template]:
    lines = _source(f"{prompt}.j2").splitlines()
    if lines.count(USER_PART) != 1:
        raise ValueError(f"{prompt}.j2 needs exactly one line {USER_PART!r}")
    at = lines.index(USER_PART)
    system, user = "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
    return _environment().from_string(system), _environment().from_string(user)


@lru_cache(maxsize=32)
def _version(prompt: str, schema: type[BaseModel]) -> str:
    digest = hashlib.sha256(_source(f"{prompt}.j2").encode())
    for name in sorted(_environment().list_templates()):
        if name.startswith("parts/"):
            digest.update(f"\n{name}\n{_source(name)}".encode())
    digest.update(json.dumps(answer_schema(schema), sort_keys=True).encode())
    return digest.hexdigest()[:12]
