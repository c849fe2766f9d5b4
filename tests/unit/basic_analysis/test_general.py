"""Basic analysis of an entity that it has no rules for: honest, from the configuration alone."""

from __future__ import annotations

from typing import Any

import pytest

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import check_evidence
from blossomer.services.basic_analysis.general import write_general
from blossomer.services.basic_analysis.material import Material
from blossomer.services.website.model import Website
from tests.support.structured import all_kinds
from tests.unit.basic_analysis.test_fixture_sites import read

CASES = [
    pytest.param(config, kind, site, id="-".join(filter(None, (config.entity, kind, site))))
    for config, kind in all_kinds()
    for site in ("", "thin", "german", "hostile")
]


def written(config: EntityConfig, kind: str, site: Website, **inputs: str) -> dict[str, Any]:
    if config.kind_field:
        inputs[config.kind_field] = kind
    company = {"company_name": "Quayline", "description": "Audits freight invoices."}
    return write_general(Material(config, site, inputs, {"company": company})).finish()


@pytest.mark.parametrize(("config", "kind", "site"), CASES)
def test_every_entity_could_be_written_so(config: EntityConfig, kind: str, site: str) -> None:
    website = read(site)
    data = written(config, kind, website)
    config.writer_schema(kind).model_validate(data)
    pages = {page.url: page.visible_text for page in website.pages}
    checked = check_evidence(data, config, pages)
    assert all(entry["verified"] for entry in checked["evidence"])
    assert len(checked["evidence"]) == len(data["evidence"]), "each supports an item that is there"
    assert "no rules for" in " ".join(data["assumptions"])
    answer = write_general(Material(config, website, {config.kind_field: kind} if kind else {}, {}))
    for card in config.cards_of(kind):
        config.card_schema(card.key).model_validate(answer.finish(card.key))
    if site == "hostile":
        assert "PWNED" not in repr({**data, "assumptions": []})


def test_a_persons_words_come_first_and_the_site_is_quoted() -> None:
    config = ENTITIES["account"]
    said = "They fit because their profile is freight by road and by sea."
    data = written(config, "", read(""), name="Teams at mills", hypothesis=said)
    assert data["name"] == "Teams at mills"
    assert f"In your words: {said}" in data["profile_insights"]
    assert data["description"].startswith("Teams at mills, a target account of Quayline.")
    quoted = {entry["text"] for entry in data["evidence"]}
    assert len(quoted & set(data["challenges"])) >= config.card("challenges").min_items
    texts = [t for card in config.cards if card.shape == "texts" for t in data[card.key]]
    assert len(texts) == len(set(texts)), "a statement stands on one card"


def test_what_nobody_says_is_asked() -> None:
    config = ENTITIES["account"]
    data = written(config, "", read("spa"))
    assert data["strengths"] == ["Not stated"]
    assert len(data["discovery_gaps"]) >= len(config.cards) - 1
    assert data["evidence"] == []
