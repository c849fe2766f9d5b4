"""Where the documents of a test are kept, put there and looked at without the pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import uuid4

import httpx
from playwright.async_api import BrowserContext, Page

from blossomer.components.place import APP, PLAYGROUND, Place
from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.export.portable import portable
from tests.browser.server import Server
from tests.support.member import COOKIE, sign_in


class Keeping(Protocol):
    """One person's documents.

    Attributes:
        page: The person's tab.
        place: The part of the product in which they are shown.
    """

    page: Page
    place: Place

    async def put(self, documents: Sequence[Document]) -> None:
        """Keep further documents, whose parents are among them or kept already."""

    async def all(self) -> dict[str, Document]:
        """Everything that is kept, by name."""
        raise NotImplementedError


class InBrowser:
    """A visitor's: in the browser's storage."""

    place = PLAYGROUND

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url

    async def put(self, documents: Sequence[Document]) -> None:
        """Write them beside what is there; a page that is open hears of nothing."""
        items = {f"draft_{d['entity']}_{d['id']}": json.dumps(d) for d in documents}
        if not self.page.url.startswith(self._url):
            empty = f"{self._url}/empty-page-of-the-tests"
            await self.page.route(
                empty, lambda route: route.fulfill(body="", content_type="text/html")
            )
            await self.page.goto(empty)
        await self.page.evaluate(
            "items => Object.entries(items).forEach(([k, v]) => localStorage.setItem(k, v))", items
        )

    async def all(self) -> dict[str, Document]:
        """Every draft, by name."""
        stored = await self.page.evaluate("({...localStorage})")
        documents = [json.loads(text) for key, text in stored.items() if key.startswith("draft_")]
        return {document["name"]: document for document in documents}


class InAccount:
    """A member's: in the database."""

    place = APP

    def __init__(self, page: Page, url: str, cookie: str) -> None:
        self.page, self._url = page, url
        self._headers = {"Cookie": cookie, "Origin": url}

    async def put(self, documents: Sequence[Document]) -> None:
        """Import them."""
        known = await self.all()
        named = {document["id"] for document in documents}
        above = [document for document in known.values() if document["id"] not in named]
        async with httpx.AsyncClient(base_url=self._url, timeout=20) as client:
            answer = await client.post(
                "/api/import", content=portable([*above, *documents]), headers=self._headers
            )
        assert answer.status_code == 200, answer.text
        assert answer.json()["left_out"] == [], answer.text

    async def all(self) -> dict[str, Document]:
        """Everything, by name."""
        async with httpx.AsyncClient(base_url=self._url, timeout=20) as client:
            answer = await client.get("/auth/export", headers=self._headers)
        assert answer.status_code == 200, answer.text
        rows = answer.json()
        documents = [_document(row, entity) for entity in ENTITIES for row in _rows(rows, entity)]
        return {document["name"]: document for document in documents}


async def keeping_of(place: Place, context: BrowserContext, server: Server) -> Keeping:
    """Somebody new in a part of the product; in the app they are signed in."""
    page = await context.new_page()
    if not place.has_account:
        return InBrowser(page, server.url)
    cookie = await sign_in(server.url, f"{uuid4().hex}@example.com")
    secret = cookie.partition("=")[2]
    await context.add_cookies([{"name": COOKIE, "value": secret, "url": server.url}])
    return InAccount(page, server.url, cookie)


def _rows(tables: dict[str, Any], entity: str) -> list[dict[str, Any]]:
    return list(tables[ENTITIES[entity].table])


def _document(row: dict[str, Any], entity: str) -> Document:
    config = ENTITIES[entity]
    return {
        "id": row["id"],
        "entity": entity,
        "parents": {parent.entity: row[parent.column] for parent in config.parents},
        "name": row["name"],
        "status": row["status"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "inputs": row["inputs"],
        "data": row[config.data_column],
    }
