"""A signed-in user's documents over REST: what each path does, for every entity."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from blossomer.api.examples import body_example
from blossomer.entities import ENTITIES, above, below
from blossomer.entities.config import EntityConfig
from tests.api.test_demo import sse
from tests.rest.conftest import PASTED, Rest, chain, good, refused

EACH = pytest.mark.parametrize("config", ENTITIES.values(), ids=ENTITIES)
ACCOUNT = ENTITIES["account"]


@EACH
async def test_the_whole_life_of_a_document(ada: httpx.AsyncClient, config: EntityConfig) -> None:
    made = (await chain(ada))[config.entity]
    url = f"/api/{config.path}/{made['id']}"
    answer = await ada.get(url)
    assert good(answer) == made
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["cache-control"] == "no-store"
    assert (await ada.get(url, headers={"If-None-Match": '"1"'})).status_code == 304
    assert (await ada.get(url, headers={"If-None-Match": 'W/"1"'})).status_code == 304
    assert (await ada.get(url, headers={"If-None-Match": '"2"'})).status_code == 200

    patched = await ada.patch(url, json={"name": "Another", "data": {"description": "New."}})
    assert patched.headers["etag"] == '"2"'
    assert good(patched)["name"] == "Another"
    assert good(patched)["data"]["description"] == "New."
    edited = good(patched)["data"]["provenance"]["edited"]
    assert edited[config.name_field] == ["Another"]

    rows = good(await ada.get(f"/api/{config.path}", params={"q": "anoth"}))
    assert [row["id"] for row in rows["items"]] == [made["id"]]
    relations = good(await ada.get(f"{url}/relations"))
    assert [each["entity"] for each in relations["above"]] == [
        each.entity for each in above(config.entity)
    ]
    assert set(relations["below"]) == {each.entity for each in below(config.entity)}
    versions = good(await ada.get(f"{url}/versions"))
    assert versions["items"][0]["fields"] == ["name", "description"]
    held = good(await ada.get(f"{url}/fields/description/versions"))
    assert held["items"][0]["value"] == "New."
    file = await ada.get(f"{url}/export", params={"below": "false"})
    assert "Another" in file.text

    deleted = good(await ada.delete(url))
    assert sum(deleted["below"].values()) == len(below(config.entity))
    refused(await ada.get(url), 404, "not_found")
    refused(await ada.delete(url), 404, "not_found")
    restored = good(await ada.post(f"{url}/restore"))
    assert restored == deleted
    refused(await ada.post(f"{url}/restore"), 404, "not_restorable")
    assert good(await ada.get(url)) == good(patched)


async def test_if_match_decides(ada: httpx.AsyncClient) -> None:
    made = (await chain(ada))["company"]
    url = f"/api/companies/{made['id']}"
    first = await ada.get(url)
    await ada.patch(url, json={"name": "Of somebody else"})
    for header in (first.headers["etag"], '"nonsense"', "7", "", 'W/"1"'):
        answer = await ada.patch(url, json={"name": "Late"}, headers={"If-Match": header})
        refused(answer, 412, "version_conflict")
    for header in ('"2"', '"1", "3"', "*", 'W/"5"'):
        answer = await ada.patch(url, json={"name": header}, headers={"If-Match": header})
        assert good(answer)["name"] == header


async def test_a_patch_leaves_its_neighbours_alone(ada: httpx.AsyncClient) -> None:
    made = (await chain(ada))["campaign"]
    url = f"/api/campaigns/{made['id']}"
    segments = [{"type": "greeting", "text": "Hello  {{first_name}},\n\tone"}, {"text": "é\u2028x"}]
    await ada.patch(url, json={"data": {"email_content": {"segments": segments}}})
    before = good(await ada.get(url))["data"]
    after = good(
        await ada.patch(
            url, json={"data": {"email_content": {"subject": "S"}, "insights": ["One"]}}
        )
    )["data"]
    before["email_content"]["subject"] = "S"
    before["insights"] = ["One"]
    edited = before["provenance"]["edited"]
    edited["subjects"], edited["insights"] = ["subject"], ["One"]
    assert json.dumps(after, sort_keys=True) == json.dumps(before, sort_keys=True)


async def test_lists_go_on_where_they_were(ada: httpx.AsyncClient) -> None:
    for number in range(5):
        good(await ada.post("/api/companies", json={"name": f"Company {number}"}), 201)
    page = good(await ada.get("/api/companies", params={"limit": 2}))
    assert page["total"] == 5
    seen = [row["name"] for row in page["items"]]
    while page["next_cursor"]:
        good(await ada.post("/api/companies", json={"name": "Company new"}), 201)
        query = {"limit": 2, "cursor": page["next_cursor"]}
        page = good(await ada.get("/api/companies", params=query))
        seen += [row["name"] for row in page["items"]]
    assert seen == [f"Company {number}" for number in (4, 3, 2, 1, 0)]
    named = good(await ada.get("/api/companies", params={"sort": "name", "order": "asc"}))
    assert [row["name"] for row in named["items"]][:5] == seen[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "nonsense"}, {"limit": "0"}, {"limit": "101"}, {"limit": "many"},
        {"sort": "colour"}, {"order": "up"}, {"status": "gone"}, {"company": "<b>"},
        {"account": "x"}, {"surname": "x"}, {"q": "x" * 201},
    ],
)  # fmt: skip
async def test_lists_refuse_what_they_do_not_know(
    ada: httpx.AsyncClient, query: dict[str, str]
) -> None:
    answer = await ada.get("/api/accounts", params=query)
    refused(answer, 422, "invalid_cursor" if "cursor" in query else "invalid_input")


async def test_lists_are_filtered(ada: httpx.AsyncClient) -> None:
    made = await chain(ada)
    company = {"company": made["company"]["id"]}
    for query, total in (
        (company, 1),
        ({"company": str(uuid4())}, 0),
        ({**company, "kind": "email", "status": "saved"}, 1),
        ({"kind": "ad"}, 0),
        ({"status": "draft"}, 0),
        ({"kind": "", "q": ""}, 1),
    ):
        assert good(await ada.get("/api/campaigns", params=query))["total"] == total


async def test_what_is_generated_is_kept(ada: httpx.AsyncClient, rest: Rest) -> None:
    answer = await ada.post("/api/companies/generate-ai", json={"inputs": {"pasted_text": PASTED}})
    company = good(answer, 201)
    assert answer.headers["location"] == f"/api/companies/{company['id']}"
    assert int(answer.headers["ratelimit-remaining"]) == 49
    assert good(await ada.get(answer.headers["location"])) == company

    body = {"inputs": {"name": "Terminals"}, "parents": {"company": company["id"]}}
    account = good(await ada.post("/api/accounts/generate-ai", json=body), 201)
    url = f"/api/accounts/{account['id']}"
    mine = ["My own words"]
    await ada.patch(url, json={"data": {"strengths": mine}})
    again = good(await ada.post(f"{url}/generate-ai", json={"only": "strengths"}))
    assert mine[0] in again["data"]["strengths"]
    again = good(await ada.post(f"{url}/fields/challenges/generate-ai"))
    assert again["data"]["strengths"]
    changed = {"inputs": {"hypothesis": "They have too few cranes."}}
    again = good(await ada.post(f"{url}/generate-ai", json=changed))
    assert again["inputs"]["hypothesis"] == "They have too few cranes."
    assert mine[0] in again["data"]["strengths"]


@EACH
async def test_every_entity_is_written(ada: httpx.AsyncClient, config: EntityConfig) -> None:
    body = {"inputs": {"pasted_text": PASTED}}
    made = {"company": good(await ada.post("/api/companies/generate-ai", json=body), 201)}
    for parent in above(config.entity)[1:]:
        nearest = parent.parents[-1].entity
        own = {"name": "Terminals", "parents": {nearest: made[nearest]["id"]}}
        made[parent.entity] = good(await ada.post(f"/api/{parent.path}", json=own), 201)
    inputs = body_example(config)
    asked = {field.name for field in config.form.fields if field.kind != "inherited"}
    body = {"inputs": {key: value for key, value in inputs.items() if key in asked}}
    if config.parents:
        nearest = config.parents[-1].entity
        body["parents"] = {nearest: made[nearest]["id"]}
    else:
        body["inputs"] = {"pasted_text": PASTED}
    written = good(await ada.post(f"/api/{config.path}/generate-ai", json=body), 201)
    assert written["status"] == "draft"
    assert (
        config.data_model.model_validate(written["data"]).model_dump(mode="json")
        == (written["data"])
    )
    url = f"/api/{config.path}/{written['id']}"
    again = good(await ada.post(f"{url}/fields/{config.cards[0].key}/generate-ai"))
    assert again["id"] == written["id"]
    assert again["data"]["provenance"] == written["data"]["provenance"]


async def test_a_generation_as_events(ada: httpx.AsyncClient) -> None:
    events = {"Accept": "text/event-stream"}
    body = {"inputs": {"pasted_text": PASTED}}
    answer = await ada.post("/api/companies/generate-ai", json=body, headers=events)
    assert answer.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in sse(answer.text)]
    assert names[0] == "stage"
    assert names[-1] == "completed"
    company = sse(answer.text)[-1][1]
    assert good(await ada.get(f"/api/companies/{company['id']}"))["data"] == company["data"]

    url = f"/api/companies/{company['id']}"
    answer = await ada.post(f"{url}/fields/capabilities/generate-ai", headers=events)
    assert sse(answer.text)[-1][0] == "completed"
    answer = await ada.post(f"{url}/suggest", json={"most": 2}, headers=events)
    told = sse(answer.text)
    assert told[-1][0] == "completed"
    assert {name for name, _ in told[:-1]} == {"progress"}
    ids = [each["id"] for each in told[-1][1]["documents"]]
    rows = good(await ada.get("/api/accounts", params={"company": company["id"]}))["items"]
    assert {row["id"] for row in rows} == set(ids)

    short = {"inputs": {"pasted_text": "Too short."}}
    answer = await ada.post("/api/companies/generate-ai", json=short, headers=events)
    if answer.status_code == 200:
        assert sse(answer.text)[-1][0] == "failed"
    else:
        refused(answer, 422, "pasted_text_too_short")


async def test_suggestions(ada: httpx.AsyncClient) -> None:
    body = {"inputs": {"pasted_text": PASTED}}
    company = good(await ada.post("/api/companies/generate-ai", json=body), 201)
    url = f"/api/companies/{company['id']}/suggest"
    answer = good(await ada.post(url, json={}))
    assert answer["is_over"] is True
    assert {each["state"] for each in answer["documents"]} == {"done"}
    refused(await ada.post(url, json={"entity": "persona"}), 422, "invalid_input")
    refused(await ada.post(url, json={"most": 0}), 422, "invalid_input")


async def test_what_is_proposed_is_decided_on(ada: httpx.AsyncClient) -> None:
    body = {"inputs": {"pasted_text": PASTED}}
    company = good(await ada.post("/api/companies/generate-ai", json=body), 201)
    url = f"/api/companies/{company['id']}"
    mine = [f"Mine {number}" for number in range(6)]
    await ada.patch(url, json={"data": {"capabilities": mine}})
    decision = f"{url}/fields/capabilities/proposal"
    refused(await ada.post(decision, json={"accept": True}), 404, "nothing_proposed")
    proposed = good(await ada.post(f"{url}/fields/capabilities/generate-ai"))
    assert proposed["data"]["capabilities"] == mine
    assert proposed["data"]["proposals"]["capabilities"]["value"]
    accepted = good(await ada.post(decision, json={"accept": True}))
    assert (
        accepted["data"]["capabilities"] == proposed["data"]["proposals"]["capabilities"]["value"]
    )
    for wrong in ({}, {"accept": "yes"}, {"accept": True, "more": 1}):
        refused(await ada.post(decision, json=wrong), 422, "invalid_input")


async def test_what_changed_above_is_told_until_it_is_confirmed(ada: httpx.AsyncClient) -> None:
    made = await chain(ada)
    company, account = made["company"]["id"], made["account"]["id"]
    await ada.patch(f"/api/companies/{company}", json={"data": {"capabilities": ["Else"]}})
    relations = good(await ada.get(f"/api/accounts/{account}/relations"))
    assert [each["entity"] for each in relations["outdated"]] == ["company"]
    good(await ada.post(f"/api/accounts/{account}/still-right"))
    assert good(await ada.get(f"/api/accounts/{account}/relations"))["outdated"] == []


@EACH
async def test_what_belongs_to_others_is_as_if_it_were_not_there(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient, config: EntityConfig
) -> None:
    made = (await chain(ada))[config.entity]
    before = good(await ada.get(f"/api/{config.path}/{made['id']}"))
    bodies: dict[str, Any] = {"json": {"name": "Mine"}}
    for method, path, more in (
        ("GET", "", {}),
        ("PATCH", "", bodies),
        ("PATCH", "", {**bodies, "headers": {"If-Match": '"1"'}}),
        ("DELETE", "", {}),
        ("POST", "/restore", {}),
        ("GET", "/relations", {}),
        ("GET", "/versions", {}),
        ("GET", "/fields/name/versions", {}),
        ("POST", "/generate-ai", {"json": {}}),
        ("POST", f"/fields/{config.cards[0].key}/generate-ai", {}),
        ("POST", f"/fields/{config.cards[0].key}/proposal", {"json": {"accept": True}}),
        ("POST", "/still-right", {}),
        ("GET", "/export", {}),
    ):
        seen = []
        for key in (made["id"], str(uuid4()), "nothing", "%00", "a.b"):
            answer = await bob.request(method, f"/api/{config.path}/{key}{path}", **more)
            error = answer.json()["error"]
            seen.append((answer.status_code, error["code"], error["message"], error["action"]))
        assert seen[0][0] == 404
        assert len(set(seen)) == 1, (method, path, seen)
    assert good(await bob.get(f"/api/{config.path}"))["total"] == 0
    assert good(await ada.get(f"/api/{config.path}/{made['id']}")) == before
    for child in below(config.entity):
        if child.parents[-1].entity != config.entity:
            continue
        data = {child.kind_field: child.kinds[0].value} if child.kinds else {}
        theirs = {"name": "Mine", "data": data, "parents": {config.entity: made["id"]}}
        refused(await bob.post(f"/api/{child.path}", json=theirs), 404, "parent_missing")


async def test_what_cannot_be_kept(ada: httpx.AsyncClient) -> None:
    for path, body, status, code in (
        ("companies", {}, 422, "invalid_input"),
        ("companies", {"name": ""}, 422, "invalid_input"),
        ("companies", {"name": " "}, 422, "invalid_input"),
        ("companies", {"name": "x" * 201}, 422, "invalid_input"),
        ("companies", {"name": 5}, 422, "invalid_input"),
        ("companies", {"name": None}, 422, "invalid_input"),
        ("companies", {"name": "A", "id": str(uuid4())}, 422, "invalid_input"),
        ("companies", {"name": "A", "data": {"provenance": {}}}, 422, "invalid_input"),
        ("companies", {"name": "A", "inputs": {"website_url": "ftp://a"}}, 400, "invalid_url"),
        ("accounts", {"name": "A"}, 422, "invalid_input"),
        ("accounts", {"name": "A", "parents": {"company": str(uuid4())}}, 404, "parent_missing"),
        ("accounts", {"name": "A", "parents": {"company": "x"}}, 404, "parent_missing"),
        ("accounts", {"name": "A", "parents": {"user": "x"}}, 422, "invalid_input"),
    ):
        refused(await ada.post(f"/api/{path}", json=body), status, code)
    for config in ENTITIES.values():
        assert good(await ada.get(f"/api/{config.path}"))["total"] == 0


async def test_drafts_are_kept_by_saying_so(ada: httpx.AsyncClient) -> None:
    body = {"inputs": {"pasted_text": PASTED}}
    made = good(await ada.post("/api/companies/generate-ai", json=body), 201)
    assert made["status"] == "draft"
    kept = good(await ada.patch(f"/api/companies/{made['id']}", json={"status": "saved"}))
    assert (kept["status"], kept["version"]) == ("saved", 2)
