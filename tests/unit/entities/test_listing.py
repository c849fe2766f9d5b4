"""Lists in memory: searched, filtered, sorted and cut, and what is below what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.entities import ACCOUNT, ENTITIES
from blossomer.entities.listing import (
    ListQuery,
    ListRow,
    descendants,
    lineage_ids,
    overall_confidence,
    select_rows,
)

ROWS = [
    ListRow("c1", "company", "One", created_at="1", updated_at="9"),
    ListRow("c2", "company", "Two", created_at="2", updated_at="8"),
    ListRow("a1", "account", "beta", parents={"company": "c1"}, created_at="3", updated_at="4"),
    ListRow("a2", "account", "Alpha", parents={"company": "c1"}, created_at="4", updated_at="3"),
    ListRow("a3", "account", "Äther", parents={"company": "c2"}, created_at="5", updated_at="2"),
    ListRow("p1", "persona", "P", parents={"account": "a1"}),
    ListRow(
        "x1", "campaign", "X", parents={"account": "a1", "persona": "p1"}, kind="email"
    ),
    ListRow("x2", "campaign", "Y", parents={"account": "a3", "persona": "gone"}, kind="ad"),
]  # fmt: skip


def listed(entity: str, **query: object) -> list[str]:
    page = select_rows(ENTITIES[entity], ROWS, ListQuery(**query))  # type: ignore[arg-type]
    return [row.id for row in page.rows]


def test_sorting() -> None:
    assert listed("account") == ["a1", "a2", "a3"]
    assert listed("account", sort="created") == ["a3", "a2", "a1"]
    assert listed("account", sort="created", descending=False) == ["a1", "a2", "a3"]
    # Names without their accents, as in the database: "Äther" comes among those with a.
    assert listed("account", sort="name", descending=False) == ["a2", "a3", "a1"]


def test_filters_by_what_is_above_wherever_above() -> None:
    assert listed("account", parents={"company": "c1"}) == ["a1", "a2"]
    assert listed("campaign", parents={"company": "c1"}) == ["x1"]
    assert listed("campaign", parents={"company": "c2", "account": "a3"}) == ["x2"]
    assert listed("campaign", parents={"company": "c1", "account": "a3"}) == []


def test_filters_by_kind_status_confidence_and_words() -> None:
    assert listed("campaign", kind="ad") == ["x2"]
    rows = [
        replace(ROWS[2], status="draft", confidence="low"),
        replace(ROWS[3], matches=False),
        ROWS[4],
    ]
    for query, found in (
        (ListQuery(), ["a1", "a3"]),
        (ListQuery(status="draft"), ["a1"]),
        (ListQuery(status="saved"), ["a3"]),
        (ListQuery(confidence="low"), ["a1"]),
        (ListQuery(confidence="high"), []),
    ):
        assert [row.id for row in select_rows(ACCOUNT, rows, query).rows] == found


@given(st.integers(0, 12), st.integers(0, 12))
def test_pages_are_cut_from_the_whole_and_the_total_stays(offset: int, limit: int) -> None:
    page = select_rows(ACCOUNT, ROWS, ListQuery(offset=offset, limit=limit))
    assert page.total == 3
    assert [row.id for row in page.rows] == ["a1", "a2", "a3"][offset : offset + limit]


def test_everything_below_comes_parents_first() -> None:
    for rows in (ROWS, ROWS[::-1]):
        order = [row.id for row in descendants(("company", "c1"), rows)]
        assert sorted(order) == ["a1", "a2", "p1", "x1"]
        assert order.index("a1") < order.index("p1")
    assert descendants(("company", "nobody"), ROWS) == []
    assert descendants(("persona", "a1"), ROWS) == []


def test_parents_in_a_circle_end_all_the_same() -> None:
    circle = [
        ListRow("a", "account", "A", parents={"persona": "p"}),
        ListRow("p", "persona", "P", parents={"account": "a"}),
    ]
    known = {(row.entity, row.id): row for row in circle}
    assert lineage_ids(circle[0], known) == {"persona": "p", "account": "a"}
    assert len(descendants(("account", "a"), circle)) <= 2
    assert select_rows(ACCOUNT, circle, ListQuery()).total == 1


@pytest.mark.parametrize(
    ("levels", "overall"),
    [
        ({}, ""),
        ({"a": "high"}, "high"),
        ({"a": "high", "b": "low"}, "low"),
        ({"a": "high", "b": "medium", "c": "low"}, "medium"),
        ({"a": "high", "b": "high", "c": "low"}, "high"),
        ({"a": "sure", "b": "medium"}, "medium"),
    ],
)
def test_confidence_is_the_middle_one(levels: dict[str, str], overall: str) -> None:
    assert overall_confidence(levels) == overall
