"""Attributes follow from a record's model, and what a person may keep is less strict than it."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from blossomer.entities.attributes import (
    MOST_ITEMS,
    Attribute,
    Limit,
    Rare,
    attributes_of,
    kept_model,
    limits_of,
)
from blossomer.entities.base import MOST_TEXT
from tests.support.structured import all_cards

LIMIT = Limit(characters=300, source="LinkedIn")
RARE = Rare("High", most=2, otherwise="Low")


class Inner(BaseModel):
    line: str = Field(min_length=1, max_length=50)


class Sample(BaseModel):
    id: str = ""
    title: str = Field(min_length=1, max_length=80, title="What it is", description="In short")
    note: Annotated[str, LIMIT] = Field(max_length=3_000)
    days: int = Field(ge=3, le=7)
    tags: Annotated[list[str], Field(min_length=2, max_length=4)]
    level: Annotated[Literal["High", "Low"], RARE]
    roles: list[Literal["Buyer", "User"]]
    perhaps: str | None = None


BY_NAME = {attribute.name: attribute for attribute in attributes_of(Sample)}


def test_everything_but_the_id_is_an_attribute_in_the_models_order() -> None:
    assert list(BY_NAME) == ["title", "note", "days", "tags", "level", "roles", "perhaps"]


def test_kinds_follow_from_types() -> None:
    assert {name: attribute.kind for name, attribute in BY_NAME.items()} == {
        "title": "text",
        "note": "long_text",
        "days": "number",
        "tags": "tags",
        "level": "choice",
        "roles": "choices",
        "perhaps": "long_text",
    }
    assert BY_NAME["level"].options == ("High", "Low")
    assert BY_NAME["roles"].options == ("Buyer", "User")


def test_words_bounds_and_limits_are_taken_over() -> None:
    title, days = BY_NAME["title"], BY_NAME["days"]
    assert (title.label, title.help, title.required) == ("What it is", "In short", True)
    assert (BY_NAME["note"].label, BY_NAME["note"].required) == ("Note", False)
    assert (days.least, days.most) == (3, 7)
    assert BY_NAME["level"].rare == RARE
    assert limits_of(BY_NAME.values()) == {"note": LIMIT}
    # A person may write more than a writer.
    assert (title.longest, BY_NAME["note"].longest) == (MOST_TEXT, max(3_000, MOST_TEXT))


def test_a_person_may_leave_empty_or_lengthen_what_a_writer_may_not() -> None:
    kept = kept_model(Sample)
    assert kept.model_validate({}).model_dump() == {
        "id": "",
        "title": "",
        "note": "",
        "days": 0,
        "tags": [],
        "level": "Low",
        "roles": [],
        "perhaps": None,
    }
    long = {"title": "x" * MOST_TEXT, "tags": ["x"] * MOST_ITEMS, "days": 40}
    assert kept.model_validate(long).model_dump().items() >= long.items()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * (MOST_TEXT + 1)},
        {"title": 5},
        {"tags": ["x"] * (MOST_ITEMS + 1)},
        {"tags": "x"},
        {"level": "Highest"},
        {"roles": ["Passer-by"]},
        {"days": "many"},
    ],
)
def test_types_choices_and_sizes_stay_bounded(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kept_model(Sample).model_validate(wrong)


def test_what_later_versions_add_is_no_failure() -> None:
    assert "later" not in kept_model(Sample).model_validate({"later": 1}).model_dump()


@pytest.mark.parametrize("card", [c for *_, c in all_cards().values()], ids=list(all_cards()))
def test_every_record_of_the_product_can_be_edited(card: object) -> None:
    attributes: tuple[Attribute, ...] = getattr(card, "attributes", ())
    names = [attribute.name for attribute in attributes]
    assert len(names) == len(set(names))
    for attribute in attributes:
        assert attribute.label
        assert attribute.least <= attribute.most
        assert bool(attribute.options) == (attribute.kind in ("choice", "choices"))
        if attribute.rare is not None:
            assert {attribute.rare.value, attribute.rare.otherwise} <= set(attribute.options)
