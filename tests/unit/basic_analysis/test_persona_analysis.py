"""Basic analysis of a persona: whom it describes, what it rests on, what it admits."""

from __future__ import annotations

from typing import Any

import pytest

from blossomer.entities.evidence import item_status
from blossomer.services.basic_analysis import basic_analysis, basic_ideas
from tests.unit.basic_analysis.chain import PERSONA, Context, chain, check_cards, written
from tests.unit.basic_analysis.sites import read

QUAYLINE = read("")


@pytest.fixture(scope="module")
def context() -> Context:
    return chain(QUAYLINE)


def test_every_card_is_filled_and_verified(context: Context) -> None:
    check_cards(PERSONA, context["persona"])


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("persona_insights", "take facts into the next tender"),
        ("persona_insights", "Marit Solberg"),
        ("pain_points", "Month-end used to take my team nine days"),
        ("communication_style", "We used to check one invoice in twenty"),
        ("decision_factors", "Ready-made connectors exist for SAP"),
        ("decision_factors", "Most customers are live in three weeks"),
        ("objections", "Do our carriers have to change anything?"),
        ("purchase_journey", "€290 per month"),
    ],
)
def test_a_reader_learns_what_matters(context: Context, card: str, words: str) -> None:
    items = context["persona"][card]
    [item, *_] = [text for text in items if words in text] or [""]
    assert item, items
    assert item_status(context["persona"], card, item) == "quoted"


def test_demographics_follow_from_the_title(context: Context) -> None:
    found = context["persona"]["demographics"]
    assert found["job_titles"][0] == "Head of Logistics"
    assert 2 <= len(found["job_titles"]) <= 4
    assert found["departments"] == ["Logistics"]
    assert found["seniority"] == ["Director", "VP"]
    assert "Decision Maker" in found["buying_roles"]
    assert 3 <= len(found["job_description_keywords"]) <= 5


def test_use_cases_are_whole_chains(context: Context) -> None:
    for chain_ in context["persona"]["use_cases"]:
        assert all(chain_.values()), chain_
    by_name = {c["use_case"]: c for c in context["persona"]["use_cases"]}
    audit = by_name["Line-by-line audit"]
    assert audit["desired_outcome"] == (
        "A wrong weight class or a double toll is caught before payment."
    )


def test_the_persons_name_stays_as_it_is(context: Context) -> None:
    inputs = {"name": "CISO", "hypothesis": "She asks where the data is."}
    above = {key: context[key] for key in ("company", "account")}
    data = written(PERSONA, QUAYLINE, inputs, above)
    check_cards(PERSONA, data)
    assert data["name"] == "CISO"
    assert data["persona_insights"][0] == "In your words: She asks where the data is."
    assert data["demographics"]["departments"] == ["Security"]
    assert "Technical Buyer" in data["demographics"]["buying_roles"]


def test_ideas_differ_and_so_do_their_personas(context: Context) -> None:
    above = {key: context[key] for key in ("company", "account")}
    ideas = basic_ideas(PERSONA, QUAYLINE, above, 4)
    assert ideas[0]["name"] == "Head of Logistics"
    assert 2 <= len(ideas) <= 4
    assert len({idea["name"] for idea in ideas}) == len(ideas)
    first, second = (written(PERSONA, QUAYLINE, idea, above) for idea in ideas[:2])
    for part in ("name", "description", "persona_insights", "demographics", "use_cases"):
        assert first[part] != second[part], part


@pytest.mark.parametrize("card", [card.key for card in PERSONA.cards])
def test_one_card_alone_is_the_card_of_the_whole(context: Context, card: str) -> None:
    above = {key: context[key] for key in ("company", "account")}
    whole = basic_analysis(PERSONA, QUAYLINE, {}, context=above)
    alone = basic_analysis(PERSONA, QUAYLINE, {}, only=card, context=above)
    PERSONA.card_schema(card).model_validate(alone)
    assert alone[card] == whole[card]


@pytest.mark.parametrize("name", ["german", "hostile", "thin", "spa"])
def test_other_sites_give_whole_answers(name: str) -> None:
    site = read(name)
    context = chain(site)
    check_cards(PERSONA, context["persona"])


def test_a_broken_document_above_does_no_harm() -> None:
    broken: dict[str, dict[str, Any]] = {
        "company": {"capabilities": [None]},
        "account": {"name": 3, "challenges": "no", "firmographics": [], "description": None},
    }
    check_cards(PERSONA, written(PERSONA, QUAYLINE, {"name": "Buyer"}, broken))
