"""The edit modal for structured cards: what it writes, refuses, and brings back."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blossomer.db.store import Earlier
from blossomer.entities import entity_config
from blossomer.entities.attributes import MOST_ITEMS
from blossomer.entities.items import item_key
from blossomer.entities.merge import Change, apply_changes
from blossomer.state.edit_values import Sent, outcome_of, split_values, with_values
from blossomer.state.edit_views import input_name, rows_of, shown_text
from blossomer.state.entity_page import EntityPageState
from tests.support.structured import all_cards, full_document
from tests.unit.state.modal import Modal

ACCOUNT, PERSONA, CAMPAIGN = map(entity_config, ("account", "persona", "campaign"))


async def account() -> Modal:
    return await Modal.on(ACCOUNT, full_document(ACCOUNT))


async def test_one_attribute_is_one_change_and_its_name_is_noted() -> None:
    modal = await account()
    await modal.edit("firmographics")
    await modal.write(0, "revenue", "$10M-$50M")
    await modal.save()
    assert modal.written == [
        ("data", "firmographics", "revenue"),
        ("data", "provenance", "edited", "firmographics"),
    ]
    assert modal.document["data"]["provenance"]["edited"]["firmographics"] == ["revenue"]
    await modal.edit("firmographics")
    await modal.write(0, "industry", ["Logistics"])
    await modal.save()
    edited = modal.document["data"]["provenance"]["edited"]["firmographics"]
    assert edited == ["industry", "revenue"]


async def test_what_another_tab_changed_meanwhile_stays() -> None:
    modal = await account()
    await modal.edit("firmographics")
    await modal.write(0, "revenue", "Ours")
    theirs = Change(path=("data", "firmographics", "employees"), value="Theirs")
    changed = apply_changes(modal.document, [theirs])
    modal.state._documents = {changed["id"]: changed}
    await modal.save()
    kept = modal.document["data"]["firmographics"]
    assert (kept["employees"], kept["revenue"]) == ("Theirs", "Ours")


async def test_a_card_that_only_another_tab_changed_stays() -> None:
    modal = await account()
    await modal.edit("buying_signals")
    theirs = Change(path=("data", "buying_signals"), value=[])
    changed = apply_changes(modal.document, [theirs])
    modal.state._documents = {changed["id"]: changed}
    await modal.save()
    assert modal.document["data"]["buying_signals"] == []
    assert modal.written == []


async def test_records_of_a_person_are_noted_by_all_that_they_say() -> None:
    modal = await account()
    await modal.edit("buying_signals")
    await modal.write(1, "priority", "High")
    await modal.save()
    signals = modal.document["data"]["buying_signals"]
    edited = modal.document["data"]["provenance"]["edited"]["buying_signals"]
    assert edited == [item_key(signals[1])]
    statuses = [record.status for record in modal.state.cards["buying_signals"].records]
    assert statuses == ["inferred", "edited", "inferred"]
    await modal.edit("buying_signals")
    await modal.call("remove_row", row_id=modal.rows[1].id)
    modal.show()
    await modal.save()
    assert modal.document["data"]["provenance"]["edited"]["buying_signals"] == []


async def test_a_record_that_was_emptied_or_never_written_is_none() -> None:
    modal = await account()
    await modal.edit("buying_signals")
    for name in ("title", "description", "detection_method"):
        await modal.write(0, name, " ")
    await modal.add()
    await modal.save()
    assert len(modal.document["data"]["buying_signals"]) == 2


async def test_a_missing_title_is_said_beside_its_input_and_nothing_is_written() -> None:
    modal = await account()
    await modal.edit("buying_signals")
    await modal.write(2, "title", "")
    await modal.write(2, "description", "Typed")
    await modal.save()
    name = modal.field(2, "title").input
    assert modal.state.edit_problems == {name: "“Signal” cannot be empty."}
    assert modal.state.editing == "buying_signals"
    assert modal.rows[2].is_open
    assert modal.written == []


@pytest.mark.parametrize("typed", ["", "soon", "0", "31", "1e1", "٣", "-4", "9" * 50])
async def test_what_is_no_number_within_bounds_is_refused(typed: str) -> None:
    modal = await Modal.on(CAMPAIGN, full_document(CAMPAIGN, "email"))
    await modal.edit("follow_ups")
    name = modal.field(0, "wait_days").input
    modal.form[name] = typed
    await modal.save()
    assert modal.state.edit_problems == {name: "A whole number from 1 to 30."}
    assert modal.written == []


async def test_only_options_can_be_chosen() -> None:
    modal = await account()
    await modal.edit("buying_signals")
    name = modal.field(0, "priority").input
    modal.form[name] = "Urgent"
    await modal.save()
    assert modal.state.edit_problems == {name: "Choose one of the list."}


async def test_boxes_that_are_on_no_page_say_nothing() -> None:
    modal = await Modal.on(PERSONA, full_document(PERSONA))
    await modal.edit("demographics")
    await modal.call("save_edit", form={f"{modal.field(0, 'seniority').input}-99": "on"})
    assert modal.written == []


async def test_a_text_longer_than_what_is_kept_is_refused_in_words() -> None:
    modal = await Modal.on(CAMPAIGN, full_document(CAMPAIGN, "email"))
    await modal.edit("email")
    await modal.write(0, "text", "x" * 4_000)
    await modal.write(1, "text", "x" * 4_001)
    await modal.save()
    problem = "This can have at most 4,000 characters."
    assert modal.state.edit_problems == {modal.field(1, "text").input: problem}


async def test_cards_of_another_kind_cannot_be_opened() -> None:
    modal = await Modal.on(CAMPAIGN, full_document(CAMPAIGN, "ad"))
    await modal.edit("email")
    assert modal.state.editing == ""
    await modal.edit("ad_variants")
    assert modal.state.editing == "ad_variants"


async def test_a_new_segment_gets_an_identity_and_the_others_keep_theirs() -> None:
    modal = await Modal.on(CAMPAIGN, full_document(CAMPAIGN, "email"))
    await modal.edit("email")
    await modal.write(await modal.add(), "text", "One more")
    await modal.save()
    ids = [segment["id"] for segment in modal.document["data"]["email_content"]["segments"]]
    assert ids[:3] == ["s1", "s2", "s3"]
    assert ids[3]
    assert ids[3] not in ids[:3]


async def test_a_dragged_row_takes_the_place_it_is_dropped_on() -> None:
    modal = await account()
    await modal.edit("strengths")
    first, second, third = (row.id for row in modal.rows)
    for dragged, target, order in (
        (first, third, [second, third, first]),
        (first, second, [first, second, third]),
        ("gone", second, [first, second, third]),
        (second, second, [first, second, third]),
    ):
        await modal.call("drag_row", row_id=dragged)
        await modal.call("drop_row", row_id=target)
        assert [row.id for row in modal.rows] == order
        await modal.call("drop_row", row_id=first)  # nothing is held any more
        assert [row.id for row in modal.rows] == order


async def test_no_more_rows_and_values_than_are_kept() -> None:
    modal = await account()
    await modal.edit("buying_signals")
    for _ in range(MOST_ITEMS + 5):
        await modal.call("add_row")
    assert len(modal.rows) == MOST_ITEMS
    await modal.edit("firmographics")
    many = ",".join(f"v{n}" for n in range(100))
    await modal.call("add_values", row_id=modal.rows[0].id, attribute="industry", text=many)
    name = modal.field(0, "industry").input
    assert len(modal.state.edit_values[name]) == MOST_ITEMS
    assert "Left out: v37" in modal.state.edit_problems[name]


async def test_short_values_are_only_taken_for_attributes_that_hold_them() -> None:
    modal = await account()
    await modal.edit("firmographics")
    row = modal.rows[0].id
    for attribute in ("revenue", "nothing", ""):
        await modal.call("add_values", row_id=row, attribute=attribute, text="a")
        await modal.call("remove_value", row_id=row, attribute=attribute, value="a")
        await modal.call("count_text", row_id=row, attribute=attribute, text="a")
    await modal.save()
    assert modal.written == []


async def test_lengths_are_counted_while_typing() -> None:
    modal = await Modal.on(CAMPAIGN, full_document(CAMPAIGN, "linkedin"))
    await modal.edit("linkedin_notes")
    row, name = modal.rows[0].id, modal.field(0, "connection_note").input
    await modal.call("count_text", row_id=row, attribute="connection_note", text="x" * 301)
    count = modal.state.edit_counts[name]
    assert (count.text, count.is_over) == ("301 / 300 characters", True)
    await modal.edit("linkedin_messages")
    row = modal.rows[0].id
    await modal.call("count_text", row_id=row, attribute="", text="x")
    assert modal.state.edit_counts[input_name(row)].text == "1 / 1,900 characters"


def test_short_values_in_a_text() -> None:
    assert split_values(" a, b\n\n,c d,, ") == ["a", "b", "c d"]
    assert with_values(["a"], "b, a, b") == (["a", "b"], [])
    assert with_values([], "x" * 2_001) == ([], ["x" * 2_001])


def test_inputs_show_texts_as_browsers_do() -> None:
    assert shown_text("long_text", "a\r\nb\rc\n") == "a\nb\nc\n"
    assert shown_text("text", "a\r\nb\rc\n") == "abc"
    assert shown_text("number", 0) == "0"
    assert shown_text("text", None) == ""


@pytest.mark.parametrize("name", all_cards())
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_form_that_a_client_sends_is_read(name: str, data: st.DataObject) -> None:
    config, kind, card = all_cards()[name]
    rows, originals = rows_of(card, card.value(full_document(config, kind)["data"]))
    inputs = [input_name(row.id) for row in rows]
    inputs += [f.input for row in rows for f in row.fields]
    inputs += [f"{one}-{n}" for one in inputs for n in range(3)]
    form = data.draw(st.dictionaries(st.sampled_from(inputs), st.text(max_size=20)))
    outcome = outcome_of(card, rows, originals, Sent(form))
    assert set(outcome.problems) <= set(inputs)


@pytest.mark.parametrize("name", all_cards())
async def test_earlier_versions_can_be_had_back(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config, kind, card = all_cards()[name]
    before, now = full_document(config, kind, records=2), full_document(config, kind, records=3)
    for attribute in card.attributes if card.shape == "record" else ():
        if attribute.kind in ("text", "long_text"):
            _node(before["data"], card.at)[attribute.name] = "Earlier"
        if attribute.kind == "tags":
            _node(before["data"], card.at)[attribute.name] = ["Earlier"]
        if attribute.kind == "choices":
            _node(before["data"], card.at)[attribute.name] = list(attribute.options[:1])

    async def history(config: Any, document_id: str, path: tuple[str, ...]) -> list[Earlier]:
        value = _node(before, path)
        return [Earlier(7, value, "generated", datetime(2026, 1, 2, tzinfo=UTC))]

    store = SimpleNamespace(history=history)
    monkeypatch.setattr(EntityPageState, "_workspace", SimpleNamespace(store=lambda _owner: store))
    modal = await Modal.on(config, now)
    await modal.edit(card.key)
    await modal.call("show_earlier")
    assert modal.state.earlier_state == "some"
    assert all(entry.texts for entry in modal.state.earlier)
    for entry in list(modal.state.earlier):
        await modal.call("use_earlier", version=entry.version, key=entry.key)
    assert modal.written == []
    modal.form = {}
    modal.show()
    await modal.save()
    assert card.value(modal.document["data"]) == card.value(before["data"])


def _node(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        data = data[key]
    return data
