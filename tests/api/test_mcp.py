"""AI clients, with the official SDK's own client over HTTP, on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.api.app import create_api
from blossomer.api.mcp import McpDoor
from blossomer.api.mcp.tools import all_tools
from blossomer.api.middleware import wrap
from blossomer.entities import ENTITIES, children_of
from blossomer.services.identity import causes
from blossomer.services.identity.model import Identity
from blossomer.services.runtime import build_runtime, set_runtime
from tests.database.rows import somebodys_store
from tests.support.fake_models import model_settings

PASTED = (
    "Acme plans delivery routes for regional carriers. Routes change while drivers are on the "
    "road, so that a late van does not spoil the day. Dispatchers see every stop, drivers see the "
    "next one, and customers get a text message before the van arrives. Prices are per vehicle."
)


class Served:
    """The API on a port, with two users."""

    def __init__(self, url: str, ada: str, bob: str) -> None:
        self.url, self.ada, self.bob = url, ada, bob

    @asynccontextmanager
    async def client(self, token: str, **headers: str) -> AsyncIterator[Client]:
        given = {"Authorization": f"Bearer {token}", **headers}
        async with httpx2.AsyncClient(headers=given, timeout=60) as http:
            transport = streamable_http_client(f"{self.url}/mcp", http_client=http)
            async with Client(transport) as client:
                yield client


@pytest.fixture
async def served(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Served]:
    settings = model_settings(free_generations_per_hour=4, host="127.0.0.1")
    runtime = build_runtime(settings)
    runtime.open_workspace(engine)
    ada, bob = [(await somebodys_store(engine)).user_id for _ in range(2)]

    async def identify_bearer(token: str) -> Identity:
        if token not in (ada, bob):
            raise causes.invalid_token()
        return Identity(token, None, None, "free")

    async def identify(_cookie: str | None) -> None:
        return None

    runtime.sessions = SimpleNamespace(  # type: ignore[assignment]
        identify_bearer=identify_bearer, identify=identify
    )
    set_runtime(runtime)
    door = McpDoor()
    app = wrap(create_api(settings, mcp=door), settings=settings, pages=tmp_path)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server sets no event
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://localhost:{port}", ada, bob)
    server.should_exit = True
    await serving
    await door.stop()
    await runtime.stop()
    set_runtime(None)


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer of a tool that succeeds."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]
    return dict(result.structured_content)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """The code of the failure of a tool, which also has words."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    error = result.structured_content["error"]
    assert error["message"] in result.content[0].text  # type: ignore[union-attr]
    assert error["action"]
    assert error["request_id"]
    return str(error["code"])


def test_the_tools_follow_from_the_registry() -> None:
    names = set(all_tools())
    for config in ENTITIES.values():
        assert f"generate_{config.entity}" in names
        for child in children_of(config.entity):
            assert (f"suggest_{child.path}" in names) == (child.suggestions is not None)
    for tool in all_tools().values():
        assert tool.description.endswith(".")
        schema = tool.takes.model_json_schema()
        assert schema["additionalProperties"] is False
    wizard = all_tools()["generate_campaign"].takes.model_json_schema()["properties"]
    assert {"account_id", "persona_id", "campaign_type", "emphasis"} <= set(wizard)
    assert "email" in wizard["campaign_type"]["description"]


async def test_a_plan_from_the_first_word_to_the_file(served: Served) -> None:
    async with served.client(served.ada) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(listed) == set(all_tools())
        assert listed["delete_document"].annotations.destructive_hint  # type: ignore[union-attr]
        assert listed["read_document"].annotations.read_only_hint  # type: ignore[union-attr]

        told: list[str] = []

        async def tell(_progress: float, _total: float | None, message: str | None) -> None:
            told.append(message or "")

        result = await client.call_tool(
            "generate_company", {"pasted_text": PASTED}, progress_callback=tell
        )
        company = result.structured_content
        assert not result.is_error, result.content
        assert told, "it is told what happens"
        assert company["entity"] == "company"
        assert any(entry["verified"] for entry in company["data"]["evidence"])
        account = await call(client, "generate_account", company_id=company["id"])
        assert account["parents"] == {"company": company["id"]}

        changed = await call(
            client,
            "update_document",
            entity="account",
            id=account["id"],
            data={"description": "In the words of an agent."},
            version=account["version"],
        )
        assert changed["data"]["description"] == "In the words of an agent."
        assert changed["data"]["strengths"] == account["data"]["strengths"]
        stale = {"entity": "account", "id": account["id"], "version": account["version"]}
        assert await refused(client, "update_document", name="No", **stale) == "version_conflict"

        found = await call(client, "list_documents", entity="account", search="words of an agent")
        assert [one["id"] for one in found["items"]] == [account["id"]]
        relations = await call(client, "document_relations", entity="account", id=account["id"])
        assert [one["id"] for one in relations["above"]] == [company["id"]]
        here = {"entity": "company", "id": company["id"]}
        history = await call(client, "field_history", field="description", **here)
        assert history["items"][0]["value"] == company["data"]["description"]
        assert (await call(client, "document_versions", **here))["items"]

        file = await client.call_tool("export_document", {**here, "format": "markdown"})
        assert "In the words of an agent." in file.content[0].resource.text  # type: ignore[union-attr]
        word = await client.call_tool("export_document", {**here, "format": "docx"})
        assert word.content[0].resource.blob  # type: ignore[union-attr]

        gone = await call(client, "delete_document", **here)
        assert gone["below"] == {"account": 1}
        assert await refused(client, "read_document", **here) == "not_found"
        await call(client, "restore_document", **here)
        assert (await call(client, "read_document", **here))["name"] == company["name"]


async def test_generations_are_counted_as_everywhere(served: Served) -> None:
    async with served.client(served.ada) as client:
        company = await call(client, "generate_company", pasted_text=PASTED)
        assert (await call(client, "remaining_generations"))["left"] == 3
        suggested = await call(client, "suggest_accounts", company_id=company["id"], most=3)
        assert [one["state"] for one in suggested["documents"]] == ["done"] * 3
        assert (await call(client, "remaining_generations"))["left"] == 0
        assert await refused(client, "generate_company", pasted_text=PASTED) == "rate_limited"


async def test_nobody_reaches_what_is_not_theirs(served: Served) -> None:
    async with served.client(served.ada) as client:
        own = await call(client, "create_document", entity="company", name="Mine")
    async with served.client(served.bob) as client:
        here = {"entity": "company", "id": own["id"]}
        for tool in ("read_document", "delete_document", "document_relations", "export_document"):
            assert await refused(client, tool, **here) == "not_found"
        assert await refused(client, "update_document", name="Taken", **here) == "not_found"
        assert (await call(client, "list_documents", entity="company"))["total"] == 0


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read_document", {}),
        ("read_document", {"entity": "company"}),
        ("read_document", {"entity": "nothing", "id": "x"}),
        ("read_document", {"entity": "company", "id": 7}),
        ("read_document", {"entity": "company", "id": "x" * 100_000}),
        ("read_document", {"entity": "company", "id": "x", "more": 1}),
        ("list_documents", {"entity": "company", "limit": 10**9}),
        ("list_documents", {"entity": "company", "cursor": "{}"}),
        ("list_documents", {"entity": "company", "sort": "id; drop table users"}),
        ("generate_company", {"website_url": "http://169.254.169.254/"}),
        ("generate_account", {"company_id": "00000000-0000-4000-8000-000000000000"}),
        ("update_document", {"entity": "company", "id": "x", "data": {"a": {"b": {}}}}),
    ],
)
async def test_what_cannot_be_used_is_said(
    served: Served, tool: str, arguments: dict[str, Any]
) -> None:
    async with served.client(served.ada) as client:
        assert await refused(client, tool, **arguments) in {
            "invalid_input",
            "invalid_cursor",
            "not_found",
            "parent_missing",
            "address_not_allowed",
        }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer nobody"}, 401),
        ({"Authorization": "Basic YTpi"}, 401),
        ({"Cookie": "blossomer=anything"}, 401),
    ],
)
async def test_only_a_token_opens_the_door(
    served: Served, headers: dict[str, str], status: int
) -> None:
    async with httpx.AsyncClient(base_url=served.url, headers=headers) as client:
        answer = await client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code == status
    assert answer.json()["error"]["request_id"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_page_of_somebody_else_s_is_refused(served: Served) -> None:
    headers = {"Authorization": f"Bearer {served.ada}", "Origin": "https://evil.example"}
    async with httpx.AsyncClient(base_url=served.url, headers=headers) as client:
        answer = await client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_origin"
