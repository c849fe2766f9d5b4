"""Nothing that a person writes is lost, and nothing that they did not touch changes.

Every card of every entity, with texts that break careless code.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blossomer.entities.attributes import Attribute
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.document import checked_document
from blossomer.entities.items import item_key
from tests.support.structured import all_cards, all_kinds, full_document, put_value
from tests.unit.state.modal import Modal, without

CARDS = all_cards()
EACH_CARD = pytest.mark.parametrize(("config", "kind", "card"), CARDS.values(), ids=CARDS)
A_FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

NASTY = st.one_of(
    st.sampled_from(
        [
            "line one\nline two\n\nline four",
            "  leading and trailing  ",
            "\"quotes\" and 'others' “too” \\ and \\n",
            "👩‍👩‍👧‍👦 🇩🇪 ﷽",
            "مرحبا بالعالم and back",
            "<b>bold</b> & {{first_name}} `code` ${x}",
            "x" * 2_000,
            "a, b; c | d",
            "null",
            "0",
            "\t\ttabs",
            "\u200b\u00a0 invisible \ufeff",
        ]
    ),
    st.text(max_size=300),
)
ONE_LINE = NASTY.map(lambda text: text.replace("\n", " ").replace("\r", " "))
STORED = st.one_of(NASTY, st.sampled_from(["", " ", "a\r\nb", "a\rb", "ends \n", "same", "same"]))


def value_of(attribute: Attribute, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of an attribute."""
    if attribute.kind == "number":
        return st.integers(attribute.least, attribute.most)
    if attribute.kind == "choice":
        return st.sampled_from(attribute.options)
    if attribute.kind == "choices":
        return st.sets(st.sampled_from(attribute.options)).map(
            lambda chosen: [option for option in attribute.options if option in chosen]
        )
    if attribute.kind == "tags":
        tag = texts.map(lambda text: text.replace(",", ";").replace("\n", " ").replace("\r", " "))
        return st.lists(tag.map(str.strip).filter(bool), max_size=5, unique=True)
    return texts if attribute.kind == "long_text" else texts.map(lambda t: t.replace("\n", " "))


def typed_value(attribute: Attribute) -> st.SearchStrategy[Any]:
    """Values that a person can type or choose: an input holds no carriage return."""
    values = value_of(attribute, NASTY.map(lambda text: text.replace("\r", "")))
    return values.filter(lambda v: bool(v.strip())) if attribute.required else values


def record_of(card: Card, *, stored: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Records of a card: as somebody types them, or whatever may be stored."""
    if not stored:
        return st.fixed_dictionaries({a.name: typed_value(a) for a in card.attributes})
    fields = {a.name: value_of(a, STORED) for a in card.attributes}
    extra = {"from_a_later_version": st.just({"kept": [1, None]}), "id": st.just("s-1")}
    return st.fixed_dictionaries({}, optional={**fields, **extra})


def stored_value(card: Card) -> st.SearchStrategy[Any]:
    """What a card may hold in a store."""
    if card.shape == "record":
        return record_of(card, stored=True)
    item = STORED if card.shape == "texts" else record_of(card, stored=True)
    return st.lists(item, max_size=6)


def expected(attribute: Attribute, value: Any) -> Any:
    """A typed value as it is kept: white space alone says nothing."""
    return "" if isinstance(value, str) and not value.strip() else value


@EACH_CARD
@A_FEW
@given(data=st.data())
async def test_opening_and_saving_changes_nothing(
    config: EntityConfig, kind: str, card: Card, data: st.DataObject
) -> None:
    document = full_document(config, kind)
    put_value(document["data"], card, data.draw(stored_value(card)))
    modal = await Modal.on(config, document)
    await modal.edit(card.key)
    assert modal.state.editing == card.key
    await modal.save()
    assert modal.state.editing == ""
    assert modal.written == []
    assert modal.document == document


@EACH_CARD
@A_FEW
@given(data=st.data())
async def test_what_is_written_is_there_after_a_reload_and_nothing_else_is_changed(
    config: EntityConfig, kind: str, card: Card, data: st.DataObject
) -> None:
    before = full_document(config, kind)
    modal = await Modal.on(config, before)
    await modal.edit(card.key)
    old = card.value(before["data"])
    value: Any
    if card.shape == "record":
        changed = data.draw(
            st.fixed_dictionaries({}, optional={a.name: typed_value(a) for a in card.attributes})
        )
        for name, typed in changed.items():
            await modal.write(0, name, typed)
        kinds = {a.name: a for a in card.attributes}
        value = old | {name: expected(kinds[name], typed) for name, typed in changed.items()}
        mine = [a.name for a in card.attributes if value[a.name] != old[a.name]]
    elif card.shape == "texts":
        value = []
        for row, text in enumerate(old):
            typed = data.draw(st.just(text) | NASTY.map(lambda t: t.replace("\r", "")))
            await modal.write(row, "", typed)
            value.append(typed.strip())
        added = data.draw(NASTY.map(lambda t: t.replace("\r", "")))
        await modal.write(await modal.add(), "", added)
        value = list(dict.fromkeys(filter(None, [*value, added.strip()])))
        mine = [text for text in value if text not in old]
    else:
        value = [dict(record) for record in old]
        row = data.draw(st.integers(0, len(old) - 1))
        for place in (row, await modal.add()):
            typed_record = data.draw(record_of(card, stored=False))
            for attribute in card.attributes:
                typed = typed_record[attribute.name]
                await modal.write(place, attribute.name, typed)
                typed_record[attribute.name] = expected(attribute, typed)
            if place < len(value):
                value[place] |= typed_record
            else:
                value.append(typed_record)
        texts = [a.name for a in card.attributes if a.kind in ("text", "long_text", "tags")]
        value = [record for record in value if any(record[name] for name in texts)]
        mine = [item_key(record) for record in value if record not in old]
    await modal.save()
    assert modal.state.edit_problems == {}

    after = checked_document(config, copy.deepcopy(modal.document))
    assert _without_ids(card.value(after["data"])) == _without_ids(value)
    marked = after["data"]["provenance"]["edited"].get(card.key, [])
    assert len(marked) == len(dict.fromkeys(mine))
    if card.shape != "segments":
        assert set(marked) == set(mine)
    own = [("data", "provenance", "edited", card.key)]
    own += (
        [("data", *card.at, a.name) for a in card.attributes]
        if card.shape == "record"
        else [("data", *card.at)]
    )
    assert without(after, *own) == without(before, *own)


@pytest.mark.parametrize(("config", "kind"), list(all_kinds()), ids=lambda v: str(v)[:20])
@A_FEW
@given(name=STORED.map(lambda t: t[:200]), description=STORED)
async def test_the_overview_too(
    config: EntityConfig, kind: str, name: str, description: str
) -> None:
    document = full_document(config, kind)
    name = name if name.replace("\n", "").replace("\r", "").strip() else "A name"
    document["name"] = document["data"][config.name_field] = name
    document["data"]["description"] = description
    modal = await Modal.on(config, document)
    await modal.edit("overview")
    await modal.save()
    assert (modal.written, modal.state.editing) == ([], "")
    await modal.edit("overview")
    modal.form["description"] = "Ours now."
    await modal.save()
    assert without(modal.document, ("data", "description"), ("data", "provenance")) == without(
        document, ("data", "description"), ("data", "provenance")
    )
    assert modal.document["data"]["description"] == "Ours now."


@EACH_CARD
async def test_an_order_alone_marks_nothing_as_edited_and_can_be_undone(
    config: EntityConfig, kind: str, card: Card
) -> None:
    if card.shape == "record":
        pytest.skip("One record has no order.")
    before = full_document(config, kind)
    modal = await Modal.on(config, before)
    await modal.edit(card.key)
    first, second, third = card.value(before["data"])
    await modal.call("move_row", row_id=modal.rows[0].id, step=1)
    await modal.call("remove_row", row_id=modal.rows[2].id)
    modal.show()
    await modal.save()
    assert card.value(modal.document["data"]) == [second, first]
    assert modal.written == [("data", *card.at)]
    await modal.call("undo")
    assert without(modal.document) == without(before)
    assert card.value(modal.document["data"]) == [first, second, third]


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if name != "id"}
    return value
