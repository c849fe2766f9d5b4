"""Items of cards: told apart, recognised as empty, and read as text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.entities import ACCOUNT, COMPANY
from blossomer.entities.items import (
    is_empty,
    item_key,
    item_lines,
    record_lines,
    record_text,
    texts_of,
)

SIGNALS = ACCOUNT.card("buying_signals")
FIRMOGRAPHICS = ACCOUNT.card("firmographics")
SIGNAL = {
    "title": "New head of logistics",
    "description": "Announced on LinkedIn",
    "type": "News",
    "priority": "High",
    "detection_method": "",
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def test_a_text_is_its_own_key() -> None:
    assert item_key("Über alles") == "Über alles"


@given(st.dictionaries(st.text(max_size=5), values))
def test_the_key_of_a_record_is_the_same_whatever_its_order(record: dict[str, Any]) -> None:
    turned = dict(reversed(record.items()))
    assert item_key(turned) == item_key(record)
    assert json.loads(item_key(record)) == record


@pytest.mark.parametrize(
    "value",
    ["", "  \n\t", None, [], {}, {"id": "s-1", "text": " "}, {"a": {"b": ""}, "tags": []}],
)
def test_what_says_nothing_is_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", ["x", 0, 5, ["x"], {"a": "", "b": "x"}, {"days": 0}])
def test_what_says_something_is_not(value: Any) -> None:
    assert not is_empty(value)


def test_a_record_reads_as_one_line_that_begins_with_what_it_is() -> None:
    assert record_text(SIGNALS.attributes, SIGNAL) == (
        "New head of logistics. Why it matters: Announced on LinkedIn; Type: News; Priority: High"
    )
    assert record_text(SIGNALS.attributes, {"title": "Alone"}) == "Alone"
    assert record_text(SIGNALS.attributes, {}) == ""


def test_values_in_lists_are_joined_and_what_is_empty_left_out() -> None:
    lines = list(
        record_lines(FIRMOGRAPHICS.attributes, {"industry": ["Retail", "Food"], "employees": " "})
    )
    assert lines == ["Industry: Retail, Food"]


def test_every_shape_reads_as_lines() -> None:
    assert list(item_lines(COMPANY.card("capabilities"), ["One", "Two"])) == ["One", "Two"]
    assert len(list(item_lines(SIGNALS, [SIGNAL, SIGNAL]))) == 2
    assert list(item_lines(FIRMOGRAPHICS, {"industry": ["Food"]})) == ["Industry: Food"]


@given(values)
def test_texts_are_found_wherever_they_are_but_for_ids(value: Any) -> None:
    texts = list(texts_of({"id": "s-1", "rest": value}))
    assert "s-1" not in texts or "s-1" in json.dumps(value)
    assert all(isinstance(text, str) for text in texts)
    assert list(texts_of([{"id": "a", "text": "b"}, ("c", 5, None)])) == ["b", "c"]
