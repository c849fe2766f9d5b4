"""Which text counts as an answer, and what a model is told about the shape of one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from blossomer.entities import COMPANY
from blossomer.entities.company import Company
from blossomer.services.llm.answer_schema import answer_schema, own_fields
from blossomer.services.llm.repair import InvalidAnswer, read_answer, repair_messages
from tests.support.fake_models import company_answer

ANSWER = company_answer({"https://acme.example/": "Acme routes every delivery by itself."})
TEXT = json.dumps(ANSWER)


@pytest.mark.parametrize(
    "text",
    [TEXT, f"Of course {{here}}:\n```json\n{TEXT}\n```\nDone {{really}}.", f"{TEXT} {TEXT}"],
)
def test_the_object_is_cut_out_and_validated(text: str) -> None:
    assert read_answer(text, Company) == Company.model_validate(ANSWER)


@pytest.mark.parametrize("end", range(1, len(TEXT) - 1, 97))
def test_an_answer_that_stops_is_never_accepted(end: int) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        read_answer(TEXT[:end], Company)
    assert caught.value.cut


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("I would rather not.", "no JSON object"),
        ('{"company_name": oops}', "not valid JSON"),
        ('{"company_name": "Acme"}', "capabilities: Field required"),
        (json.dumps({**ANSWER, "objections": []}), "objections: List should have at least 1 item"),
        (json.dumps({**ANSWER, "confidence": {"objections": "very"}}), "confidence.objections"),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    with pytest.raises(InvalidAnswer, match=problem) as caught:
        read_answer(text, Company)
    assert not caught.value.cut


def test_a_repair_is_another_question_in_the_same_conversation() -> None:
    asked = (("system", "s"), ("user", "u"))
    messages = repair_messages(asked, "{}", ["objections: Field required"])
    assert messages[:3] == (*asked, ("assistant", "{}"))
    assert "objections: Field required" in messages[3][1]
    # Providers refuse an empty turn.
    roles = [role for role, _ in repair_messages(asked, " ", ["empty"])]
    assert roles == ["system", "user"]


def test_cards_come_first_and_evidence_last() -> None:
    schema = answer_schema(Company)
    assert list(schema["properties"]) == [
        "company_name",
        "company_url",
        "description",
        *(card.key for card in COMPANY.cards),
        "confidence",
        "assumptions",
        "discovery_gaps",
        "evidence",
    ]
    assert own_fields(Company)[-1] == "objections"
    one = answer_schema(COMPANY.card_schema("objections"))
    assert list(one["properties"]) == ["objections", "confidence", "evidence"]
    assert list(one["properties"]["confidence"]["properties"]) == ["objections"]


def test_the_schema_is_one_that_providers_take() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, list):
            for child in node:
                walk(child)
        if not isinstance(node, dict):
            return
        assert "$ref" not in node
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        for child in node.values():
            walk(child)

    walk(answer_schema(Company))
    assert "verified" not in json.dumps(answer_schema(COMPANY.data_model))


def test_the_made_up_company_answer_is_valid_and_in_order() -> None:
    assert list(ANSWER) == list(answer_schema(Company)["properties"])
    for card in COMPANY.cards:
        assert card.min_items <= len(ANSWER[card.key]) <= card.max_items
    assert {entry["quote"] for entry in ANSWER["evidence"]} == {
        "Acme routes every delivery by itself."
    }
