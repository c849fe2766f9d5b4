"""Writing again, for every card of every entity: a person's words and the neighbours stay."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blossomer.entities import ENTITIES
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.evidence import check_evidence
from blossomer.entities.items import item_key, texts_of
from blossomer.entities.merge import apply_changes
from blossomer.entities.proposals import accept_proposal, decline_proposal, rewrite_card
from blossomer.entities.regenerate import (
    changes_of_card,
    check_document,
    expects_proposal,
    is_touched,
    kept_attributes,
    kept_items,
    merge_card,
)
from blossomer.entities.rewrite import changes_of_document, merge_document
from blossomer.errors import UserError

CARDS = [(config, card) for config in ENTITIES.values() for card in config.cards]
EVERY_CARD = pytest.mark.parametrize(
    ("config", "card"), CARDS, ids=[f"{config.entity}-{card.key}" for config, card in CARDS]
)
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
words = st.text("ab c1é", min_size=1, max_size=8).map(lambda text: text.strip() or "x")


@st.composite
def records(draw: st.DrawFn, card: Card) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for attribute in card.attributes:
        match attribute.kind:
            case "tags":
                record[attribute.name] = draw(st.lists(words, max_size=3))
            case "choice":
                record[attribute.name] = draw(st.sampled_from(attribute.options))
            case "choices":
                record[attribute.name] = draw(
                    st.lists(st.sampled_from(attribute.options), unique=True, max_size=3)
                )
            case "number":
                record[attribute.name] = draw(st.integers(1, 9))
            case _:
                record[attribute.name] = draw(words)
    if card.shape == "segments":
        record["id"] = draw(st.sampled_from(["", "s1", "s2", "s3"]))
    return record


@st.composite
def values(draw: st.DrawFn, card: Card, most: int = 6) -> Any:
    if card.shape == "record":
        return draw(records(card))
    item = words if card.shape == "texts" else records(card)
    return draw(st.lists(item, max_size=most, unique_by=item_key))


def at(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


@st.composite
def documents(draw: st.DrawFn, config: EntityConfig, kind: str) -> dict[str, Any]:
    """A document as it is kept, in which a person has edited some of everything."""
    raw: dict[str, Any] = {config.name_field: "Name", "description": draw(words)}
    if config.kind_field:
        raw[config.kind_field] = kind
    for card in config.cards_of(kind):
        value = draw(values(card))
        if card.shape == "record":
            for name, inner in value.items():
                at(raw, (*card.at, name), inner)
        else:
            at(raw, card.at, value)
    data = config.data_model.model_validate(raw).model_dump(mode="json")
    edited: dict[str, list[str]] = {}
    for card in config.cards_of(kind):
        value = card.value(data)
        marks = list(value) if card.shape == "record" else [item_key(item) for item in value]
        if draw(st.booleans()) and marks:
            edited[card.key] = draw(st.lists(st.sampled_from(marks), unique=True))
        data["evidence"] += [
            {"field": card.key, "text": text, "quote": "q", "page_url": "u", "verified": True}
            for text in list(texts_of(value))[:2]
        ]
        data["confidence"][card.key] = "high"
    data["provenance"]["edited"] = edited
    return data


def kind_for(config: EntityConfig, card: Card | None = None) -> str:
    if not config.kinds:
        return ""
    return (card.kind if card else "") or config.kinds[0].value


def others(config: EntityConfig, card: Card, data: dict[str, Any]) -> dict[str, str]:
    return {
        each.key: json.dumps(each.value(data))
        for each in config.cards_of(config.kind_of(data))
        if each.key != card.key
    }


def neighbours_stay(
    config: EntityConfig, card: Card, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert others(config, card, after) == others(config, card, before)
    for name in (config.name_field, "description", "provenance", "basis", "assumptions"):
        assert after[name] == before[name]
    for data in (before, after):
        data["evidence"] = [e for e in data["evidence"] if e["field"] != card.key]
        data["confidence"].pop(card.key, None)
    assert after["evidence"] == before["evidence"]
    assert after["confidence"] == before["confidence"]


def answer_for(card: Card, value: Any, field: str = "") -> dict[str, Any]:
    texts = [text for text in texts_of(value) if len(text) > 2]
    return {
        card.key: value,
        "evidence": [
            {"field": field or card.key, "text": text, "quote": "q", "verified": True}
            for text in texts[:2]
        ],
        "confidence": {card.key: "high"},
    }


@EVERY_CARD
@given(st.data())
@QUICK
def test_a_card_written_again_leaves_every_edited_item_and_every_neighbour_as_it_was(
    config: EntityConfig, card: Card, data: st.DataObject
) -> None:
    current = data.draw(documents(config, kind_for(config, card)))
    new = answer_for(card, data.draw(values(card)))
    before = json.dumps(current), json.dumps(new)
    check_document(current, config, card.key)

    written = rewrite_card(current, new, config, card.key)

    assert (json.dumps(current), json.dumps(new)) == before, "neither argument is changed"
    config.data_model.model_validate(written)
    kept = [json.dumps(item) for item in kept_items(current, card)]
    there = card.value(written) if card.shape != "record" else []
    assert [json.dumps(item) for item in there if json.dumps(item) in kept] == kept
    assert kept_attributes(written, card) == kept_attributes(current, card)
    if card.shape == "segments":
        ids = [item["id"] for item in written["proposals"][card.key]["value"]] if (
            expects_proposal(current, card)
        ) else [item["id"] for item in there]  # fmt: skip
        assert all(ids) and len(set(ids)) == len(ids)
    changes = changes_of_card(card.key, current, written, current)
    if expects_proposal(current, card):
        assert card.value(written) == card.value(current), "proposed, not merged"
        assert [change.path for change in changes] == [("data", "proposals", card.key)]
    elif card.shape != "record":
        assert len(there) <= max(card.max_items, len(kept))
    patched = apply_changes({"data": current}, changes)["data"]
    assert {k: v for k, v in patched.items() if k != "confidence"} == {
        k: v for k, v in written.items() if k != "confidence"
    }
    written["proposals"] = current["proposals"]
    neighbours_stay(config, card, deepcopy(current), written)


@EVERY_CARD
@given(st.data())
@QUICK
def test_a_proposal_can_be_accepted_and_declined(
    config: EntityConfig, card: Card, data: st.DataObject
) -> None:
    current = data.draw(documents(config, kind_for(config, card)))
    marks = [item_key(item) for item in card.value(current)]
    if card.shape == "record":
        marks = list(card.value(current))
    current["provenance"]["edited"][card.key] = marks
    new = answer_for(card, data.draw(values(card, most=card.max_items)))
    card_is_full = card.shape in ("record", "segments") or len(marks) >= card.max_items
    assert expects_proposal(current, card) is (card_is_full and bool(marks))
    written = rewrite_card(current, new, config, card.key)
    if not expects_proposal(current, card):
        assert accept_proposal(written, config, card.key) == []
        return
    written = config.data_model.model_validate(written).model_dump(mode="json")

    changes = accept_proposal(written, config, card.key)
    accepted = apply_changes({"data": written}, changes)["data"]
    config.data_model.model_validate(accepted)
    proposed = written["proposals"][card.key]["value"]
    assert card.value(accepted) == proposed
    assert accepted["proposals"][card.key] is None
    assert accepted["confidence"][card.key] == "high"
    own = [e for e in accepted["evidence"] if e["field"] == card.key]
    assert all(e["text"] in set(texts_of(proposed)) for e in own)
    left = accepted["provenance"]["edited"][card.key]
    if card.shape == "record":
        assert left == [name for name in marks if proposed[name] == card.value(current)[name]]
        paths = {change.path for change in changes}
        assert {("data", *card.at, name) for name in proposed} <= paths
    else:
        assert left == [mark for mark in marks if mark in {item_key(item) for item in proposed}]
        assert changes[0].path == ("data", *card.at)
    accepted["provenance"]["edited"][card.key] = marks
    neighbours_stay(config, card, deepcopy(written), accepted)

    declined = apply_changes({"data": written}, decline_proposal(card.key))["data"]
    assert declined == {**written, "proposals": {card.key: None}}


@pytest.mark.parametrize("entity", ENTITIES)
@given(st.data())
@QUICK
def test_a_document_written_again_keeps_every_edited_item(entity: str, data: st.DataObject) -> None:
    config = ENTITIES[entity]
    kind = data.draw(st.sampled_from([each.value for each in config.kinds])) if config.kinds else ""
    current, new = data.draw(documents(config, kind)), data.draw(documents(config, kind))
    new["provenance"]["edited"] = {}
    before = json.dumps(current), json.dumps(new)

    merged = merge_document(current, new, config)

    assert (json.dumps(current), json.dumps(new)) == before
    config.data_model.model_validate(merged)
    assert merged["provenance"]["edited"] == current["provenance"]["edited"]
    for card in config.cards_of(kind):
        kept = [json.dumps(item) for item in kept_items(current, card)]
        have = [json.dumps(item) for item in kept_items(merged, card)]
        assert have == kept
        assert kept_attributes(merged, card) == kept_attributes(current, card)
        if not is_touched(current, card) and card.shape != "segments":
            fresh = card.value(new)
            assert card.value(merged) == (
                fresh if card.shape == "record" else fresh[: card.max_items]
            )
    patched = apply_changes(
        {"data": current}, changes_of_document(config, current, merged, current)
    )["data"]
    for card in config.cards_of(kind):
        assert card.value(patched) == card.value(merged)


def test_what_is_written_for_another_channel_stays_when_a_person_wrote_it() -> None:
    config = ENTITIES["campaign"]
    base: dict[str, Any] = {"name": "n", "description": "d"}
    email = {"segments": [{"id": "s1", "type": "intro", "text": "Mine."}], "subject": "hi"}
    current = config.data_model.model_validate(
        {**base, "campaign_type": "email", "email_content": email}
    ).model_dump(mode="json")
    new = config.data_model.model_validate(
        {**base, "campaign_type": "linkedin", "linkedin_content": {"messages": ["m"]}}
    ).model_dump(mode="json")
    assert merge_document(current, new, config)["email_content"] is None
    segment = current["email_content"]["segments"][0]
    current["provenance"]["edited"] = {"email": [item_key(segment)]}
    merged = merge_document(current, new, config)
    assert merged["email_content"] == current["email_content"]
    assert merged["campaign_type"] == "linkedin"


def test_a_name_and_a_description_that_a_person_wrote_stay() -> None:
    config = ENTITIES["account"]
    current = config.data_model.model_validate(
        {"name": "Mine", "description": "Mine too."}
    ).model_dump(mode="json")
    current["provenance"]["edited"] = {"name": ["Mine"], "description": ["Mine too."]}
    new = config.data_model.model_validate({"name": "New", "description": "New."}).model_dump(
        mode="json"
    )
    merged = merge_document(current, new, config)
    assert (merged["name"], merged["description"]) == ("Mine", "Mine too.")
    current["provenance"]["edited"] = {"name": ["What it was called before"]}
    assert merge_document(current, new, config)["name"] == "New"


def test_what_a_person_changed_meanwhile_stays() -> None:
    config = ENTITIES["account"]
    before = config.data_model.model_validate(
        {"name": "n", "strengths": ["a"], "challenges": ["b"]}
    ).model_dump(mode="json")
    new = {**deepcopy(before), "strengths": ["new a"], "challenges": ["new b"], "name": "new n"}
    present = {**deepcopy(before), "strengths": ["theirs"], "name": "theirs"}
    present["provenance"]["edited"] = {"strengths": ["theirs"]}
    changes = changes_of_document(config, before, new, present)
    after = apply_changes({"data": present}, changes)["data"]
    assert (after["strengths"], after["challenges"], after["name"]) == (
        ["theirs"],
        ["new b"],
        "theirs",
    )
    assert after["provenance"]["edited"] == {"strengths": ["theirs"]}
    written = merge_card(before, {"strengths": ["x"]}, config, "strengths")
    assert changes_of_card("strengths", before, written, present) == []


def test_a_greeting_of_a_person_s_takes_the_place_of_a_new_one() -> None:
    config = ENTITIES["campaign"]
    card = config.card("email")
    mine = {"id": "s1", "type": "greeting", "text": "Moin,"}
    old = [mine, {"id": "s2", "type": "intro", "text": "Old."}]
    current = {
        "email_content": {"segments": old},
        "provenance": {"edited": {"email": [item_key(mine)]}},
    }
    new = [
        {"id": "s1", "type": "greeting", "text": "Hi,"},
        {"id": "s1", "type": "intro", "text": "New."},
        {"id": "", "type": "cta", "text": "Worth a look?"},
    ]
    merged = card.value(merge_card(current, {"email": new}, config, "email"))
    assert [item["text"] for item in merged] == ["Moin,", "New.", "Worth a look?"]
    assert merged[0] == mine
    assert len({item["id"] for item in merged}) == 3


def test_a_damaged_proposal_is_refused_and_can_be_declined() -> None:
    config = ENTITIES["account"]
    for value in ("text", [1], {"industry": 3}, None):
        data = {"proposals": {"buying_signals": {"value": value}}}
        with pytest.raises(UserError) as refusal:
            accept_proposal(data, config, "buying_signals")
        assert refusal.value.code == "invalid_document"
    assert decline_proposal("buying_signals")[0].value is None


def test_quotes_of_nested_content_are_found_by_their_card() -> None:
    config = ENTITIES["campaign"]
    site = "Acme plans delivery routes again when a driver is late."
    answer = {
        "campaign_type": "email",
        "email_content": {
            "subject": "late drivers again",
            "segments": [{"id": "s1", "type": "intro", "text": "Acme plans again when late."}],
            "follow_ups": [{"subject": "s", "body": "Routes are planned again.", "wait_days": 3}],
        },
        "evidence": [
            {"field": field, "text": text, "quote": site, "page_url": "u"}
            for field, text in (
                ("email_content", "Acme plans again when late."),
                ("email_content.follow_ups[0].body", "Routes are planned again."),
                ("email_content.subject", "late drivers again"),
                ("linkedin_content", "nothing"),
            )
        ],
        "confidence": {"email_content": "high"},
    }
    checked = check_evidence(answer, config, {"u": site})
    assert [(e["field"], e["verified"]) for e in checked["evidence"]] == [
        ("email", True),
        ("follow_ups", True),
        ("subjects", True),
    ]
    assert checked["confidence"] == {
        "email": "high",
        "subjects": "high",
        "follow_ups": "high",
    } | {k: v for k, v in checked["confidence"].items() if k == "variant"}
