"""What a page shows of cards of every shape, finished or half written."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blossomer.entities import entity_config
from blossomer.entities.attributes import Limit
from blossomer.entities.config import EntityConfig
from blossomer.entities.items import item_key
from blossomer.state.card_views import card_views, counted, partial_card_views
from tests.support.structured import all_kinds, full_data

KINDS = [pytest.param(c, k, id=f"{c.entity}-{k}" if k else c.entity) for c, k in all_kinds()]
ACCOUNT, CAMPAIGN = entity_config("account"), entity_config("campaign")

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(("config", "kind"), KINDS)
def test_every_card_of_the_kind_shows_what_it_holds(config: EntityConfig, kind: str) -> None:
    views = card_views(config, full_data(config, kind))
    assert list(views) == [card.key for card in config.cards_of(kind)]
    for card in config.cards_of(kind):
        view = views[card.key]
        shown = view.rows if card.shape == "record" else view.statements or view.records
        assert len(shown) == (len(card.attributes) if card.shape == "record" else 3)
        assert not view.is_empty
        assert {item.status for item in shown} == {"inferred"}


@pytest.mark.parametrize(("config", "kind"), KINDS)
def test_empty_cards_say_so(config: EntityConfig, kind: str) -> None:
    data = config.data_model.model_validate(
        {config.name_field: "A", "description": "", config.kind_field or "_": kind or None}
        | ({config.url_field: "https://a.example"} if config.url_field else {})
    ).model_dump(mode="json")
    assert all(view.is_empty for view in card_views(config, data).values())


def test_a_record_has_a_title_badges_and_lines() -> None:
    data = full_data(ACCOUNT)
    data["buying_signals"][0] |= {"priority": "High", "type": "News"}
    first = card_views(ACCOUNT, data)["buying_signals"].records[0]
    assert first.title == "Signal, number 1"
    assert [(b.label, b.text, b.level) for b in first.badges] == [
        ("Type", "News", ""),
        ("Priority", "High", "high"),
    ]
    assert [line.label for line in first.lines] == ["Why it matters", "How to find it"]


def test_a_record_is_quoted_when_any_of_its_texts_is_and_edited_before_that() -> None:
    data = full_data(ACCOUNT)
    first, second, _ = data["buying_signals"]
    data["evidence"] = [
        {
            "field": "buying_signals",
            "text": record["detection_method"],
            "quote": "Three vans are late every day",
            "page_url": "https://acme.example/a",
            "verified": True,
        }
        for record in (first, second)
    ]
    data["provenance"]["edited"] = {"buying_signals": [item_key(second)]}
    views = card_views(ACCOUNT, data)["buying_signals"].records
    assert [view.status for view in views] == ["quoted", "edited", "inferred"]
    assert views[0].quotes[0].link.startswith("https://acme.example/a#:~:text=Three")


def test_each_attribute_of_a_record_has_an_origin_of_its_own() -> None:
    data = full_data(ACCOUNT)
    data["evidence"] = [
        {
            "field": "firmographics",
            "text": data["firmographics"]["geography"][1],
            "quote": "We deliver in all of Scotland",
            "page_url": "https://acme.example/",
            "verified": True,
        }
    ]
    data["provenance"]["edited"] = {"firmographics": ["keywords"]}
    rows = {row.label: row for row in card_views(ACCOUNT, data)["firmographics"].rows}
    assert {label: row.status for label, row in rows.items() if row.status != "inferred"} == {
        "Geography": "quoted",
        "Keywords": "edited",
    }
    assert rows["Geography"].chips == data["firmographics"]["geography"]
    assert rows["Revenue"].text == "Revenue, number 1"


def test_segments_have_a_name_a_colour_and_their_order() -> None:
    data = full_data(CAMPAIGN, "email")
    data["email_content"]["segments"] = [
        {"id": "2", "type": "cta", "text": "Is it worth a thought?"},
        {"id": "1", "type": "greeting", "text": "Hi,"},
    ]
    records = card_views(CAMPAIGN, data)["email"].records
    assert [(r.title, r.colour, r.lines[0].text) for r in records] == [
        ("Call to action", "indigo", "Is it worth a thought?"),
        ("Greeting", "slate", "Hi,"),
    ]


def test_lengths_are_counted_where_a_channel_sets_them() -> None:
    data = full_data(CAMPAIGN, "linkedin")
    data["linkedin_content"] |= {"connection_note": "x" * 142, "messages": ["y" * 1_901]}
    views = card_views(CAMPAIGN, data)
    note = views["linkedin_notes"].rows[0]
    assert (note.count, note.is_over) == ("142 / 300 characters", False)
    message = views["linkedin_messages"].statements[0]
    assert (message.count, message.is_over) == ("1,901 / 1,900 characters", True)
    assert views["insights"].statements[0].count == ""


def test_both_lengths_of_a_limit_count() -> None:
    limit = Limit(characters=20, words=2)
    assert counted(limit, "two words") == ("9 / 20 characters · 2 / 2 words", False)
    assert counted(limit, "three short words") == ("17 / 20 characters · 3 / 2 words", True)
    assert counted(None, "anything") == ("", False)


@pytest.mark.parametrize(("config", "kind"), KINDS)
def test_a_document_that_is_being_written_fills_card_by_card(
    config: EntityConfig, kind: str
) -> None:
    whole = full_data(config, kind)
    fields = [name for name in config.own_fields if name in whole]
    for number, name in enumerate(fields, 1):
        data = {field: whole[field] for field in fields[:number]}
        views = partial_card_views(config, data, name, kind)
        begun = {card.key for card in config.cards_of(kind) if card.at[0] in data}
        assert {key for key, view in views.items() if view.state != "waiting"} == begun
        assert {key for key, view in views.items() if not view.is_empty} == begun


def test_the_cards_inside_one_field_fill_one_after_the_other() -> None:
    whole = full_data(CAMPAIGN, "email")["email_content"]

    def states(*keys: str) -> dict[str, str]:
        data = {"email_content": {key: whole[key] for key in keys}}
        views = partial_card_views(CAMPAIGN, data, "email_content", "email")
        return {key: views[key].state for key in ("subjects", "email", "follow_ups")}

    assert states("subject") == {"subjects": "writing", "email": "waiting", "follow_ups": "waiting"}
    assert states("subject", "alternative_subjects", "segments") == {
        "subjects": "done",
        "email": "writing",
        "follow_ups": "waiting",
    }


@pytest.mark.parametrize(("config", "kind"), KINDS)
def test_one_card_alone_stands_under_its_own_key(config: EntityConfig, kind: str) -> None:
    whole = full_data(config, kind)
    for card in config.cards_of(kind):
        views = partial_card_views(config, {card.key: card.value(whole)}, card.key, kind)
        assert views[card.key].state == "writing"
        assert not views[card.key].is_empty


@pytest.mark.parametrize(("config", "kind"), KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_half_written_raises(config: EntityConfig, kind: str, data: st.DataObject) -> None:
    partial: dict[str, Any] = copy.deepcopy(full_data(config, kind))
    names = sorted({*config.own_fields, *config.card_keys})
    for name in data.draw(st.lists(st.sampled_from(names), max_size=6)):
        partial[name] = data.draw(JUNK)
    for card in config.cards_of(kind):
        items = card.value(partial)
        for record in [items] if isinstance(items, dict) else items:
            if isinstance(record, dict) and record:
                record[data.draw(st.sampled_from(sorted(record)))] = data.draw(JUNK)
    writing = data.draw(st.sampled_from(["", *names]))
    views = partial_card_views(config, partial, writing, kind)
    assert list(views) == [card.key for card in config.cards_of(kind)]
