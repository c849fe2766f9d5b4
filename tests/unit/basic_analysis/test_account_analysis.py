"""Basic analysis of a target account: whom it describes, what it rests on, what it admits."""

from __future__ import annotations

from typing import Any

import pytest

from blossomer.entities.evidence import item_status
from blossomer.services.basic_analysis import basic_analysis, basic_ideas
from blossomer.services.website.model import Section, Website
from tests.support.pages import page, website
from tests.unit.basic_analysis.chain import ACCOUNT, COMPANY, check_cards, texts_in, written
from tests.unit.basic_analysis.sites import read

QUAYLINE = read("")


@pytest.fixture(scope="module")
def company() -> dict[str, Any]:
    return written(COMPANY, QUAYLINE, {"website_url": QUAYLINE.url})


@pytest.fixture(scope="module")
def account(company: dict[str, Any]) -> dict[str, Any]:
    [idea, *_] = basic_ideas(ACCOUNT, QUAYLINE, {"company": company}, 5)
    return written(ACCOUNT, QUAYLINE, idea, {"company": company})


def test_every_card_is_filled_and_verified(account: dict[str, Any]) -> None:
    check_cards(ACCOUNT, account)
    for card in ("profile_insights", "strengths", "opportunities", "approach_strategy"):
        assert "quoted" in {item_status(account, card, text) for text in account[card]}, card
    assert account["assumptions"]
    assert account["discovery_gaps"]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("profile_insights", "SAP, Microsoft Dynamics and Oracle NetSuite"),
        ("profile_insights", "from about 400 freight invoices a month"),
        ("challenges", "Most finance teams check a sample in a spreadsheet"),
        ("opportunities", "Carriers bill by rules that change every week"),
        ("approach_strategy", "Marit Solberg"),
        ("disqualifiers", "Fewer than 400 freight invoices a month"),
        ("strengths", "Every charge is recalculated from your rate card"),
    ],
)
def test_a_reader_learns_what_matters(account: dict[str, Any], card: str, words: str) -> None:
    assert any(words in text for text in account[card]), account[card]


def test_firmographics_are_values_that_tools_take(account: dict[str, Any]) -> None:
    found = account["firmographics"]
    assert found["industry"] == ["Machinery"]
    assert found["geography"][0] == "Germany"
    assert found["employees"] == "51-500"
    assert found["revenue"] == "$10M-$100M"
    assert 3 <= len(found["keywords"]) <= 5


def test_at_most_two_signals_are_high_and_each_says_where_to_look(account: dict[str, Any]) -> None:
    signals = account["buying_signals"]
    assert 4 <= len(signals) <= 6
    assert 1 <= sum(signal["priority"] == "High" for signal in signals) <= 2
    assert all(len(signal["detection_method"].split()) >= 5 for signal in signals)
    assert len({signal["title"] for signal in signals}) == len(signals)


def test_the_persons_name_stays_as_it_is_and_their_words_come_first(
    company: dict[str, Any],
) -> None:
    inputs = {
        "name": "  Breweries WITH own trucks",
        "hypothesis": "They pay for every pallet twice.",
        "additional_context": "Only in Poland.",
    }
    data = written(ACCOUNT, QUAYLINE, inputs, {"company": company})
    assert data["name"] == "Breweries WITH own trucks"
    assert data["profile_insights"][0] == "In your words: They pay for every pallet twice."
    assert "They pay for every pallet twice." in data["description"]
    assert data["firmographics"]["industry"] == ["Food & Beverages"]
    assert data["firmographics"]["geography"] == ["Poland"]


@pytest.mark.parametrize("shrug", ["idk", "asdf asdf", "n/a"])
def test_shrugs_change_nothing(company: dict[str, Any], shrug: str) -> None:
    plain = written(ACCOUNT, QUAYLINE, {}, {"company": company})
    assert written(ACCOUNT, QUAYLINE, {"hypothesis": shrug}, {"company": company}) == plain


def test_ideas_differ_and_so_do_their_accounts(company: dict[str, Any]) -> None:
    context = {"company": company}
    ideas = basic_ideas(ACCOUNT, QUAYLINE, context, 5)
    assert 3 <= len(ideas) <= 5
    assert len({idea["name"] for idea in ideas}) == len(ideas)
    assert len({idea["hypothesis"] for idea in ideas}) == len(ideas)
    first, second = (written(ACCOUNT, QUAYLINE, idea, context) for idea in ideas[:2])
    for part in ("name", "description", "profile_insights", "firmographics", "buying_signals"):
        assert first[part] != second[part], part
    assert first["name"] == "Logistics teams at industrial manufacturers"
    assert basic_ideas(ACCOUNT, QUAYLINE, context, 5) == ideas
    assert len(basic_ideas(ACCOUNT, QUAYLINE, context, 1)) == 1


@pytest.mark.parametrize("card", [card.key for card in ACCOUNT.cards])
def test_one_card_alone_is_the_card_of_the_whole(company: dict[str, Any], card: str) -> None:
    context = {"company": company}
    whole = basic_analysis(ACCOUNT, QUAYLINE, {}, context=context)
    alone = basic_analysis(ACCOUNT, QUAYLINE, {}, only=card, context=context)
    ACCOUNT.card_schema(card).model_validate(alone)
    assert alone[card] == whole[card]
    assert {entry["field"] for entry in alone["evidence"]} <= {card}


def test_without_a_company_above_it_is_written_from_the_site() -> None:
    assert written(ACCOUNT, QUAYLINE)["name"] == "Logistics teams at industrial manufacturers"


def test_what_a_person_changed_in_the_company_is_believed(company: dict[str, Any]) -> None:
    mine = "Target Accounts: Paper mills"
    changed = {
        **company,
        "target_customer_insights": [mine],
        "provenance": {"edited": {"target_customer_insights": [mine]}},
    }
    [idea, *_] = basic_ideas(ACCOUNT, QUAYLINE, {"company": changed}, 5)
    assert idea["name"].endswith("at paper mills")


@pytest.mark.parametrize("name", ["german", "hostile", "thin", "spa"])
def test_other_sites_give_whole_answers(name: str) -> None:
    site = read(name)
    for idea in basic_ideas(ACCOUNT, site, {}, 5)[:2]:
        data = written(ACCOUNT, site, idea)
        check_cards(ACCOUNT, data)
        for trap in ("pwned", "revious instructions", "<script", "{{", "onerror"):
            assert trap not in repr([*texts_in({**data, "assumptions": []})]).lower()


def test_a_broken_document_above_does_no_harm() -> None:
    broken: dict[str, Any] = {
        "company_name": None,
        "capabilities": "text",
        "business_profile_insights": [{"a": 1}, 3],
        "target_customer_insights": None,
        "provenance": {"edited": None},
    }
    check_cards(ACCOUNT, written(ACCOUNT, QUAYLINE, {}, {"company": broken}))


def test_a_site_that_names_nobody_is_parted_by_size(vanroute: Website) -> None:
    bare = website(page(Section("Vanroute", 1, ("Vanroute plans the visits of crews every day.",))))
    names = [idea["name"] for idea in basic_ideas(ACCOUNT, bare, {}, 5)]
    assert len(names) == 3
    assert any("mall" in name for name in names)
    assert any("arge" in name for name in names)
