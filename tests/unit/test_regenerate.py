"""Writing one card again never changes what a person wrote, nor anything on another card."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.entities.company import CONFIG
from blossomer.entities.regenerate import check_document, kept_items, merge_card
from blossomer.errors import UserError

KEYS = sorted(CONFIG.card_keys)
items = st.lists(st.text(min_size=1, max_size=12), max_size=8)
levels = st.sampled_from(["high", "medium", "low"])


def quotes(field: str, texts: list[str]) -> list[dict[str, Any]]:
    return [
        {"field": field, "text": t, "quote": "q", "page_url": "u", "verified": True} for t in texts
    ]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = {key: draw(items) for key in KEYS}
    document["company_name"] = draw(st.text(max_size=10))
    document["evidence"] = [
        quote for key in KEYS for quote in quotes(key, draw(st.permutations(document[key]))[:2])
    ]
    document["confidence"] = draw(st.dictionaries(st.sampled_from(KEYS), levels))
    edited = {
        key: draw(st.lists(st.sampled_from([*document[key], "gone since"]), max_size=4))
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True))
    }
    document["provenance"] = {"writer": "model", "edited": edited}
    return document


@st.composite
def answers(draw: st.DrawFn, key: str) -> dict[str, Any]:
    texts = draw(items)
    return {
        key: texts,
        "evidence": quotes(key, texts) + quotes("another_card", texts),
        "confidence": {key: draw(levels), "another_card": "high"},
    }


@given(st.data(), documents(), st.sampled_from(KEYS))
def test_merging_a_card(data: st.DataObject, current: dict[str, Any], key: str) -> None:
    new = data.draw(answers(key))
    before, new_before = deepcopy(current), deepcopy(new)

    merged = merge_card(current, new, CONFIG, key)

    kept = kept_items(current, CONFIG.card(key))
    assert [item for item in merged[key] if item in kept] == kept, "word for word, in order"
    for name in set(before) - {key, "evidence", "confidence"}:
        assert merged[name] == before[name], "no other field"
    assert [e for e in merged["evidence"] if e["field"] != key] == [
        e for e in before["evidence"] if e["field"] != key
    ]
    assert {k: v for k, v in merged["confidence"].items() if k != key} == {
        k: v for k, v in before["confidence"].items() if k != key
    }
    assert all(e["text"] in merged[key] for e in merged["evidence"] if e["field"] == key)
    assert len(merged[key]) <= max(CONFIG.card(key).max_items, len(kept))
    assert set(merged[key]) <= set(kept) | set(new[key])
    assert (current, new) == (before, new_before), "neither argument is changed"


def document(card: list[str], edited: list[str]) -> dict[str, Any]:
    return {"capabilities": card, "provenance": {"edited": {"capabilities": edited}}}


@pytest.mark.parametrize(
    ("card", "edited", "new", "merged"),
    [
        (["a", "B", "c"], ["B"], ["x", "y"], ["x", "B", "y"]),
        (["A", "b"], ["A"], ["x", "y", "z", "v", "w"], ["A", "x", "y", "z", "v"]),
        (["a", "b", "C"], ["C"], ["x"], ["x", "C"]),
        (["a"], [], ["x", "x", "y"], ["x", "y"]),
        (["A", "b"], ["A"], ["A", "x"], ["A", "x"]),
        ([], [], ["x"], ["x"]),
        (list("ABCDEF"), list("ABCDEF"), ["x"], list("ABCDEF")),
        (["  spaced  "], ["  spaced  "], [], ["  spaced  "]),
    ],
)
def test_edited_items_keep_their_places_and_new_ones_fill_up_to_five(
    card: list[str], edited: list[str], new: list[str], merged: list[str]
) -> None:
    answer = {"capabilities": new}
    result = merge_card(document(card, edited), answer, CONFIG, "capabilities")
    assert result["capabilities"] == merged


def test_high_confidence_needs_a_verified_quote_among_what_is_left() -> None:
    answer = {
        "capabilities": ["x"],
        "evidence": [{**quotes("capabilities", ["x"])[0], "verified": False}],
        "confidence": {"capabilities": "high"},
    }
    result = merge_card(document([], []), answer, CONFIG, "capabilities")
    assert result["confidence"] == {"capabilities": "medium"}


def test_a_card_that_a_person_emptied_can_be_written_again() -> None:
    check_document(document([], []), CONFIG, "capabilities")


@pytest.mark.parametrize(
    "broken",
    [
        {"capabilities": "text"},
        {"capabilities": [1]},
        {"evidence": [{"quote": 3}]},
        {"evidence": "none"},
        {"provenance": {"edited": ["capabilities"]}},
        {"confidence": {"capabilities": "certain"}},
    ],
)
def test_a_damaged_document_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(UserError) as refusal:
        check_document(broken, CONFIG, "capabilities")
    assert refusal.value.code == "invalid_document"
