"""The document keeps its promises in numbers; whether they hold is in ``test_battlecard.py``."""

from __future__ import annotations

import ast

from tests.extending.steps import DOCUMENT, PROJECT, changed, read_steps

STEPS = read_steps()
ENTITY = "blossomer/entities/battlecard.py"
PROMPT = "prompts/battlecard.j2"
REGISTRY = "blossomer/entities/__init__.py"


def test_two_files_two_lines_and_one_command() -> None:
    assert set(STEPS.files) == {ENTITY, PROMPT}
    assert set(STEPS.changes) == {REGISTRY}
    added = [line for line in STEPS.changes[REGISTRY] if line.startswith("+")]
    assert len(added) == 2
    assert not any(line.startswith("-") for line in STEPS.changes[REGISTRY])
    assert STEPS.command == 'make migration MESSAGE="battlecards"'


def test_the_entity_is_small_and_has_every_kind_of_card() -> None:
    entity = STEPS.files[ENTITY]
    assert len(entity.splitlines()) <= 60
    assert max(map(len, entity.splitlines())) <= 100
    assert ast.get_docstring(ast.parse(entity))
    assert entity.count("Card(") >= 3
    assert '"records"' in entity


def test_the_prompt_is_short() -> None:
    assert len(STEPS.files[PROMPT].splitlines()) <= 25
    assert STEPS.files[PROMPT].count('include "parts/') >= 5


def test_the_registry_has_the_lines_that_the_document_shows() -> None:
    text = (PROJECT / REGISTRY).read_text()
    after = changed(text, STEPS.changes[REGISTRY])
    assert len(after.splitlines()) == len(text.splitlines()) + 2
    ast.parse(after)


def test_the_readme_leads_there() -> None:
    assert "(docs/extending.md)" in (PROJECT / "README.md").read_text()
    assert "tests/extending/" in DOCUMENT.read_text()
