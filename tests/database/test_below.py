"""What is below what: parents, ancestors, deleting with everything below, and taking it back."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import func, select, text, update

from blossomer.db.entity_tables import metadata, table_of
from blossomer.db.export import everything_of
from blossomer.db.removal import KEEP_DELETED, purge_daily, purge_deleted
from blossomer.db.store import DatabaseStore, NoSuchDocument
from blossomer.entities import ENTITIES, entity_config
from blossomer.entities.listing import ListQuery
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from tests.database.rows import somebodys_store
from tests.support.documents import entity_document, keep_family

COMPANY, ACCOUNT, PERSONA, CAMPAIGN = (
    entity_config(entity) for entity in ("company", "account", "persona", "campaign")
)


async def live_ids(store: DatabaseStore) -> set[str]:
    """Ids of everything that the user has."""
    return {entry.id for config in ENTITIES.values() for entry in await store.listed(config)}


async def make(store: DatabaseStore, config, **parents: str) -> str:
    kept = await store.create(config, entity_document(config, config.label, parents))
    return kept["id"]


async def test_parents_come_back_as_they_were_given(store):
    family = await keep_family(store, "campaign")
    campaign = family["campaign"]
    assert campaign["parents"] == {
        "account": family["account"]["id"],
        "persona": family["persona"]["id"],
    }
    assert await store.get(CAMPAIGN, campaign["id"]) == campaign
    assert family["company"]["parents"] == {}


@pytest.mark.parametrize("config", [ACCOUNT, PERSONA, CAMPAIGN], ids=lambda config: config.entity)
async def test_nothing_is_made_below_what_is_not_there(engine, store, config):
    theirs = await keep_family(await somebodys_store(engine), "campaign")
    mine = await keep_family(store, "campaign")
    good = {parent.entity: mine[parent.entity]["id"] for parent in config.parents}
    for parent in config.parents:
        for wrong in (str(uuid4()), theirs[parent.entity]["id"], "nonsense", "'; --", ""):
            given = {**good, parent.entity: wrong}
            with pytest.raises(UserError) as caught:
                await store.create(config, entity_document(config, "x", given))
            assert (caught.value.code, caught.value.status) == ("parent_missing", 404)
            with pytest.raises(UserError):
                await store.ancestors_of_parents(config, given)
    await store.delete(COMPANY, mine["company"]["id"])
    with pytest.raises(UserError, match="has been deleted"):
        await store.create(config, entity_document(config, "x", good))


async def test_a_persona_of_another_account_is_no_parent_of_a_campaign(store):
    family = await keep_family(store, "persona")
    other = await make(store, ACCOUNT, company=family["company"]["id"])
    parents = {"account": other, "persona": family["persona"]["id"]}
    with pytest.raises(UserError, match="persona"):
        await store.create(CAMPAIGN, entity_document(CAMPAIGN, "x", parents))
    with pytest.raises(UserError, match="persona"):
        await store.ancestors_of_parents(CAMPAIGN, parents)


async def test_everything_above_is_read_at_once(store):
    family = await keep_family(store, "campaign")
    above = {entity: family[entity] for entity in ("company", "account", "persona")}
    found = await store.ancestors(CAMPAIGN, family["campaign"])
    assert found == above
    assert list(found) == list(above)
    assert await store.ancestors_of_parents(CAMPAIGN, family["campaign"]["parents"]) == above
    assert await store.ancestors(COMPANY, family["company"]) == {}


async def test_another_users_documents_are_above_nothing(engine, store):
    theirs = await keep_family(await somebodys_store(engine), "campaign")
    assert await store.ancestors(CAMPAIGN, theirs["campaign"]) == {}


async def test_a_deletion_takes_everything_below_along_and_gives_it_back(store):
    family = await keep_family(store, "campaign")
    apart = await keep_family(store, "campaign")
    before = await live_ids(store)
    expected = {"account": 1, "persona": 1, "campaign": 1}
    assert await store.what_hangs_below(COMPANY, family["company"]["id"]) == expected
    deleted = await store.delete(COMPANY, family["company"]["id"])
    assert (deleted.name, deleted.below) == ("The company", expected)
    assert await live_ids(store) == {document["id"] for document in apart.values()}
    restored = await store.restore(COMPANY, family["company"]["id"])
    assert restored == deleted
    assert await live_ids(store) == before
    for entity, document in family.items():
        assert await store.get(ENTITIES[entity], document["id"]) == document


async def test_no_read_and_no_write_finds_what_is_deleted(store):
    family = await keep_family(store, "campaign")
    await store.delete(ACCOUNT, family["account"]["id"])
    for config in (ACCOUNT, PERSONA, CAMPAIGN):
        gone = family[config.entity]["id"]
        assert await store.get(config, gone) is None
        assert await store.newest(config) is None
        assert (await store.search(config, ListQuery())).total == 0
        assert await store.history(config, gone, ("data", "description")) == []
        with pytest.raises(NoSuchDocument):
            await store.patch(config, gone, [Change(path=("name",), value="x")])
        with pytest.raises(NoSuchDocument):
            await store.delete(config, gone)
        with pytest.raises(NoSuchDocument):
            await store.what_hangs_below(config, gone)
    assert await store.what_hangs_below(COMPANY, family["company"]["id"]) == {}
    assert set(await store.ancestors(CAMPAIGN, family["campaign"])) == set()
    found = await everything_of(store)
    assert [len(found[config.table]) for config in ENTITIES.values()] == [1, 0, 0, 0]
    assert {row["entity"] for row in found["versions"]} == {"company"}
    assert not {"deleted_at", "sort_name"} & found["companies"][0].keys()


async def test_what_was_deleted_before_stays_deleted(store):
    family = await keep_family(store, "campaign")
    second = await make(store, PERSONA, account=family["account"]["id"])
    await store.delete(PERSONA, family["persona"]["id"])
    assert (await store.delete(COMPANY, family["company"]["id"])).below == {
        "account": 1,
        "persona": 1,
    }
    await store.restore(COMPANY, family["company"]["id"])
    assert await live_ids(store) == {family["company"]["id"], family["account"]["id"], second}
    assert (await store.restore(PERSONA, family["persona"]["id"])).below == {"campaign": 1}
    assert family["campaign"]["id"] in await live_ids(store)


async def test_nothing_comes_back_below_what_is_gone(store):
    family = await keep_family(store, "campaign")
    await store.delete(PERSONA, family["persona"]["id"])
    await store.delete(COMPANY, family["company"]["id"])
    for entity in ("persona", "account", "campaign"):
        with pytest.raises(NoSuchDocument):
            await store.restore(ENTITIES[entity], family[entity]["id"])
    assert await live_ids(store) == set()


async def test_only_what_was_deleted_lately_and_by_the_user_comes_back(engine, store):
    family = await keep_family(store, "account")
    stranger = await somebodys_store(engine)
    for wrong in (family["account"]["id"], str(uuid4()), "nonsense"):
        with pytest.raises(NoSuchDocument):
            await store.restore(ACCOUNT, wrong)
    await store.delete(ACCOUNT, family["account"]["id"])
    with pytest.raises(NoSuchDocument):
        await stranger.restore(ACCOUNT, family["account"]["id"])
    with pytest.raises(NoSuchDocument):
        await stranger.what_hangs_below(COMPANY, family["company"]["id"])
    await age(store, KEEP_DELETED + timedelta(hours=1))
    with pytest.raises(NoSuchDocument):
        await store.restore(ACCOUNT, family["account"]["id"])


async def age(store: DatabaseStore, by: timedelta) -> None:
    """Move the user's deletions into the past."""
    async with store.transaction() as session:
        for config in ENTITIES.values():
            table = table_of(config)
            await session.execute(update(table).values(deleted_at=table.c.deleted_at - by))


async def test_a_restore_and_a_delete_many_times_over_lose_nothing(store):
    family = await keep_family(store, "campaign")
    before = await live_ids(store)

    async def once(config, key):
        with suppress(NoSuchDocument):
            await store.delete(config, key)
            await asyncio.sleep(0)
            await store.restore(config, key)

    pairs = [(COMPANY, "company"), (PERSONA, "persona"), (ACCOUNT, "account")] * 4
    await asyncio.gather(*(once(config, family[entity]["id"]) for config, entity in pairs))
    # Whoever was refused has left something deleted; from the top down all of it comes back.
    for entity in ("company", "account", "persona", "campaign"):
        with suppress(NoSuchDocument):
            await store.restore(ENTITIES[entity], family[entity]["id"])
    assert await live_ids(store) == before


async def test_nothing_is_left_below_a_document_that_is_deleted_meanwhile(store):
    for _ in range(8):
        family = await keep_family(store, "persona")
        account = family["account"]["id"]
        parents = {"account": account, "persona": family["persona"]["id"]}
        results = await asyncio.gather(
            *(make(store, PERSONA, account=account) for _ in range(3)),
            store.delete(COMPANY, family["company"]["id"]),
            *(make(store, CAMPAIGN, **parents) for _ in range(3)),
            return_exceptions=True,
        )
        wrong = [each for each in results if isinstance(each, Exception)]
        assert all(getattr(each, "code", "") == "parent_missing" for each in wrong), wrong
        assert await live_ids(store) == set()


async def test_what_is_deleted_for_long_is_removed_with_its_history_for_everybody(
    engine, store, database
):
    await purge_deleted(engine)
    other = await somebodys_store(engine)
    families = [await keep_family(each, "campaign") for each in (store, other)]
    for each, family in zip((store, other), families, strict=True):
        await each.delete(COMPANY, family["company"]["id"])
    kept = await keep_family(store, "campaign")
    await store.delete(PERSONA, kept["persona"]["id"])
    assert await purge_deleted(engine) == 0
    async with store.transaction() as session:
        ours = table_of(COMPANY).c.id == families[0]["company"]["id"]
        moment = await session.scalar(select(table_of(COMPANY).c.deleted_at).where(ours))
    for each in (store, other):
        async with each.transaction() as session:
            for config in ENTITIES.values():
                table = table_of(config)
                await session.execute(
                    update(table)
                    .where(table.c.deleted_at <= moment + timedelta(seconds=0.5))
                    .where(table.c.id.notin_([document["id"] for document in kept.values()]))
                    .values(deleted_at=table.c.deleted_at - KEEP_DELETED - timedelta(hours=1))
                )
    assert await purge_deleted(engine) > 0
    assert await rows_of(store) == {"documents": 4, "versions": 4, "document_words": 4}
    assert await rows_of(other) == {"documents": 0, "versions": 0, "document_words": 0}
    assert (await store.restore(PERSONA, kept["persona"]["id"])).below == {"campaign": 1}


async def rows_of(store: DatabaseStore) -> dict[str, int]:
    """How many rows the user has, deleted ones included."""
    counts = {"documents": 0}
    async with store.transaction() as session:
        for config in ENTITIES.values():
            query = select(func.count()).select_from(table_of(config))
            counts["documents"] += await session.scalar(query)
        for name in ("versions", "document_words"):
            query = select(func.count()).select_from(metadata.tables[name])
            counts[name] = await session.scalar(query)
    return counts


async def test_more_than_one_step_holds_is_removed_completely(engine, store):
    family = await keep_family(store, "company")
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO target_accounts (user_id, company_id, name, account_data) SELECT "
                "user_id, id, 'n', '{\"description\": \"two words\"}' FROM companies, "
                "generate_series(1, 2300)"
            )
        )
    await store.delete(COMPANY, family["company"]["id"])
    await age(store, KEEP_DELETED + timedelta(hours=1))
    assert await purge_deleted(engine) > 0
    assert await rows_of(store) == {"documents": 0, "versions": 0, "document_words": 0}


async def test_of_two_with_the_same_id_only_the_deleted_one_is_removed(engine, store):
    first = await store.import_all(draft_family("same"))
    assert len({document["id"] for document in first.kept}) == 1
    await store.delete(ACCOUNT, first.kept[0]["id"])
    await age(store, KEEP_DELETED + timedelta(hours=1))
    await purge_deleted(engine)
    assert await rows_of(store) == {"documents": 1, "versions": 1, "document_words": 1}
    assert len(await store.history(COMPANY, first.kept[0]["id"], ("data", "description"))) == 1


async def test_the_setting_of_the_purge_opens_nothing_to_the_serving_role(engine, store, database):
    await keep_family(await somebodys_store(engine), "campaign")
    async with store.transaction() as session:
        await session.execute(text("SELECT set_config('app.purge', 'on', true)"))
        for name in ("versions", "document_words", "companies"):
            assert await session.scalar(text(f"SELECT count(*) FROM {name}")) == 0
        await session.execute(text("SELECT purge_deleted()"))
        setting = await session.scalar(text("SELECT current_setting('app.purge', true)"))
    assert setting == ""
    with psycopg.connect(database.owner) as connection:
        # Nor to the owner, beyond what is due.
        connection.execute("SELECT set_config('app.purge', 'on', true)")
        assert connection.execute("SELECT count(*) FROM companies").fetchone() == (0,)


async def test_a_purge_that_fails_is_no_failure_of_the_server(engine, monkeypatch):
    asked = asyncio.Event()

    async def fails(engine):
        asked.set()
        raise OSError("gone")

    monkeypatch.setattr(importlib.import_module("blossomer.db.removal"), "purge_deleted", fails)
    task = asyncio.create_task(purge_daily(engine))
    await asyncio.wait_for(asked.wait(), 5)
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()


async def test_an_import_maps_parents_whatever_the_order(store):
    family = await keep_family(store, "company")
    own = {**entity_document(ACCOUNT, "Mine", company_of(family)), "id": "own"}
    drafts = [*draft_family("d"), (ACCOUNT, own)]
    imported = await store.import_all(drafts[::-1])
    assert [document["entity"] for document in imported.kept] == [
        "company",
        "account",
        "account",
        "persona",
        "campaign",
    ]
    assert imported.left_out == ()
    campaign = imported.kept[-1]
    above = await store.ancestors(CAMPAIGN, campaign)
    assert {entity: document["name"] for entity, document in above.items()} == {
        "company": "company d",
        "account": "account d",
        "persona": "persona d",
    }
    mine = next(document for document in imported.kept if document["name"] == "Mine")
    assert mine["parents"] == company_of(family)


def company_of(family) -> dict[str, str]:
    return {"company": family["company"]["id"]}


def draft_family(draft_id: str):
    """One draft of each entity, all with the same id, as the browser could have them."""
    return [
        (
            config,
            {
                **entity_document(
                    config,
                    f"{config.entity} {draft_id}",
                    {parent.entity: draft_id for parent in config.parents},
                ),
                "id": draft_id,
            },
        )
        for config in ENTITIES.values()
    ]


async def test_a_child_may_come_later_than_its_parent(store):
    drafts = draft_family("late")
    await store.import_all(drafts[:2])
    imported = await store.import_all(drafts)
    assert [document["entity"] for document in imported.kept] == ["persona", "campaign"]
    assert [len(await store.listed(config)) for config in ENTITIES.values()] == [1, 1, 1, 1]


async def test_a_child_without_a_parent_is_left_out_in_words_and_the_rest_kept(engine, store):
    theirs = await keep_family(await somebodys_store(engine), "company")
    lost = {**entity_document(ACCOUNT, "Theirs", company_of(theirs)), "id": "lost"}
    drafts = [*draft_family("kept"), (ACCOUNT, lost), *draft_family("orphan")[2:]]
    imported = await store.import_all(drafts)
    assert len(imported.kept) == 4
    assert [(left.entity, left.id, left.name) for left in imported.left_out] == [
        ("account", "lost", "Theirs"),
        ("persona", "orphan", "persona orphan"),
        ("campaign", "orphan", "campaign orphan"),
    ]
    assert {left.reason.code for left in imported.left_out} == {"parent_missing"}


async def test_an_import_does_not_bring_back_what_was_deleted(store):
    drafts = draft_family("gone")
    first = await store.import_all(drafts)
    await store.delete(COMPANY, first.kept[0]["id"])
    assert (await store.import_all(drafts)).kept == ()
    assert await live_ids(store) == set()


async def test_inputs_can_be_changed(store):
    family = await keep_family(store, "account")
    key = family["account"]["id"]
    changes = [
        Change(path=("inputs", "hypothesis"), value="They outgrow spreadsheets"),
        Change(path=("inputs", "name"), value="N\x00ame"),
    ]
    await store.patch(ACCOUNT, key, changes)
    await store.patch(ACCOUNT, key, [Change(path=("inputs", "name"), value="Other")])
    assert (await store.get(ACCOUNT, key))["inputs"] == {
        "hypothesis": "They outgrow spreadsheets",
        "name": "Other",
    }
