"""What the new entity of docs/extending.md can do. Runs in the copy that has it, never here."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from blossomer.api.examples import BODY_EXAMPLES, RESULT_EXAMPLES
from blossomer.db.store import DatabaseStore, NoSuchDocument
from blossomer.entities import ENTITIES, children_of
from blossomer.entities.config import Card
from blossomer.entities.document import parse_document
from blossomer.entities.listing import ListQuery
from blossomer.entities.merge import Change
from blossomer.services.export.formats import export, formats_of
from blossomer.services.export.gather import documents_below
from blossomer.services.export.portable import read_plan
from blossomer.state.draft_store import DraftStore
from tests.api.conftest import OpenApi, fixture_site, open_api  # noqa: F401
from tests.support.documents import entity_document, keep_family
from tests.support.fake_models import PacedModel, answer_from_prompt
from tests.support.fixture_site import FixtureSite
from tests.support.structured import full_document
from tests.unit.state.modal import Modal

CONFIG = ENTITIES["battlecard"]
COMPANY = ENTITIES["company"]
EACH_CARD = pytest.mark.parametrize("card", CONFIG.cards, ids=lambda card: card.key)
PATH = "/demo/battlecards/generate-ai"


def test_it_is_below_a_company_and_has_both_kinds_of_cards() -> None:
    assert CONFIG in children_of("company")
    assert {card.shape for card in CONFIG.cards} >= {"texts", "records"}
    assert CONFIG.name_field == "name"
    assert BODY_EXAMPLES["battlecard"]["name"]
    assert RESULT_EXAMPLES["battlecard"]["replies"]


async def asked(api: Any, site: FixtureSite, **more: Any) -> httpx.Response:
    body = {
        "name": "Ledgerly",
        "experience": "Buyers tell us that their audit is cheaper to begin with.",
        "company": {**RESULT_EXAMPLES["company"], "company_url": site.base_url},
        **more,
    }
    async with api.client() as client:
        return await client.post(PATH, json=body)


async def test_a_model_writes_it_over_rest(
    open_api: OpenApi,  # noqa: F811
    fixture_site: FixtureSite,  # noqa: F811
) -> None:
    with PacedModel(answer_from_prompt, 0.1) as model:
        settings = model.settings(
            fetch_allow_hosts=fixture_site.host_port,
            website_cache_hours=0,
            # A library is loaded first, which takes long on a busy machine.
            llm_total_deadline_seconds=200,
            llm_attempt_deadline_seconds=200,
            llm_first_token_seconds=100,
        )
        async with open_api(settings) as api:
            answer = await asked(api, fixture_site)
    assert answer.status_code == 200, answer.text
    data = answer.json()
    assert CONFIG.data_model.model_validate(data).model_dump(mode="json") == data
    assert data["name"] == "Ledgerly"
    assert data["provenance"]["writer"] == "model"
    assert any(entry["verified"] for entry in data["evidence"])
    assert set(data["basis"]) == {"company"}
    assert all(reply["claim"] and reply["reply"] for reply in data["replies"])
    prompt = model.records[0].prompt
    for part in (
        RESULT_EXAMPLES["company"]["description"],
        "Buyers tell us that their audit is cheaper",
        "- reply: You reply. Two sentences at most. A text.",
    ):
        assert part in prompt
    assert "\n\n\n" not in prompt


async def test_without_a_model_the_site_speaks(
    open_api: OpenApi,  # noqa: F811
    fixture_site: FixtureSite,  # noqa: F811
) -> None:
    async with open_api(fetch_allow_hosts=fixture_site.host_port, website_cache_hours=0) as api:
        answer = await asked(api, fixture_site)
    assert answer.status_code == 200, answer.text
    data = answer.json()
    assert data["provenance"]["writer"] == "basic analysis"
    assert len(data["strengths"]) >= CONFIG.card("strengths").min_items
    assert data["evidence"]
    assert all(entry["verified"] for entry in data["evidence"])
    assert any("no rules for a battlecard" in rule for rule in data["assumptions"])


async def test_the_database_keeps_it(store: DatabaseStore) -> None:
    family = await keep_family(store, "battlecard")
    kept, company = family["battlecard"], family["company"]
    assert await store.get(CONFIG, kept["id"]) == kept
    assert kept["parents"] == {"company": company["id"]}
    await store.patch(CONFIG, kept["id"], [Change(path=("data", "strengths"), value=["Zebra."])])
    changed = await store.get(CONFIG, kept["id"])
    assert changed["data"]["strengths"] == ["Zebra."]
    assert changed["data"]["replies"] == kept["data"]["replies"]
    for query in (ListQuery(text="zebra"), ListQuery(parents={"company": company["id"]})):
        page = await store.search(CONFIG, query)
        assert [row.id for row in page.rows] == [kept["id"]]
    assert (await store.search(CONFIG, ListQuery(text="giraffe"))).total == 0

    await store.delete(CONFIG, kept["id"])
    assert await store.get(CONFIG, kept["id"]) is None
    await store.restore(CONFIG, kept["id"])
    assert await store.get(CONFIG, kept["id"]) == changed
    # It goes and comes back with its company.
    await store.delete(COMPANY, company["id"])
    assert await store.get(CONFIG, kept["id"]) is None
    await store.restore(COMPANY, company["id"])
    assert await store.get(CONFIG, kept["id"]) == changed


async def test_nobody_else_sees_it(store: DatabaseStore, engine: Any) -> None:
    from tests.database.rows import somebodys_store

    kept = (await keep_family(store, "battlecard"))["battlecard"]
    other = await somebodys_store(engine)
    assert await other.get(CONFIG, kept["id"]) is None
    with pytest.raises(NoSuchDocument):
        await other.patch(CONFIG, kept["id"], [Change(path=("name",), value="Mine")])
    with pytest.raises(Exception):  # noqa: B017
        await other.create(CONFIG, entity_document(CONFIG, parents=kept["parents"]))


async def test_every_format_has_it_and_it_can_be_read_back(store: DatabaseStore) -> None:
    family = await keep_family(store, "battlecard")
    documents = await documents_below(store, COMPANY, family["company"]["id"])
    assert family["battlecard"] in documents
    keys = [one.key for one in formats_of(CONFIG)]
    assert keys == ["markdown", "docx", "print", "json"]
    for key in keys:
        assert export(key, [family["battlecard"]]).content
        assert export(key, documents).content
    text = export("markdown", documents).content.decode()
    for card in CONFIG.cards:
        assert card.label in text
    plan = read_plan(export("json", documents).content)
    kept = (await store.import_all(plan)).kept
    again = next(document for document in kept if document["entity"] == "battlecard")
    assert again["data"] == family["battlecard"]["data"]
    assert again["id"] != family["battlecard"]["id"]


def test_a_draft_survives_the_way_to_the_browser_and_back() -> None:
    queue: list[dict[str, Any]] = []
    drafts = DraftStore({}, queue)
    data = full_document(CONFIG)["data"]
    document = drafts.create(CONFIG, data, {"name": "Ledgerly"}, {"company": "c1"})
    assert parse_document(CONFIG, json.dumps(queue[0]["document"])) == document
    changed = drafts.patch(document["id"], [Change(path=("data", "replies"), value=[])])
    assert parse_document(CONFIG, json.dumps(changed))["data"]["replies"] == []


@EACH_CARD
async def test_each_card_is_edited_and_nothing_beside_it(card: Card) -> None:
    modal = await Modal.on(CONFIG, full_document(CONFIG))
    before = modal.document["data"]
    await modal.edit(card.key)
    name = "" if card.record is None else card.attributes[0].name
    await modal.write(0, name, "Mine, word for word")
    await modal.save()
    after = modal.document["data"]
    value = card.value(after)
    first = value[0] if card.shape != "record" else value
    assert (first if not name else first[name]) == "Mine, word for word"
    assert after["provenance"]["edited"][card.key]
    for other in CONFIG.cards:
        if other is not card:
            assert other.value(after) == other.value(before)
