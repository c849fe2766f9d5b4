"""An entity that nobody has written code for is exported like the others."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from blossomer.entities import ENTITIES
from blossomer.entities.base import GeneratedEntity, ItemText
from blossomer.entities.config import (
    Card,
    EmptyState,
    EntityConfig,
    GenerationForm,
    Parent,
)
from blossomer.services.export.formats import export, formats_of
from blossomer.services.export.gather import documents_below
from blossomer.services.export.portable import read_plan
from tests.support.plans import MemoryStore, document_of, plan


class Rival(BaseModel):
    name: str = Field(min_length=1, max_length=100, title="Rival")
    answer: str = Field(max_length=500, title="What to say")


class Battlecard(GeneratedEntity):
    title: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=2_000)
    market: str = Field(default="", max_length=100)
    strengths: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    rivals: Annotated[list[Rival], Field(min_length=1, max_length=12)]


CONFIG = EntityConfig(
    entity="battlecard",
    label="Battle card",
    label_plural="Battle cards",
    path="battlecards",
    route="battlecards",
    icon="swords",
    schema=Battlecard,
    name_field="title",
    prompt="battlecard",
    cards=(
        Card("strengths", "Strengths", "Where we win.", "star", "Where do we win?"),
        Card("rivals", "Rivals", "Who.", "users", "Who?", shape="records", record=Rival),
    ),
    stages=(),
    form=GenerationForm(title="", subtitle="", button="", fields=()),
    empty=EmptyState("", "", ""),
    table="battlecards",
    data_column="battlecard_data",
    parents=(Parent("company", column="company_id"),),
)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENTITIES, "battlecard", CONFIG)


async def test_it_is_in_every_format() -> None:
    card = document_of(CONFIG, "card", parents={"company": "company-1"}, name="Against Y")
    assert [one.key for one in formats_of(CONFIG)] == ["markdown", "docx", "print", "json"]
    text = export("markdown", [card]).content.decode()
    assert "# Battle card: Against Y\n" in text
    assert "- **Market:** Market\n" in text
    assert "## Strengths\n" in text
    assert "| Rival | What to say |\n" in text
    assert "Against Y" in export("print", [card]).content.decode()
    assert export("docx", [card]).content
    others = [d for d in plan() if d["entity"] != "battlecard"]
    below = await documents_below(MemoryStore([*others, card]), ENTITIES["company"], "company-1")
    assert card in below
    assert card in [d for _, d in read_plan(export("json", below).content)]
