"""What programs do with documents, on a real database and with a real generator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db.engine import open_session
from blossomer.db.store import Stored
from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig
from blossomer.entities.items import item_key
from blossomer.entities.lineage import basis_of
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.services.events import Failed, StageEvent
from blossomer.services.feed import Added, Removed, Saved
from blossomer.services.identity.model import Identity
from blossomer.services.operations import Kept, Operations, list_query
from blossomer.services.operations.model import NewDocument
from blossomer.services.runtime import Runtime, build_runtime
from tests.database.rows import somebodys_store
from tests.support.documents import CONFIG as COMPANY
from tests.support.documents import company_document, entity_document
from tests.support.fake_models import model_settings

ACCOUNT, PERSONA, CAMPAIGN = (ENTITIES[e] for e in ("account", "persona", "campaign"))
PASTED = (
    "Acme plans delivery routes for regional carriers. Routes change while drivers are on the "
    "road, so that a late van does not spoil the day. Dispatchers see every stop, drivers see the "
    "next one, and customers get a text message before the van arrives. Prices are per vehicle."
)


@pytest.fixture
async def runtime(engine: AsyncEngine) -> AsyncIterator[Runtime]:
    runtime = build_runtime(model_settings(free_generations_per_hour=10))
    runtime.open_workspace(engine)
    yield runtime
    await runtime.stop()


async def somebody(runtime: Runtime, engine: AsyncEngine) -> Operations:
    user = (await somebodys_store(engine)).user_id
    return Operations(runtime, Identity(user, None, None, "free"))


@pytest.fixture
async def ada(runtime: Runtime, engine: AsyncEngine) -> Operations:
    return await somebody(runtime, engine)


async def plan(operations: Operations) -> dict[str, Stored]:
    """One document of each entity, as they would have been written."""
    kept: dict[str, Stored] = {}
    for config in ENTITIES.values():
        parents = {p.entity: kept[p.entity].document["id"] for p in config.parents}
        context = {e.entity: kept[e.entity].document["data"] for e in above(config.entity)}
        new = entity_document(config, parents=parents, basis=basis_of(context))
        made = await operations._store.create(config, {**new, "status": "saved"})
        kept[config.entity] = await operations.read(config, made["id"])
    return kept


async def refused(awaitable: Any, code: str, status: int) -> UserError:
    with pytest.raises(UserError) as raised:
        await awaitable
    assert (raised.value.code, raised.value.status) == (code, status), raised.value.words
    assert raised.value.message
    assert raised.value.action
    return raised.value


async def raw(engine: AsyncEngine, operations: Operations, config: EntityConfig, key: str) -> str:
    """The data of a document, letter by letter as the database holds it."""
    async with open_session(engine, operations._identity.user_id) as session:
        query = text(f"SELECT {config.data_column}::text FROM {config.table} WHERE id = :id")
        return str(await session.scalar(query, {"id": key}))


async def test_a_patch_changes_what_it_names_and_no_other_byte(
    ada: Operations, engine: AsyncEngine, runtime: Runtime
) -> None:
    stored = (await plan(ada))["account"]
    key = stored.document["id"]
    before = json.loads(await raw(engine, ada, ACCOUNT, key))
    # Something that a later version of the product may have put there.
    async with ada._store.transaction() as session:
        await session.execute(
            text("UPDATE target_accounts SET account_data = account_data || CAST(:new AS jsonb)"),
            {"new": '{"new": {"a": 1}}'},
        )
    with runtime.workspace.feed.reader(ada._identity.user_id) as news:  # type: ignore[union-attr]
        after = await ada.patch(
            ACCOUNT,
            key,
            {
                "data": {
                    "strengths": ["  A new one ", *before["strengths"]],
                    "firmographics": {"employees": "20 to 200"},
                }
            },
        )
        assert isinstance(news.get_nowait(), Saved)
    assert after.version == stored.version + 1
    written = json.loads(await raw(engine, ada, ACCOUNT, key))
    assert written.pop("new") == {"a": 1}
    expected = deepcopy(before)
    expected["strengths"] = ["A new one", *before["strengths"]]
    expected["firmographics"]["employees"] = "20 to 200"
    edited = expected["provenance"]["edited"]
    edited["strengths"] = ["A new one", *edited.get("strengths", [])]
    edited["firmographics"] = [
        name
        for name in before["firmographics"]
        if name == "employees" or name in edited.get("firmographics", ())
    ]
    assert json.dumps(written, sort_keys=True) == json.dumps(expected, sort_keys=True)


async def test_patches_of_different_fields_at_the_same_moment_are_all_kept(ada: Operations) -> None:
    stored = (await plan(ada))["account"]
    key = stored.document["id"]
    names = ("strengths", "challenges", "opportunities", "disqualifiers")
    await asyncio.gather(*(ada.patch(ACCOUNT, key, {"data": {n: [f"My {n}"]}}) for n in names))
    now = await ada.read(ACCOUNT, key)
    assert now.version == stored.version + 4
    for name in names:
        assert now.document["data"][name] == [f"My {name}"]
        assert now.document["data"]["provenance"]["edited"][name] == [f"My {name}"]


async def test_name_and_description_keep_their_marks(ada: Operations) -> None:
    key = (await plan(ada))["company"].document["id"]
    after = await ada.patch(COMPANY, key, {"name": "New", "data": {"description": "Says this."}})
    data = after.document["data"]
    assert (after.document["name"], data["company_name"]) == ("New", "New")
    assert data["provenance"]["edited"]["company_name"] == ["New"]
    assert data["provenance"]["edited"]["description"] == ["Says this."]
    again = await ada.patch(COMPANY, key, {"data": {"company_name": "New"}})
    assert again.version == after.version, "nothing changed, so nothing was written"


async def test_the_parts_of_an_e_mail_keep_their_ids(ada: Operations) -> None:
    stored = (await plan(ada))["campaign"]
    data = stored.document["data"]
    segments = data["email_content"]["segments"]
    sent = [*segments, {"type": "cta", "text": "Worth a look?"}]
    after = await ada.patch(
        CAMPAIGN,
        stored.document["id"],
        {"data": {"email_content": {"segments": sent, "subject": "Late vans"}}},
    )
    content = after.document["data"]["email_content"]
    assert content["segments"][:-1] == segments
    assert content["segments"][-1]["id"] not in {"", *(s["id"] for s in segments)}
    assert content["subject"] == "Late vans"
    assert content["variant"] == data["email_content"]["variant"]
    edited = after.document["data"]["provenance"]["edited"]
    assert item_key(content["segments"][-1]) in edited["email"]
    assert "subject" in edited["subjects"]


def email(**content: Any) -> dict[str, Any]:
    return {"data": {"email_content": content}}


@pytest.mark.parametrize(
    ("entity", "patch", "says"),
    [
        ("account", {"surname": "x"}, "surname"),
        ("account", {"status": "draft"}, "status"),
        ("account", {"name": ""}, "name"),
        ("account", {"name": "x" * 201}, "200"),
        ("account", {"name": 5}, "name"),
        ("account", {"name": "a", "data": {"name": "b"}}, "different"),
        ("account", {"data": []}, "data"),
        ("account", {"data": {"evidence": []}}, "data.evidence"),
        ("account", {"data": {"provenance": {"edited": {}}}}, "data.provenance"),
        ("account", {"data": {"confidence": {"strengths": "high"}}}, "data.confidence"),
        ("account", {"data": {"strengths": "text"}}, "data.strengths"),
        ("account", {"data": {"strengths": None}}, "data.strengths"),
        ("account", {"data": {"strengths": [5]}}, "data.strengths.0"),
        ("account", {"data": {"strengths": ["  "]}}, "data.strengths.0"),
        ("account", {"data": {"strengths": ["x" * 2_001]}}, "2,000"),
        ("account", {"data": {"strengths": ["x"] * 41}}, "40"),
        ("account", {"data": {"description": "x" * 2_001}}, "2,000"),
        ("account", {"data": {"firmographics": []}}, "data.firmographics"),
        ("account", {"data": {"firmographics": {"nothing": 1}}}, "data.firmographics.nothing"),
        ("account", {"data": {"firmographics": {"industry": "x"}}}, "industry"),
        ("account", {"data": {"firmographics": {"industry": [{}]}}}, "industry.0"),
        ("account", {"data": {"firmographics": {"employees": None}}}, "employees"),
        ("account", {"data": {"buying_signals": [{}]}}, "buying_signals.0"),
        ("account", {"data": {"buying_signals": ["x"]}}, "buying_signals.0"),
        ("account", {"data": {"buying_signals": [{"title": "x", "type": "Rumour"}]}}, "News"),
        ("account", {"data": {"buying_signals": [{"title": "x", "surname": "y"}]}}, "surname"),
        ("campaign", {"data": {"campaign_type": "ad"}}, "campaign_type"),
        ("campaign", {"data": {"ad_content": {"targeting_notes": "x"}}}, "ad_content"),
        ("campaign", email(follow_ups=[{"body": "x", "wait_days": 31}]), "30"),
        ("campaign", email(follow_ups=[{"body": "x", "wait_days": True}]), "whole"),
        ("campaign", email(segments=[{"text": "x", "id": "<b>"}]), "id"),
        ("company", {"data": {"company_url": "https://evil.example"}}, "company_url"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_by_its_place(
    ada: Operations, entity: str, patch: dict[str, Any], says: str
) -> None:
    stored = (await plan(ada))[entity]
    config, key = ENTITIES[entity], stored.document["id"]
    error = await refused(ada.patch(config, key, patch), "invalid_input", 422)
    assert says in error.words
    assert await ada.read(config, key) == stored


async def test_a_version_can_be_demanded(ada: Operations) -> None:
    stored = (await plan(ada))["company"]
    key, name = stored.document["id"], {"name": "Second"}
    error = await refused(ada.patch(COMPANY, key, name, versions=[7]), "version_conflict", 412)
    assert f"version {stored.version}" in error.message
    after = await ada.patch(COMPANY, key, name, versions=[stored.version])
    await refused(
        ada.patch(COMPANY, key, {"name": "Third"}, versions=[stored.version]),
        "version_conflict",
        412,
    )
    assert (await ada.read(COMPANY, key)).document["name"] == "Second"
    assert after.version == stored.version + 1


async def test_a_draft_is_kept_by_its_first_edit(ada: Operations) -> None:
    made = await ada._store.create(COMPANY, {**company_document(), "id": str(uuid4())})
    assert made["status"] == "draft"
    after = await ada.patch(COMPANY, made["id"], {"data": {}})
    assert after.document["status"] == "draft"
    after = await ada.patch(COMPANY, made["id"], {"status": "saved"})
    assert after.document["status"] == "saved"


async def test_own_words_can_be_kept(ada: Operations, runtime: Runtime) -> None:
    with runtime.workspace.feed.reader(ada._identity.user_id) as news:  # type: ignore[union-attr]
        company = await ada.create(
            COMPANY,
            NewDocument(
                "Acme", {"capabilities": ["Routes"]}, inputs={"website_url": "acme.example"}
            ),
        )
        assert isinstance(news.get_nowait(), Added)
    data = company.document["data"]
    assert (company.document["status"], company.version) == ("saved", 1)
    assert data["company_url"] == "https://acme.example"
    assert data["provenance"]["writer"] == "person"
    assert data["provenance"]["edited"] == {"company_name": ["Acme"], "capabilities": ["Routes"]}
    parents = {"company": company.document["id"]}
    account = await ada.create(ACCOUNT, NewDocument("Carriers", parents=parents))
    assert set(account.document["data"]["basis"]) == {"company"}
    persona = await ada.create(
        PERSONA, NewDocument("Head", parents={"account": account.document["id"]})
    )
    # What is further out follows from what is nearest.
    campaign = await ada.create(
        CAMPAIGN,
        NewDocument(
            "First",
            {"campaign_type": "email", "email_content": {"subject": "Late vans"}},
            {"persona": persona.document["id"]},
        ),
    )
    assert campaign.document["parents"]["account"] == account.document["id"]
    assert campaign.document["data"]["email_content"]["subject"] == "Late vans"
    assert campaign.document["inputs"] == {"campaign_type": "email"}
    assert await ada.read(CAMPAIGN, campaign.document["id"]) == campaign


@pytest.mark.parametrize(
    ("entity", "new", "code", "status"),
    [
        ("company", NewDocument(""), "invalid_input", 422),
        ("company", NewDocument("A", {"company_name": "B"}), "invalid_input", 422),
        ("company", NewDocument("A", {"evidence": []}), "invalid_input", 422),
        ("company", NewDocument("A", parents={"account": "x"}), "invalid_input", 422),
        ("company", NewDocument("A", inputs={"age": "x"}), "invalid_input", 422),
        ("company", NewDocument("A", inputs={"website_url": "ftp://x"}), "invalid_url", 400),
        ("account", NewDocument("A"), "invalid_input", 422),
        ("account", NewDocument("A", inputs={"website_url": "a.example"}), "invalid_input", 422),
        ("account", NewDocument("A", parents={"company": "nothing"}), "parent_missing", 404),
        ("account", NewDocument("A", parents={"company": str(uuid4())}), "parent_missing", 404),
        ("campaign", NewDocument("A", parents={"persona": str(uuid4())}), "parent_missing", 404),
    ],
)
async def test_what_cannot_be_kept(
    ada: Operations, entity: str, new: NewDocument, code: str, status: int
) -> None:
    config = ENTITIES[entity]
    await refused(ada.create(config, new), code, status)
    assert (await ada.page(config, list_query(config))).total == 0


async def test_a_campaign_needs_its_kind(ada: Operations) -> None:
    parents = {"persona": (await plan(ada))["persona"].document["id"]}
    for data in ({}, {"campaign_type": "fax"}, {"campaign_type": 5}):
        await refused(ada.create(CAMPAIGN, NewDocument("A", data, parents)), "invalid_input", 422)


@pytest.mark.parametrize("sort", ["created", "updated", "name"])
@pytest.mark.parametrize("descending", [True, False])
async def test_a_cursor_stays_right_while_rows_come_and_go(
    ada: Operations, sort: str, descending: bool
) -> None:
    def named(number: int) -> NewDocument:
        return NewDocument(f"{'Ü' if number % 2 else 'u'}{number // 2:02}")

    made = [(await ada.create(COMPANY, named(n))).document["id"] for n in range(9)]
    seen: list[str] = []
    cursor = ""
    while True:
        query = list_query(COMPANY, sort=sort, descending=descending, limit=2, cursor=cursor)
        page = await ada.page(COMPANY, query)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
        if len(seen) in (2, 4):
            # One at each end of every order, and the row that the cursor names goes.
            await ada.create(COMPANY, NewDocument("aaa"))
            await ada.create(COMPANY, NewDocument("zzz"))
            await ada.delete(COMPANY, seen[-1])
    assert len(seen) == len(set(seen))
    assert set(made) <= set(seen)
    old = [key for key in seen if key in made]
    if sort != "name":
        assert old == (made[::-1] if descending else made)


async def test_lists_are_filtered_and_cursors_belong_to_their_list(ada: Operations) -> None:
    kept = await plan(ada)
    for _ in range(2):
        await ada.create(ACCOUNT, NewDocument("Bakeries", parents={
            "company": kept["company"].document["id"]}))  # fmt: skip
    company = kept["company"].document["id"]
    page = await ada.page(ACCOUNT, list_query(ACCOUNT, text="baker", limit=1))
    assert (page.total, page.rows[0].name) == (2, "Bakeries")
    below = list_query(CAMPAIGN, parents={"company": company}, kind="email", status="saved")
    assert (await ada.page(CAMPAIGN, below)).total == 1
    for wrong in (
        {"text": "other", "cursor": page.next_cursor},
        {"text": "baker", "sort": "name", "cursor": page.next_cursor},
        {"text": "baker", "cursor": page.next_cursor[:-3]},
        {"cursor": "nonsense"},
        {"cursor": "ü"},
        {"cursor": "W10"},
        {"cursor": "e30"},
    ):
        with pytest.raises(UserError, match="cursor"):
            list_query(ACCOUNT, **wrong)  # type: ignore[arg-type]
    for refusal in (
        {"parents": {"persona": "x"}},
        {"parents": {"company": "<b>"}},
        {"kind": "email"},
        {"status": "gone"},
        {"confidence": "none"},
        {"sort": "colour"},
        {"limit": 0},
        {"limit": 101},
        {"text": "x" * 201},
    ):
        with pytest.raises(UserError) as raised:
            list_query(ACCOUNT, **refusal)  # type: ignore[arg-type]
        assert raised.value.code == "invalid_input"


async def test_delete_restore_and_relations(ada: Operations, runtime: Runtime) -> None:
    kept = await plan(ada)
    account = kept["account"].document["id"]
    relations = await ada.relations(ACCOUNT, account)
    assert [each.entity for each in relations.above] == ["company"]
    assert {entity: below.total for entity, below in relations.below.items()} == {
        "persona": 1,
        "campaign": 1,
    }
    await ada.patch(
        COMPANY, kept["company"].document["id"], {"data": {"capabilities": ["Something else"]}}
    )
    (changed,) = (await ada.relations(ACCOUNT, account)).outdated
    assert (changed.entity, changed.fields) == ("company", ("Key features and capabilities",))
    await ada.still_right(ACCOUNT, account)
    assert (await ada.relations(ACCOUNT, account)).outdated == ()

    with runtime.workspace.feed.reader(ada._identity.user_id) as news:  # type: ignore[union-attr]
        deleted = await ada.delete(ACCOUNT, account)
        assert news.get_nowait() == Removed("account", account)
        assert dict(deleted.below) == {"persona": 1, "campaign": 1}
        await refused(ada.delete(ACCOUNT, account), "not_found", 404)
        await refused(ada.restore(PERSONA, kept["persona"].document["id"]), "not_restorable", 404)
        restored = await ada.restore(ACCOUNT, account)
        assert isinstance(news.get_nowait(), Added)
    assert dict(restored.below) == {"persona": 1, "campaign": 1}
    await refused(ada.restore(ACCOUNT, account), "not_restorable", 404)
    assert (await ada.read(CAMPAIGN, kept["campaign"].document["id"])) == kept["campaign"]


async def test_history(ada: Operations) -> None:
    stored = (await plan(ada))["account"]
    key = stored.document["id"]
    for number in range(3):
        await ada.patch(ACCOUNT, key, {"data": {"strengths": [f"Number {number}"]}})
    await ada.patch(ACCOUNT, key, {"data": {"firmographics": {"employees": "5"}}})
    page = await ada.versions(ACCOUNT, key, limit=3)
    assert [entry.fields for entry in page.entries] == [
        ("firmographics",), ("strengths",), ("strengths",)
    ]  # fmt: skip
    rest = await ada.versions(ACCOUNT, key, before=page.next_before, limit=3)
    assert rest.next_before is None
    assert [entry.origin for entry in rest.entries] == ["edited", "generated"]
    assert {"name", "description", "strengths"} <= set(rest.entries[-1].fields)
    earlier = await ada.history(ACCOUNT, key, "strengths")
    assert [one.value for one in earlier[:3]] == [[f"Number {n}"] for n in (2, 1, 0)]
    (now, *_) = await ada.history(ACCOUNT, key, "firmographics.employees")
    assert now.value == "5"
    await refused(ada.history(ACCOUNT, key, "nothing"), "unknown_card", 422)


async def test_what_belongs_to_others_is_as_if_it_were_not_there(
    ada: Operations, runtime: Runtime, engine: AsyncEngine
) -> None:
    bob = await somebody(runtime, engine)
    kept = await plan(ada)
    for config in ENTITIES.values():
        theirs, nobodys = kept[config.entity].document["id"], str(uuid4())
        for call in (
            lambda key, c=config: bob.read(c, key),
            lambda key, c=config: bob.patch(c, key, {"name": "Mine"}),
            lambda key, c=config: bob.patch(c, key, {"nonsense": 1}),
            lambda key, c=config: bob.patch(c, key, {"name": "Mine"}, versions=[1]),
            lambda key, c=config: bob.delete(c, key),
            lambda key, c=config: bob.restore(c, key),
            lambda key, c=config: bob.relations(c, key),
            lambda key, c=config: bob.versions(c, key),
            lambda key, c=config: bob.history(c, key, "name"),
            lambda key, c=config: bob.suggest(c, key),
            lambda key, c=config: bob.generate_again(c, key),
            lambda key, c=config: bob.generate_again(c, key, only="nothing"),
            lambda key, c=config: bob.decide(c, key, "nothing", accept=True),
            lambda key, c=config: bob.still_right(c, key),
            lambda key, c=config: bob.export(c, key),
        ):
            words = []
            for key in (theirs, nobodys, "no-id"):
                with pytest.raises(UserError) as raised:
                    await call(key)
                assert raised.value.status == 404
                words.append((raised.value.code, raised.value.words))
            assert len(set(words)) == 1
        assert (await bob.page(config, list_query(config))).total == 0
        assert await ada.read(config, theirs) == kept[config.entity]
    parents = {"company": kept["company"].document["id"]}
    await refused(bob.create(ACCOUNT, NewDocument("A", parents=parents)), "parent_missing", 404)
    await refused(bob.generate(ACCOUNT, {"name": "A"}, parents), "parent_missing", 404)


async def test_a_generation_is_kept_and_counted_and_written_again(ada: Operations) -> None:
    writing = await ada.generate(COMPANY, {"pasted_text": PASTED}, {})
    events = [event async for event in writing.events()]
    assert isinstance(events[0], StageEvent)
    assert isinstance(events[-1], Kept)
    assert (await ada.remaining()).left == 9
    company = events[-1].stored.document
    assert await ada.read(COMPANY, company["id"]) == events[-1].stored

    data = company["data"]
    mine = ["Written by me", *data["capabilities"][1:]]
    await ada.patch(COMPANY, company["id"], {"data": {"capabilities": mine}})
    writing = await ada.generate_again(COMPANY, company["id"], only="capabilities")
    again = await writing.result()
    assert again.waits == ""
    assert "Written by me" in again.stored.document["data"]["capabilities"]

    parents = {"company": company["id"]}
    account = await (await ada.generate(ACCOUNT, {"name": "Regional carriers"}, parents)).result()
    assert account.stored.document["parents"] == parents
    assert account.stored.document["name"] == "Regional carriers"
    whole = await ada.generate_again(
        ACCOUNT, account.stored.document["id"], inputs={"hypothesis": "They have 20 vans."}
    )
    after = (await whole.result()).stored.document
    assert after["inputs"]["hypothesis"] == "They have 20 vans."
    assert (await ada.remaining()).left == 6


async def test_what_would_touch_a_persons_words_is_proposed(ada: Operations) -> None:
    company = (
        await (await ada.generate(COMPANY, {"pasted_text": PASTED}, {})).result()
    ).stored.document
    key = company["id"]
    mine = [f"Mine {number}" for number in range(COMPANY.card("capabilities").max_items)]
    await ada.patch(COMPANY, key, {"data": {"capabilities": mine}})
    kept = await (await ada.generate_again(COMPANY, key, only="capabilities")).result()
    assert kept.waits == "capabilities"
    assert kept.stored.document["data"]["capabilities"] == mine
    declined = await ada.decide(COMPANY, key, "capabilities", accept=False)
    assert declined.document["data"]["proposals"]["capabilities"] is None
    await refused(ada.decide(COMPANY, key, "capabilities", accept=True), "nothing_proposed", 404)
    await (await ada.generate_again(COMPANY, key, only="capabilities")).result()
    accepted = await ada.decide(COMPANY, key, "capabilities", accept=True)
    assert accepted.document["data"]["capabilities"] != mine


async def test_generations_that_cannot_begin(ada: Operations) -> None:
    kept = await plan(ada)
    account, company = kept["account"].document["id"], kept["company"].document["id"]
    for call, code, status in (
        (ada.generate(COMPANY, {}, {}), "invalid_input", 422),
        (ada.generate(COMPANY, {"age": "5"}, {}), "invalid_input", 422),
        (ada.generate(COMPANY, {"website_url": "http://x:1/"}, {}), "invalid_url", 400),
        (ada.generate(ACCOUNT, {"website_url": "acme.example"}, {}), "invalid_input", 422),
        (ada.generate(ACCOUNT, {}, {}), "invalid_input", 422),
        (
            ada.generate(ACCOUNT, {"website_url": "a.example"}, {"company": company}),
            "invalid_input",
            422,
        ),
        (ada.generate_again(ACCOUNT, account, only="nothing"), "unknown_card", 422),
        (
            ada.generate_again(ACCOUNT, account, only="strengths", inputs={"name": "x"}),
            "invalid_input",
            422,
        ),
        (ada.generate_again(ACCOUNT, account, inputs={"age": "x"}), "invalid_input", 422),
        (ada.suggest(COMPANY, company, entity="campaign"), "invalid_input", 422),
        (ada.suggest(CAMPAIGN, kept["campaign"].document["id"]), "invalid_input", 422),
    ):
        await refused(call, code, status)
    assert (await ada.remaining()).left == 10


async def test_one_generation_of_an_entity_at_a_time(ada: Operations) -> None:
    first = await ada.generate(COMPANY, {"pasted_text": PASTED}, {})
    error = await refused(
        ada.generate(COMPANY, {"pasted_text": f"{PASTED} Again."}, {}), "generation_running", 409
    )
    assert error.retry_after
    await first.result()
    assert (await ada.page(COMPANY, list_query(COMPANY))).total == 1
    assert (await ada.remaining()).left == 9


async def test_one_that_fails_later_says_why_and_is_given_back(ada: Operations) -> None:
    writing = await ada.generate(COMPANY, {"pasted_text": "Too short."}, {})
    events = [event async for event in writing.events()]
    assert isinstance(events[-1], Failed)
    await refused(writing.result(), events[-1].error.code, events[-1].error.status)
    assert (await ada.remaining()).left == 10


async def test_one_that_is_cancelled_ends_in_words(ada: Operations, runtime: Runtime) -> None:
    writing = await ada.generate(COMPANY, {"pasted_text": PASTED}, {})
    await runtime.workspace.runs.cancel(ada._identity.user_id, writing.run.id)  # type: ignore[union-attr]
    await refused(writing.result(), "generation_stopped", 503)


async def test_suggestions_are_kept_one_by_one(ada: Operations) -> None:
    company = (
        await (await ada.generate(COMPANY, {"pasted_text": PASTED}, {})).result()
    ).stored.document
    suggesting = await ada.suggest(COMPANY, company["id"], most=2)
    news = [each async for each in suggesting.events()]
    assert [each.is_over for each in news].count(True) == 1
    assert news[-1].is_over
    kept = [each.id for each in news[-1].documents if each.state == "done"]
    assert len(kept) == 2
    accounts = await ada.page(ACCOUNT, list_query(ACCOUNT, parents={"company": company["id"]}))
    assert {row.id for row in accounts.rows} == set(kept)
    assert (await ada.read(COMPANY, company["id"])).document["status"] == "saved"
    assert (await ada.remaining()).left == 7


async def test_a_file_of_it(ada: Operations) -> None:
    kept = await plan(ada)
    file = await ada.export(COMPANY, kept["company"].document["id"])
    assert b"# Company:" in file.content
    await refused(ada.export(COMPANY, kept["company"].document["id"], "pdf"), "invalid_input", 422)


async def test_without_a_database() -> None:
    nobody = Operations(build_runtime(model_settings()), Identity("u", None, None, "free"))
    await refused(nobody.read(COMPANY, str(uuid4())), "database_unavailable", 503)
    await refused(nobody.delete(COMPANY, str(uuid4())), "database_unavailable", 503)


async def test_changes_that_other_code_makes_are_not_lost(ada: Operations) -> None:
    stored = (await plan(ada))["account"]
    key = stored.document["id"]
    change = Change(path=("data", "challenges"), value=["From a page"])
    await asyncio.gather(
        ada._store.patch(ACCOUNT, key, [change]),
        *(ada.patch(ACCOUNT, key, {"data": {"strengths": [f"{n}"]}}) for n in range(5)),
    )
    now = (await ada.read(ACCOUNT, key)).document["data"]
    assert now["challenges"] == ["From a page"]
    assert now["provenance"]["edited"]["strengths"] == now["strengths"]
