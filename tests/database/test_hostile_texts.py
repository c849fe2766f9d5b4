"""Texts that mean harm, through the database: stored unchanged, found again, and of no effect."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from blossomer.db.roles import DatabaseUrls
from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.entities.listing import ListQuery
from blossomer.entities.merge import Change
from tests.support.hostile import (
    DOCUMENTS,
    TEXTS,
    UNSTORABLE,
    hostile_data,
    hostile_document,
    kinds_of,
    leaves,
    texts_of,
)

COMPANY = ENTITIES["company"]


async def kept_plan(store: DatabaseStore, number: int) -> list[tuple[Document, Document]]:
    """One of each entity and kind, each below the first of its parents: as given, as kept."""
    found: list[tuple[Document, Document]] = []
    first: dict[str, str] = {}
    for config in ENTITIES.values():
        for kind in kinds_of(config):
            parents = {parent.entity: first[parent.entity] for parent in config.parents}
            given = hostile_document(config, kind, texts_of(number), "given", parents)
            kept = await store.create(config, given)
            first.setdefault(config.entity, kept["id"])
            found.append((given, kept))
    return found


@pytest.mark.parametrize("number", range(DOCUMENTS))
async def test_every_field_of_every_entity_is_stored_unchanged(
    store: DatabaseStore, number: int
) -> None:
    for given, kept in await kept_plan(store, number):
        config = ENTITIES[given["entity"]]
        read = await store.get(config, kept["id"])
        assert read is not None
        for part in ("name", "inputs", "parents", "data"):
            assert read[part] == given[part]
        page = await store.search(config, ListQuery())
        assert given["name"] in {row.name for row in page.rows}


async def test_every_edit_is_stored_unchanged_with_its_history(store: DatabaseStore) -> None:
    document = await store.create(COMPANY, hostile_document(COMPANY, "", texts_of(0), "x", {}))
    card = COMPANY.cards[0].key
    for text in TEXTS:
        changes = [
            Change(path=("name",), value=text[:200]),
            Change(path=("data", COMPANY.name_field), value=text[:200]),
            Change(path=("data", "description"), value=text),
            Change(path=("data", card), value=[text, f"and {text}"]),
            Change(path=("inputs", "user_inputted_context"), value=text),
        ]
        await store.patch(COMPANY, document["id"], changes)
    read = await store.get(COMPANY, document["id"])
    assert read is not None
    last = TEXTS[-1]
    assert (read["name"], read["data"]["description"]) == (last, last)
    assert read["data"][card] == [last, f"and {last}"]
    history = await store.history(COMPANY, document["id"], ("data", "description"))
    assert [one.value for one in history[: len(TEXTS)]] == list(reversed(TEXTS))


async def test_no_search_no_id_and_no_path_is_more_than_a_text(store: DatabaseStore) -> None:
    kept = await kept_plan(store, 0)
    for text in (*TEXTS, *UNSTORABLE):
        for config in ENTITIES.values():
            assert await store.get(config, text) is None
        page = await store.search(COMPANY, ListQuery(text=text[:200]))
        assert {row.id for row in page.rows} <= {kept[0][1]["id"]}
    for text in TEXTS:
        # A key of any kind is a key: the value lands below it and nowhere else.
        path = ("data", "confidence", text[:100])
        await store.patch(COMPANY, kept[0][1]["id"], [Change(path=path, value="low")])
    for given, document in kept[1:]:
        read = await store.get(ENTITIES[given["entity"]], document["id"])
        assert read is not None
        assert read["data"] == given["data"]


async def test_what_postgres_cannot_store_is_kept_without_it(store: DatabaseStore) -> None:
    for text, kept in UNSTORABLE.items():
        data = hostile_data(COMPANY, "", ("x",) * 4)
        given: dict[str, Any] = {
            **hostile_document(COMPANY, "", ("x",) * 4, "x", {}),
            "name": text,
            "data": data
            | {COMPANY.name_field: text, "description": text, COMPANY.cards[0].key: [text, text]},
        }
        document = await store.create(COMPANY, given)
        change = Change(path=("data", COMPANY.cards[1].key), value=[text])
        await store.patch(COMPANY, document["id"], [change])
        read = await store.get(COMPANY, document["id"])
        assert read is not None
        assert read["name"] == read["data"]["description"] == kept
        assert read["data"][COMPANY.cards[0].key] == [kept, kept]
        assert read["data"][COMPANY.cards[1].key] == [kept]


async def test_another_user_is_a_text_as_well(store: DatabaseStore, database: DatabaseUrls) -> None:
    await store.create(COMPANY, hostile_document(COMPANY, "", texts_of(0), "x", {}))
    with psycopg.connect(database.app) as connection:
        for text in (*TEXTS, store.user_id + " ", f"{store.user_id}' OR '1'='1"):
            connection.execute("SELECT set_config('app.user_id', %s, true)", [text])
            seen = connection.execute("SELECT count(*) FROM companies").fetchone()
            assert seen == (0,)


def test_the_texts_survive_the_way_there() -> None:
    """What the comparison above rests on: a difference in one text would be seen."""
    document = hostile_document(COMPANY, "", texts_of(1), "x", {})
    assert len([text for _, text in leaves(document["data"]) if text in TEXTS]) > 100
