"""Basic analysis of whole websites: HTML files, extracted as the product does it."""

from __future__ import annotations

import pytest

from blossomer.entities import entity_config
from blossomer.entities.evidence import check_evidence, item_status
from blossomer.services.basic_analysis import basic_analysis
from blossomer.services.website.model import Website
from tests.unit.basic_analysis.sites import read

COMPANY = entity_config("company")


def analyse(site: Website) -> dict[str, list[str]]:
    data = basic_analysis(COMPANY, site, {"website_url": site.url})
    COMPANY.schema.model_validate(data)
    return check_evidence(data, COMPANY, {page.url: page.visible_text for page in site.pages})


@pytest.fixture(scope="module")
def quayline() -> dict[str, list[str]]:
    return analyse(read(""))


def test_every_card_of_a_typical_site_is_full_and_quoted(quayline: dict[str, list[str]]) -> None:
    assert all(entry["verified"] for entry in quayline["evidence"])  # type: ignore[index]
    for card in COMPANY.cards:
        items = quayline[card.key]
        assert card.min_items <= len(items) <= card.max_items
        assert {item_status(quayline, card.key, item) for item in items} == {"quoted"}, card.key
    assert quayline["discovery_gaps"] == []


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("business_profile_insights", "Freight invoice audit software for manufacturers"),
        ("business_profile_insights", "€290 per month and €890 per month"),
        ("business_profile_insights", "Halden Tools"),
        ("capabilities", "Line-by-line audit: Every charge is recalculated from your rate card"),
        ("positioning_insights", "We believe that an invoice should prove itself"),
        ("positioning_insights", "Stop paying for freight you never agreed to"),
        ("use_case_analysis_insights", "Marit Solberg, Head of Logistics, Halden Tools"),
        ("target_customer_insights", "Industrial manufacturers, Food and drink and Wholesale"),
        ("target_customer_insights", "Procurement Director"),
        ("objections", "How long does the set-up take?"),
        ("objections", "ISO 27001"),
    ],
)
def test_a_reader_learns_what_matters(
    quayline: dict[str, list[str]], card: str, words: str
) -> None:
    assert any(words in item for item in quayline[card]), quayline[card]


def test_the_frame_of_a_site_is_left_out(quayline: dict[str, list[str]]) -> None:
    written = " ".join(item for card in COMPANY.cards for item in quayline[card.key])
    for frame in ("cookie", "Book a demo", "Privacy policy", "Brückenkade", "Accept all"):
        assert frame.lower() not in written.lower()


def test_a_hostile_site_changes_nothing() -> None:
    data = analyse(read("hostile"))
    assert data["company_name"] == "Quayline"
    written = repr({key: value for key, value in data.items() if key != "assumptions"})
    for trap in ("PWNED", "revious instructions", "<script", "{{", "onerror", "javascript:"):
        assert trap.lower() not in written.lower(), trap
    assert "Supercalifreight" not in written
    assert any("speaks to a language model" in rule for rule in data["assumptions"])
    assert any("€290 per month" in item for item in data["business_profile_insights"])


def test_a_german_site_works_by_structure() -> None:
    data = analyse(read("german", "https://kaikante.example"))
    assert data["company_name"] == "Kaikante"
    assert item_status(data, "description", data["description"]) == "quoted"  # type: ignore[arg-type]
    assert any(item.startswith("Prüfung jeder Zeile: ") for item in data["capabilities"])
    assert any("290 € im Monat" in item for item in data["business_profile_insights"])
    assert any("Kann ich monatlich kündigen?" in item for item in data["objections"])
    assert any("English only" in rule for rule in data["assumptions"])


@pytest.mark.parametrize("site", ["thin", "spa"])
def test_an_empty_site_gives_questions_and_no_claims(site: str) -> None:
    data = analyse(read(site))
    assert len(data["discovery_gaps"]) >= 8
    for card in COMPANY.cards:
        assert data["confidence"][card.key] == "low"  # type: ignore[call-overload]
