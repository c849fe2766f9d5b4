"""Reading an answer that is still being written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.services.llm.partial import parse_partial

ANSWER = {
    "company_name": 'Acme "the {first}" — Ünïcode 🚚',
    "capabilities": ["Routing: finds the way.", "Tracking: shows it."],
    "evidence": [{"field": "capabilities", "quote": "a { b"}],
    "confidence": {"capabilities": "high"},
}


def test_fields_appear_while_they_are_written() -> None:
    assert parse_partial("") == ({}, "")
    assert parse_partial("{") == ({}, "")
    assert parse_partial('{"company_na') == ({}, "")
    assert parse_partial('{"company_name": "Ac') == ({"company_name": "Ac"}, "company_name")
    data, writing = parse_partial('{"company_name": "Acme", "capabilities": ["Routing: fi')
    assert data == {"company_name": "Acme", "capabilities": ["Routing: fi"]}
    assert writing == "capabilities"


def test_a_finished_answer_has_nothing_being_written() -> None:
    assert parse_partial(json.dumps(ANSWER)) == (ANSWER, "")
    assert parse_partial(json.dumps(ANSWER, indent=2) + "\n") == (ANSWER, "")


@pytest.mark.parametrize(
    "before", ["Sure! ", "```json\n", "Here is {the answer} for {0}:\n\n```\n", "\ufeff"]
)
@pytest.mark.parametrize("after", ["", "\n```", "\nAnything else? {yes} }"])
def test_prose_around_the_answer_is_skipped(before: str, after: str) -> None:
    assert parse_partial(before + json.dumps(ANSWER) + after) == (ANSWER, "")
    data, writing = parse_partial(before + '{"company_name": "Acme", "objections": ["Co')
    assert data == {"company_name": "Acme", "objections": ["Co"]}
    assert writing == "objections"


def test_at_every_point_finished_fields_are_whole() -> None:
    text = json.dumps(ANSWER)
    seen: list[str] = []
    for end in range(len(text) + 1):
        data, writing = parse_partial(text[:end])
        assert all(data[name] == ANSWER[name] for name in data if name != writing)
        if writing and writing not in seen:
            seen.append(writing)
    assert seen == list(ANSWER)


@given(st.text())
def test_it_never_raises(text: str) -> None:
    data, writing = parse_partial(text)
    assert isinstance(data, dict)
    assert writing == "" or writing in data


@pytest.mark.parametrize(
    "text",
    ['{"a": ' + "[" * 5000, '{"a": "\ud800', '{"a": "\\ud83d', '{"a": 1e999999}', '{"a" "b"'],
)
def test_odd_text_is_survived(text: str) -> None:
    assert isinstance(parse_partial(text)[0], dict)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\ud800", "b": "x"}',
        '{"a": "\\ud800", "b": "x"} and more',
        '{"a": "x\ud800"}',
        '{"a": NaN, "b": "x"}',
        '{"a": "x", "b": [Infinity',
    ],
)
def test_what_is_read_can_always_be_sent_on(text: str) -> None:
    data, _ = parse_partial(text)
    json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
