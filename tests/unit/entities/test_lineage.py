"""What a document rests on: changes in substance above it are named, others are not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from blossomer.entities import COMPANY, ENTITIES, above, below
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.lineage import Outdated, basis_of, outdated
from tests.support.structured import all_cards, full_data

BELOW = {e.entity: below(e.entity)[0].entity for e in ENTITIES.values() if below(e.entity)}
CARDS = {name: found for name, found in all_cards().items() if found[0].entity in BELOW}


def data(**changes: Any) -> dict[str, Any]:
    return full_data(COMPANY) | changes


def test_nothing_has_changed_right_after_it_was_written() -> None:
    context = {e.entity: full_data(e, "email") for e in (*above("campaign"),)}
    assert outdated("campaign", basis_of(context), context) == []


def test_what_has_changed_is_named_topmost_first_and_in_the_pages_words() -> None:
    context = {entity: full_data(ENTITIES[entity]) for entity in ("company", "account")}
    basis = basis_of(context)
    context["account"] = context["account"] | {"description": "Others"}
    context["company"] = context["company"] | {"objections": ["Too dear"], "capabilities": []}
    labels = {card.key: card.label for card in COMPANY.cards}
    assert outdated("persona", basis, context) == [
        Outdated("company", (labels["capabilities"], labels["objections"])),
        Outdated("account", ("Description",)),
    ]
    # The company itself rests on nothing.
    assert outdated("company", basis, context) == []


@pytest.mark.parametrize(
    "objections",
    [
        ["Second: b.", "First: a"],  # another order
        ["first: A", "second: B"],  # capitals and stops
        [" First:  a ", "", "Second – b"],  # spaces, dashes, and an empty line
    ],
)
def test_an_order_a_comma_or_a_capital_is_no_change(objections: list[str]) -> None:
    basis = basis_of({"company": data(objections=["First: a", "Second: b"])})
    assert outdated("account", basis, {"company": data(objections=objections)}) == []


@pytest.mark.parametrize("objections", [[], ["First: a"], ["First: a", "Second: c"]])
def test_another_word_is_one(objections: list[str]) -> None:
    basis = basis_of({"company": data(objections=["First: a", "Second: b"])})
    assert len(outdated("account", basis, {"company": data(objections=objections)})) == 1


@pytest.mark.parametrize(("config", "kind", "card"), CARDS.values(), ids=CARDS)
def test_every_card_of_every_shape_counts(config: EntityConfig, kind: str, card: Card) -> None:
    before = full_data(config, kind)
    after = copy.deepcopy(before)
    node = after
    for key in card.at[:-1]:
        node = node[key]
    if card.shape == "record":
        first = card.attributes[0].name
        record = node[card.at[-1]] if card.at else node
        record[first] = ["Changed"] if isinstance(record[first], list) else "Changed"
    else:
        node[card.at[-1]] = node[card.at[-1]][1:]
    basis = basis_of({config.entity: before})
    found = outdated(BELOW[config.entity], basis, {config.entity: after})
    assert [change.fields for change in found] == [(card.label,)]


def test_what_is_about_the_document_is_no_change() -> None:
    basis = basis_of({"company": data()})
    for field in ("evidence", "confidence", "assumptions", "discovery_gaps", "provenance"):
        assert outdated("account", basis, {"company": data(**{field: ["x"]})}) == []
    assert outdated("account", basis, {"company": data(company_name="Renamed")}) == []


def test_what_was_not_known_then_or_is_not_there_now_tells_nothing() -> None:
    now = {"company": data()}
    assert outdated("account", {}, now) == []
    assert outdated("account", {"company": {}}, now) == []
    assert outdated("account", {"company": {"a card of once": "x"}}, now) == []
    assert outdated("account", basis_of(now), {}) == []
    assert basis_of({"spaceship": {"a": 1}}) == {}
