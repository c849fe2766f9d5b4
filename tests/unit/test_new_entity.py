"""An entity that the code has never heard of is written from its configuration alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from blossomer.api.app import create_api
from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.entities import ACCOUNT, ENTITIES
from blossomer.entities.attributes import Limit
from blossomer.entities.base import GeneratedEntity, ItemText
from blossomer.entities.config import Card, EntityConfig, FormField, GenerationForm, Parent
from blossomer.entities.items import item_key
from blossomer.services import templates
from blossomer.services.events import GenerationRequest
from blossomer.services.generation import Generator
from blossomer.services.prompts import render_prompt
from tests.support.fake_answers import answer_for_schema
from tests.support.fake_models import model_settings
from tests.unit.test_generation import PlayedReader, PlayedRouter, completed, website

PROMPT = """You help salespeople to answer when a buyer names a competitor.

{% include "parts/standards.j2" %}
==== user ====
{% from "parts/fields.j2" import every_field with context -%}
{% if only %}{% include "parts/one_card.j2" %}
{%- else %}Write a {{ label }}.{% include "parts/again.j2" %}{% endif %}
{{- every_field() }}
{%- include "parts/sources.j2" %}
{%- include "parts/material.j2" %}

{% include "parts/form.j2" %}
"""


class Landmine(BaseModel):
    question: str = Field(min_length=1, max_length=200, title="Question")
    why: Annotated[str, Limit(words=30)] = Field(max_length=500, title="Why", description="A gap")


class Battlecard(GeneratedEntity):
    name: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=2_000)
    weaknesses: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    landmines: Annotated[list[Landmine], Field(min_length=1, max_length=12)]


def card(key: str, **rest: object) -> Card:
    return Card(key=key, label=key.title(), subtitle=f"All {key}.", icon="x", empty="?", **rest)  # type: ignore[arg-type]


CONFIG: EntityConfig = replace(
    ACCOUNT,
    entity="battlecard",
    label="Battlecard",
    label_plural="Battlecards",
    path="battlecards",
    route="battlecards",
    schema=Battlecard,
    prompt="battlecard",
    parents=(Parent("company", column="company_id"),),
    suggestions=None,
    cards=(
        card("weaknesses", min_items=2, max_items=3),
        card("landmines", min_items=1, max_items=3, shape="records", record=Landmine),
    ),
    form=GenerationForm(
        title="", subtitle="", button="",
        fields=(FormField("competitor", "Competitor", "text", required=True),),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "prompts"
    shutil.copytree(templates.FOLDER, folder)
    (folder / "battlecard.j2").write_text(PROMPT)

    def clear() -> None:
        for function in (templates._environment, templates._parts, templates._version):
            function.cache_clear()

    monkeypatch.setitem(ENTITIES, "battlecard", CONFIG)
    monkeypatch.setattr(templates, "FOLDER", folder)
    clear()
    yield
    monkeypatch.undo()
    clear()


def test_its_fields_are_described_by_its_configuration() -> None:
    prompt = render_prompt(
        CONFIG,
        site_text="Acme.",
        inputs={"competitor": "Routely & Sons"},
        context={"company": RESULT_EXAMPLES["company"]},
    ).user
    for part in (
        "Write a battlecard.",
        "name\nA short name.",
        "weaknesses (Weaknesses; 2 to 3 items)\nAll weaknesses.",
        "landmines (Landmines; 1 to 3 items, each an object)",
        "- why: A gap. A text. At most 30 words.",
        "Competitor\nRoutely & Sons",
        "Live re-planning: Routes change while drivers are on the road.",
    ):
        assert part in prompt
    assert "\n\n\n" not in prompt


async def test_it_is_written_and_one_card_of_it_again() -> None:
    context = {"company": RESULT_EXAMPLES["company"]}
    schema = json.loads(
        render_prompt(CONFIG, site_text="", inputs={}, context=context).user.splitlines()[-1]
    )
    router = PlayedRouter(answer_for_schema(schema, {}))
    reader = PlayedReader(website(url="https://acme.example/"))
    made = Generator(model_settings(), reader, router)
    inputs = {"competitor": "Routely"}
    data = await completed(made, GenerationRequest("battlecard", inputs, context=context))
    assert reader.asked == ["https://acme.example/"]
    assert len(data["landmines"]) == 3
    assert set(data["basis"]) == {"company"}

    data["provenance"]["edited"] = {"landmines": [item_key(data["landmines"][1])]}
    router.answer = {"landmines": [{"question": "New?", "why": "w"}], "evidence": []}
    again = await completed(
        made,
        GenerationRequest("battlecard", inputs, only="landmines", current=data, context=context),
    )
    assert [each["question"] for each in again["landmines"]] == [
        "New?",
        data["landmines"][1]["question"],
    ]


def test_it_has_every_path_of_the_api() -> None:
    document = create_api().openapi()
    paths = {path for path in document["paths"] if "/accounts" in path}
    assert len(paths) > 10
    new = {path.replace("/accounts", "/battlecards") for path in paths}
    # Nothing is suggested below it.
    assert new - set(document["paths"]) == {"/api/battlecards/{document_id}/suggest"}
    schemas = document["components"]["schemas"]
    sent = schemas["BattlecardChanges"]["properties"]
    assert {"name", "description", "weaknesses", "landmines"} == set(sent)
    assert schemas["BattlecardSentLandmine"]["required"] == ["question"]
    assert "competitor" in schemas["BattlecardInputs"]["properties"]
    query = document["paths"]["/api/battlecards"]["get"]["parameters"]
    assert "company" in {parameter["name"] for parameter in query}
    assert schemas["BattlecardPatch"]["examples"]
