"""A visitor without an account: a page's state, and a browser that plays the bridge's part.

``Browser`` does with drafts what ``blossomer/components/browser_drafts.jsx`` does, as far as what
the server sees of it; that the real one does so is what ``tests/browser`` is for.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import reflex as rx
from reflex.istate.data import RouterData

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.entities.merge import Change, apply_changes
from blossomer.state.draft_store import draft_key
from blossomer.state.entity_page import EntityPageState
from blossomer.state.validation import plain


class Browser:
    """The drafts of one browser."""

    def __init__(self) -> None:
        self.drafts: dict[str, Document] = {}
        self.aside: dict[str, Document] = {}
        self.broken: dict[str, str] = {}
        """Texts that are no drafts, by their keys."""
        self.is_full = False

    def put(self, *documents: Document) -> None:
        """Keep documents, as if they had been made before."""
        for document in documents:
            self.drafts[draft_key(document["entity"], document["id"])] = document

    def perform(self, operation: Mapping[str, Any]) -> str:
        """Do what the server asks for; returns why it could not be done."""
        key, action = operation["key"], operation["action"]
        if self.is_full and action in ("write", "change"):
            return "full"
        if action == "write":
            self.drafts[key] = json.loads(json.dumps(operation["document"]))
        elif action == "change":
            if key not in self.drafts:
                return "missing"
            changes = [Change(**change) for change in operation["changes"]]
            self.drafts[key] = apply_changes(self.drafts[key], changes)
        elif action == "remove":
            if key in self.drafts:
                self.aside[key] = self.drafts.pop(key)
        elif action == "restore":
            if key not in self.aside:
                return "" if key in self.drafts else "missing"
            self.drafts[key] = self.aside.pop(key)
        return ""

    def read(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request: all drafts as rows, some whole with everything above them."""
        newest = sorted(self.drafts.values(), key=lambda d: d["created_at"], reverse=True)
        own = [d for d in newest if request["own"] == f"draft_{d['entity']}_"]
        wanted = list(request["wanted"]) or [draft_key(d["entity"], d["id"]) for d in own[:1]]
        texts = []
        for key in wanted:
            if key in self.broken:
                texts.append(self.broken[key])
            if (document := self.drafts.get(key)) is None:
                continue
            texts.append(json.dumps(document))
            for entity, parent in document["parents"].items():
                if (above := draft_key(entity, parent)) not in wanted:
                    wanted.append(above)
        return {
            "request": request["id"],
            "available": True,
            "unreadable": 0,
            "entries": [_entry(document, request) for document in newest],
            "documents": texts,
        }


def _entry(document: Document, request: Mapping[str, Any]) -> dict[str, Any]:
    columns = request["columns"][document["entity"]]
    words = json.dumps([document["name"], document["data"]]).casefold()
    names = ("id", "entity", "name", "status", "created_at", "updated_at", "parents")
    return {name: document[name] for name in names} | {
        "columns": {name: document["data"].get(path[-1]) for name, path in columns.items()},
        "matches": all(word in words for word in request["text"].casefold().split()),
    }


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until something is so; it is within some turns of the loop."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a page's variables set no event
            await asyncio.sleep(0)


class _Lockable:
    """A page's state that a background handler may take hold of, as Reflex hands it out."""

    def __init__(self, state: Any) -> None:
        object.__setattr__(self, "_held", state)

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *exception: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._held, name, value)

    @property
    def __class__(self) -> Any:
        return type(self._held)


class Visitor:
    """A tab of a visitor.

    Args:
        root: The state of the tab.
        state: The page's state.
        browser: Where its drafts are; several tabs may share one.
    """

    def __init__(self, root: Any, state: Any, browser: Browser) -> None:
        self._root = root
        self.state = state
        self.browser = browser
        self.address = ""
        self.files: list[tuple[str, bytes]] = []
        """What was handed out to be kept: names and contents."""
        self.focused = ""
        """The element that was last given the focus, as Reflex calls it."""
        self._answered = ""
        self._performed: set[str] = set()

    @classmethod
    async def on(cls, *documents: Document, browser: Browser | None = None) -> Visitor:
        """A tab whose browser has these drafts."""
        root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
        visitor = cls(root, await root.get_state(EntityPageState), browser or Browser())
        visitor.browser.put(*documents)
        return visitor

    async def go(self, address: str) -> None:
        """Open a page of the playground, and follow where it leads."""
        self.address = address
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        self._root.router = RouterData.from_router_data(
            {
                "pathname": parts.path,
                "asPath": address,
                "query": query,
                "headers": {"origin": "http://localhost:3000"},
            }
        )
        route = [part for part in parts.path.split("/") if part][1:]
        config = next(c for c in reversed(ENTITIES.values()) if c.route in route)
        is_list = bool(config.parents) and route[-1] == config.route
        await self.call("load_list" if is_list else "load", entity=config.entity)

    async def call(self, handler: str, **arguments: Any) -> None:
        """Have an event handled, then let the browser do its part until nothing is left to do."""
        await self.only_call(handler, **arguments)
        await self.settle()

    async def only_call(self, handler: str, **arguments: Any) -> None:
        """Have an event handled, and nothing done in the browser yet."""
        result = getattr(EntityPageState, handler).fn(_Lockable(self.state), **arguments)
        if hasattr(result, "__aiter__"):
            async for event in result:
                await self._follow(event)
        else:
            await self._follow(await result)

    async def settle(self) -> None:
        """Let the browser write and answer until it has done everything."""
        while True:
            waiting = [
                o for o in plain(self.state.drafts_operations) if o["id"] not in self._performed
            ]
            request = plain(self.state.drafts_request)
            if waiting:
                await self._write(waiting)
            elif request and request["id"] != self._answered:
                self._answered = request["id"]
                await self.only_call("drafts_read", message=self.browser.read(request))
            else:
                return

    async def _write(self, waiting: Iterable[dict[str, Any]]) -> None:
        done, failed = [], []
        for operation in waiting:
            self._performed.add(operation["id"])
            if reason := self.browser.perform(operation):
                failed.append({"id": operation["id"], "key": operation["key"], "reason": reason})
            else:
                done.append(operation["id"])
        message = {"done": done, "failed": failed, "nearly_full": False}
        await self.only_call("drafts_written", message=message)

    async def _follow(self, event: Any) -> None:
        for one in event if isinstance(event, list) else [event]:
            if one is None:
                continue
            if not hasattr(one, "args"):
                await self.only_call(one.fn.__name__)
                continue
            given = {str(name): value._decode() for name, value in one.args}
            if "path" in given:
                await self.go(given["path"])
            elif "filename" in given:
                encoded = given["url"].partition("base64,")[2]
                self.files.append((given["filename"], base64.b64decode(encoded)))
            elif "ref" in given:
                self.focused = given["ref"].removeprefix("ref_")
            else:
                await self.only_call(one.handler.fn.__name__, **given)

    @property
    def document(self) -> Document:
        """The open document as the page has it."""
        return dict(plain(self.state._documents[self.state.document_id]))

    def kept(self, entity: str) -> list[Document]:
        """The browser's drafts of an entity."""
        return [d for d in self.browser.drafts.values() if d["entity"] == entity]

    def names(self) -> list[str]:
        """What the list shows."""
        return [row.name for row in self.state.list_rows]
