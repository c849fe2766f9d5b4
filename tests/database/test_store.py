"""Documents in Postgres: patches keep what they do not name, and history keeps what was there."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, column, func, literal, select, update, values
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from blossomer.db.engine import create_engine
from blossomer.db.entity_tables import table_of
from blossomer.db.export import everything_of
from blossomer.db.patch import listed, storable
from blossomer.db.store import DatabaseStore, Imported, NoSuchDocument
from blossomer.entities.merge import Change, apply_changes
from blossomer.errors import UserError
from tests.database.rows import insert_everything, somebodys_store
from tests.support.documents import CONFIG, INPUTS, company_document

CAPABILITIES = ("data", "capabilities")
COMPANIES = table_of(CONFIG)


async def test_a_document_comes_back_as_it_was_given(store):
    given_document = company_document()
    kept = await store.create(CONFIG, given_document)
    assert kept["data"] == given_document["data"]
    assert kept["inputs"] == INPUTS
    assert kept["status"] == "draft"
    assert await store.get(CONFIG, kept["id"]) == kept == await store.newest(CONFIG)


async def test_a_patch_changes_what_it_names_and_nothing_else(store):
    before = await store.create(CONFIG, company_document())
    changes = [
        Change(path=CAPABILITIES, value=["Mine"]),
        Change(path=("data", "provenance", "edited", "capabilities"), value=["Mine"]),
        Change(path=("status",), value="saved"),
    ]
    assert await store.patch(CONFIG, before["id"], changes) == 2
    after = await store.get(CONFIG, before["id"])
    assert {**after, "updated_at": ""} == {**apply_changes(before, changes), "updated_at": ""}
    assert after["updated_at"] > before["updated_at"]


async def test_the_name_and_the_address_are_columns_too(store, engine):
    kept = await store.create(CONFIG, company_document())
    changes = [
        Change(path=("name",), value="Acme Ltd"),
        Change(path=("data", "company_name"), value="Acme Ltd"),
        Change(path=("data", "company_url"), value="https://acme.test/"),
    ]
    await store.patch(CONFIG, kept["id"], changes)
    async with store.transaction() as session:
        row = (await session.execute(select(COMPANIES))).one()
    assert (row.name, row.url) == ("Acme Ltd", "https://acme.test/")
    assert (await store.listed(CONFIG))[0].name == "Acme Ltd"


async def test_fields_that_this_version_does_not_know_survive_a_patch(store):
    kept = await store.create(CONFIG, company_document())
    async with store.transaction() as session:
        await session.execute(
            update(COMPANIES).values(
                analysis_data=COMPANIES.c.analysis_data.op("||")(
                    literal({"from_the_future": [1, 2]}, JSONB)
                )
            )
        )
    await store.patch(CONFIG, kept["id"], [Change(path=CAPABILITIES, value=["Mine"])])
    async with store.transaction() as session:
        data = (await session.execute(select(COMPANIES.c.analysis_data))).scalar_one()
    assert data["from_the_future"] == [1, 2]
    assert data["capabilities"] == ["Mine"]


@pytest.mark.parametrize("path", [("user_id",), ("id",), ("data",), ("inputs",), ("name", "x")])
async def test_a_patch_cannot_reach_other_columns(store, path):
    kept = await store.create(CONFIG, company_document())
    with pytest.raises(ValueError, match="no such path"):
        await store.patch(CONFIG, kept["id"], [Change(path=path, value="x")])


@pytest.mark.parametrize(
    "wanted", ["", "nope", "../x", "00000000-0000-4000-8000-000000000000", "0" * 24]
)
async def test_an_unknown_id_is_no_other_document(store, wanted):
    await store.create(CONFIG, company_document())
    assert await store.get(CONFIG, wanted) is None
    with pytest.raises(NoSuchDocument):
        await store.patch(CONFIG, wanted, [Change(path=CAPABILITIES, value=[])])
    with pytest.raises(NoSuchDocument):
        await store.delete(CONFIG, wanted)


async def test_the_newest_comes_first(store):
    names = [f"Company {number}" for number in range(5)]
    for name in names:
        await store.create(CONFIG, {**company_document(name), "created_at": ""})
    assert [entry.name for entry in await store.listed(CONFIG)] == names[::-1]
    assert (await store.newest(CONFIG))["name"] == names[-1]


async def test_a_removed_document_is_gone_with_its_history(store):
    kept = await store.create(CONFIG, company_document())
    await store.delete(CONFIG, kept["id"])
    assert await store.get(CONFIG, kept["id"]) is None
    assert await store.history(CONFIG, kept["id"], CAPABILITIES) == []


async def test_every_earlier_text_of_a_field_can_be_found(store):
    kept = await store.create(CONFIG, company_document())
    for value in (["One"], ["Two"], ["Two"], ["Three"]):
        await store.patch(CONFIG, kept["id"], [Change(path=CAPABILITIES, value=value)])
    await store.patch(CONFIG, kept["id"], [Change(path=("data", "objections"), value=["Other"])])
    earlier = await store.history(CONFIG, kept["id"], CAPABILITIES)
    assert [entry.value for entry in earlier] == [
        ["Three"],
        ["Two"],
        ["One"],
        kept["data"]["capabilities"],
    ]
    assert [entry.origin for entry in earlier] == ["edited", "edited", "edited", "generated"]


async def test_an_earlier_text_is_found_behind_any_number_of_other_edits(store, monkeypatch):
    monkeypatch.setattr("blossomer.db.history.MOST_VERSIONS", 5)
    kept = await store.create(CONFIG, company_document())
    await store.patch(CONFIG, kept["id"], [Change(path=CAPABILITIES, value=["Long ago"])])
    await store.patch(CONFIG, kept["id"], [Change(path=CAPABILITIES, value=["Now"])])
    for number in range(8):
        other = Change(path=("data", "objections"), value=[f"Other {number}"])
        await store.patch(CONFIG, kept["id"], [other])
    earlier = await store.history(CONFIG, kept["id"], CAPABILITIES)
    assert [entry.value for entry in earlier][:2] == [["Now"], ["Long ago"]]


async def test_an_import_is_all_or_nothing(store):
    bad = {**company_document("Bad"), "status": None}
    bad["data"]["company_url"] = None  # a column that must not be empty
    with pytest.raises(IntegrityError):
        await store.import_all([(CONFIG, company_document("Good")), (CONFIG, bad)])
    assert await store.listed(CONFIG) == []


async def test_the_same_import_twice_keeps_everything_once(store):
    drafts = [(CONFIG, {**company_document(name), "id": name}) for name in ("a1", "b2")]
    kept = await store.import_all(drafts)
    assert [document["status"] for document in kept.kept] == ["saved", "saved"]
    assert await store.import_all(drafts) == Imported()
    assert len(await store.listed(CONFIG)) == 2


async def test_a_date_from_the_future_is_not_believed(store):
    document = {**company_document(), "created_at": "2999-01-01T00:00:00+00:00"}
    kept = await store.create(CONFIG, document)
    assert kept["created_at"] <= datetime.now(UTC).isoformat()


async def test_what_postgres_cannot_hold_does_not_fail_a_write(store):
    kept = await store.create(CONFIG, {**company_document(), "name": "A\x00cme \ud800"})
    assert (await store.listed(CONFIG))[0].name == "Acme ?"
    await store.patch(CONFIG, kept["id"], [Change(path=CAPABILITIES, value=["N\x00UL", "\udfff"])])
    assert (await store.get(CONFIG, kept["id"]))["data"]["capabilities"] == ["NUL", "?"]


async def test_writes_of_different_fields_at_once_are_all_kept(store):
    kept = await store.create(CONFIG, company_document())
    paths = [("data", card.key) for card in CONFIG.cards] + [("data", "description")]
    paths += [("data", "provenance", "edited", f"field_{number}") for number in range(40)]
    await asyncio.gather(
        *(
            store.patch(CONFIG, kept["id"], [Change(path=path, value=[f"written {path[-1]}"])])
            for path in paths
        )
    )
    async with store.transaction() as session:
        data = (await session.execute(select(COMPANIES.c.analysis_data))).scalar_one()
    for path in paths:
        node = data
        for key in path[1:]:
            node = node[key]
        assert node == [f"written {path[-1]}"]


async def test_another_users_document_is_no_document(engine):
    mine, theirs = await somebodys_store(engine), await somebodys_store(engine)
    kept = await theirs.create(CONFIG, company_document())
    assert await mine.get(CONFIG, kept["id"]) is None
    assert await mine.history(CONFIG, kept["id"], CAPABILITIES) == []
    assert await mine.listed(CONFIG) == []
    assert (await everything_of(mine))["companies"] == []
    with pytest.raises(NoSuchDocument):
        await mine.patch(CONFIG, kept["id"], [Change(path=CAPABILITIES, value=[])])
    with pytest.raises(NoSuchDocument):
        await mine.delete(CONFIG, kept["id"])
    assert await theirs.get(CONFIG, kept["id"]) == kept


async def test_a_database_that_cannot_be_reached_is_told_in_words():
    nowhere = create_engine("postgresql://app:secret@127.0.0.1:1/nothing")
    try:
        with pytest.raises(UserError) as caught:
            await DatabaseStore(nowhere, "somebody").listed(CONFIG)
    finally:
        await nowhere.dispose()
    assert caught.value.code == "database_unavailable"


KEYS = st.sampled_from(["a", "b", "c", "ключ", "'; --"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.lists(
    st.builds(Change, path=st.lists(KEYS, min_size=1, max_size=4).map(tuple), value=JSON),
    max_size=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=st.dictionaries(KEYS, JSON, max_size=4), changes=CHANGES)
async def test_the_database_changes_a_document_as_the_page_does(engine, before, changes):
    rows = values(column("n", Integer), column("document", JSONB), name="rows").data(
        [(1, storable(before))]
    )
    async with engine.connect() as connection:
        after = await connection.scalar(
            select(func.applied(rows.c.document, literal(listed(changes), JSONB)))
        )
    assert after == storable(apply_changes(before, changes))


async def test_the_export_has_every_table_and_no_way_in(engine, database):
    ids = insert_everything(database.app, f"user-{uuid4()}")
    insert_everything(database.app, f"user-{uuid4()}")
    found = await everything_of(DatabaseStore(engine, ids["user"]))
    tables = {table.name for table in SQLModel.metadata.sorted_tables}
    # What documents are searched by, and copies of answers for a day, say nothing new.
    assert set(found) == tables - {"document_words", "given_answers"} | {"exported_at"}
    assert {len(rows) for name, rows in found.items() if name != "exported_at"} == {1}
    text = json.dumps(found)
    assert ids["session"] not in text
    assert "encrypted" not in text
