"""Plans over REST: as files for their owner alone, and back in."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.export.formats import FORMATS
from blossomer.services.export.portable import portable, read_plan
from blossomer.services.identity import causes
from blossomer.services.identity.model import Identity
from tests.api.conftest import Api
from tests.support.plans import MemoryStore, plan

ADA, BOB = "ada", "bob"
URL = "/api/companies/company-1/export"


class Sessions:
    """Takes a token for the user's id, and a cookie too."""

    async def identify_bearer(self, token: str) -> Identity:
        if token not in (ADA, BOB):
            raise causes.invalid_token()
        return Identity(user_id=token, email=None, name=None, tier="free")

    async def identify(self, cookie: str | None) -> Identity | None:
        return await self.identify_bearer(cookie.removeprefix("b=")) if cookie else None


@pytest.fixture
def stores(api: Api) -> dict[str, MemoryStore]:
    """What each user has: Ada a plan, Bob nothing."""
    stores = {ADA: MemoryStore(plan()), BOB: MemoryStore([])}
    api.runtime.sessions = Sessions()  # type: ignore[assignment]
    workspace = SimpleNamespace(store=stores.__getitem__)
    api.runtime.workspace = workspace  # type: ignore[assignment]
    return stores


@pytest.fixture
async def ada(api: Api, stores: dict[str, MemoryStore]) -> AsyncIterator[httpx.AsyncClient]:
    async with api.client(Authorization=f"Bearer {ADA}") as client:
        yield client


@pytest.fixture
async def bob(api: Api, stores: dict[str, MemoryStore]) -> AsyncIterator[httpx.AsyncClient]:
    async with api.client(Authorization=f"Bearer {BOB}") as client:
        yield client


def code(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["message"]
    assert error["action"]
    assert error["request_id"]
    return str(error["code"])


def documents_of(content: bytes) -> list[Document]:
    return [document for _, document in read_plan(content)]


async def test_markdown_by_default_with_everything_below(ada: httpx.AsyncClient) -> None:
    answer = await ada.get(URL)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["content-disposition"].startswith(
        'attachment; filename="blossomer-plan-company-company-1.md"'
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("# Company: Company company-1\n")
    assert "\n#### Campaign: Campaign campaign-4\n" in answer.text


async def test_one_document_alone(ada: httpx.AsyncClient) -> None:
    answer = await ada.get(f"{URL}?below=false")
    assert "Target account:" not in answer.text


@pytest.mark.parametrize("key", FORMATS)
async def test_every_format(ada: httpx.AsyncClient, key: str) -> None:
    answer = await ada.get(URL, params={"format": key})
    assert answer.status_code == 200, answer.text
    assert answer.content
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src")


@pytest.mark.parametrize("config", ENTITIES.values(), ids=ENTITIES)
async def test_every_entity_as_a_file_that_can_be_imported_again(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient, config: Any
) -> None:
    answer = await ada.get(f"/api/{config.path}/{config.entity}-1/export?format=json")
    documents = documents_of(answer.content)
    assert documents[0]["entity"] == "company"
    assert f"{config.entity}-1" in {d["id"] for d in documents}
    imported = await bob.post("/api/import", content=answer.content)
    assert imported.status_code == 200, imported.text
    assert sum(imported.json()["imported"].values()) == len(documents)


async def test_tables_of_a_plan_come_as_an_archive(ada: httpx.AsyncClient) -> None:
    answer = await ada.get(URL, params={"format": "csv-apollo"})
    assert answer.headers["content-type"] == "application/zip"
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 4


async def test_the_page_opens_in_the_browser_under_a_policy_of_its_own(
    ada: httpx.AsyncClient,
) -> None:
    answer = await ada.get(URL, params={"format": "print"})
    assert answer.headers["content-disposition"].startswith("inline;")
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_what_is_not_there_and_what_belongs_to_others(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    assert code(await bob.get(URL), 404) == "not_found"
    for path in (
        "/api/companies/nobody/export",
        "/api/spaceships/company-1/export",
        "/api/company/company-1/export",
        "/api/companies/a.b/export",
        "/api/accounts/company-1/export",
    ):
        assert code(await ada.get(path), 404) == "not_found"
    assert code(await ada.get(f"/api/companies/{'x' * 65}/export"), 422) == "invalid_input"


async def test_formats_that_do_not_exist_or_do_not_fit(ada: httpx.AsyncClient) -> None:
    answer = await ada.get(URL, params={"format": "pdf"})
    assert code(answer, 422) == "invalid_input"
    assert "markdown" in answer.json()["error"]["action"]
    answer = await ada.get("/api/campaigns/campaign-4/export", params={"format": "instantly"})
    assert code(answer, 422) == "invalid_input"
    assert code(await ada.get(URL, params={"below": "maybe"}), 422) == "invalid_input"


async def test_nobody_gets_and_sends_nothing(api: Api, stores: dict[str, MemoryStore]) -> None:
    async with api.client() as nobody:
        assert code(await nobody.get(URL), 401) == "sign_in_required"
        answer = await nobody.post("/api/import", content=portable(plan()))
        assert code(answer, 401) == "sign_in_required"
    async with api.client(Authorization="Bearer eve") as eve:
        assert code(await eve.get(URL), 401) == "invalid_token"
    assert stores[BOB].documents == {}


async def test_without_a_database(api: Api, ada: httpx.AsyncClient) -> None:
    api.runtime.workspace = None
    assert code(await ada.get(URL), 503) == "database_unavailable"
    answer = await ada.post("/api/import", content=portable(plan()))
    assert code(answer, 503) == "database_unavailable"


async def test_an_import_is_counted(bob: httpx.AsyncClient, stores: dict[str, MemoryStore]) -> None:
    answer = await bob.post("/api/import", content=portable(plan()))
    counts = Counter(document["entity"] for document in plan())
    assert answer.json() == {"imported": counts, "already_there": 0, "left_out": []}
    assert list(stores[BOB].documents.values()) == plan()
    answer = await bob.post("/api/import", content=portable(plan()))
    assert answer.json() == {"imported": {}, "already_there": len(plan()), "left_out": []}


async def test_what_could_not_be_kept_is_named(
    bob: httpx.AsyncClient, stores: dict[str, MemoryStore]
) -> None:
    stores[BOB].refused = {("campaign", "campaign-2")}
    answer = await bob.post("/api/import", content=portable(plan()))
    assert answer.json()["imported"]["campaign"] == 3
    assert answer.json()["left_out"] == [
        {
            "entity": "campaign",
            "name": "Campaign campaign-2",
            "reason": "It has no parent here. Import that first.",
        }
    ]


async def test_a_large_plan_is_let_through_and_a_larger_one_is_not(
    bob: httpx.AsyncClient,
) -> None:
    content = portable(plan()) + " " * 1_000_000
    assert (await bob.post("/api/import", content=content)).status_code == 200
    answer = await bob.post("/api/import", content=" " * 5_000_001)
    assert code(answer, 413) == "body_too_large"
    answer = await bob.post("/demo/companies/generate-ai", content=content)
    assert code(answer, 413) == "body_too_large"


@pytest.mark.parametrize(
    "content", ["", "nonsense", "[]", b"\xff", "{}", json.dumps(plan()[1]), "[" * 50_000]
)
async def test_what_cannot_be_read_is_refused_in_words_and_nothing_is_kept(
    bob: httpx.AsyncClient, stores: dict[str, MemoryStore], content: str | bytes
) -> None:
    answer = await bob.post("/api/import", content=content)
    assert code(answer, 422) == "unreadable_plan"
    assert stores[BOB].documents == {}


async def test_another_site_cannot_import_with_a_browser_s_cookie(
    api: Api, stores: dict[str, MemoryStore]
) -> None:
    async with api.client(Cookie=f"b={BOB}", Origin="https://evil.example") as evil:
        answer = await evil.post("/api/import", content=portable(plan()))
        assert code(answer, 403) == "foreign_origin"
    assert stores[BOB].documents == {}
    async with api.client(Cookie=f"b={BOB}", Origin="http://localhost:3000") as own:
        assert (await own.post("/api/import", content=portable(plan()))).status_code == 200
        assert (await own.get(URL)).status_code == 200


async def test_other_methods_are_refused(ada: httpx.AsyncClient) -> None:
    answer = await ada.get("/api/import")
    assert code(answer, 405) == "method_not_allowed"
    assert code(await ada.post(URL), 405) == "method_not_allowed"
