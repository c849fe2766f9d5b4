"""The one question after signing in: what becomes of the work in this browser.

The only handlers that read browser drafts for a signed-in user, and only to take them over or to
clear them, as the person says. They are imported in one transaction, and cleared after it.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, UnreadableDocument, checked_document
from blossomer.errors import UserError
from blossomer.services.guards import safe_return_path
from blossomer.services.runtime import get_runtime
from blossomer.state.draft_store import PREFIX
from blossomer.state.member import MemberMixin
from blossomer.state.messages import DraftsRead, DraftsWritten, operation
from blossomer.state.validation import plain, validated
from blossomer.state.views import ChoiceView

log = structlog.get_logger(__name__)

MOST_KEPT = 200
"""Drafts that are taken over at once, as many as the bridge lists."""


class KeepingState(MemberMixin, rx.State):
    """The page between signing in and the app.

    ``phase`` is looking, asking, keeping, clearing, or problem.
    """

    phase: str = "looking"
    found: list[ChoiceView] = []
    problem: str = ""
    drafts_request: dict[str, str] = {}
    drafts_operations: list[dict[str, Any]] = []

    _collected: dict[str, tuple[str, Document]] = {}
    """Readable drafts by their id, with the key of their entity."""
    _unread: list[str] = []
    _next: str = ""

    @rx.event
    @validated
    async def load(self) -> Any:
        """Look whether there is anything in this browser; nobody is asked without an account."""
        if not self._owner:
            return rx.redirect("/auth?mode=signin", replace=True)
        self._next = safe_return_path(self.router.url.query_parameters.get("next"))
        self.phase, self.problem, self.found = "looking", "", []
        self.drafts_operations, self._collected, self._unread = [], {}, []
        self._ask("")
        return None

    @rx.event
    @validated
    async def drafts_read(self, message: DraftsRead) -> Any:
        """Take what the browser answered: the list of drafts, or one of them."""
        if not self._owner or message.request != self.drafts_request.get("id"):
            return None
        if self.phase == "looking":
            self.found = [ChoiceView(id=e.id, name=e.name) for e in message.entries[:MOST_KEPT]]
            if not self.found:
                return self._go_on()
            self.phase = "asking"
            return None
        if self.phase != "keeping" or not self._unread:
            return None
        draft_id, self._unread = self._unread[0], plain(self._unread)[1:]
        try:
            config, document = _document(message.document)
            self._collected[draft_id] = (config.entity, document)
        except UnreadableDocument as error:
            # Not taken over and not cleared: whatever it is, it stays where it is.
            log.warning("draft_unreadable", reason=str(error))
        if self._unread:
            self._ask(self._unread[0])
            return None
        return await self._import()

    @rx.event
    @validated
    async def keep_work(self) -> Any:
        """Take all drafts over into the account."""
        if self._owner and self.phase in ("asking", "problem") and self.found:
            self.phase, self.problem = "keeping", ""
            self._collected = {}
            self._unread = [choice.id for choice in self.found]
            self._ask(self._unread[0])

    @rx.event
    @validated
    async def discard_work(self) -> Any:
        """Clear all drafts."""
        if self._owner and self.phase in ("asking", "problem"):
            self.phase = "looking"
            # What kind each is stands in its text, and its key is made of that.
            self._clear([(entity, c.id) for c in self.found for entity in ENTITIES])

    @rx.event
    @validated
    async def drafts_written(self, message: DraftsWritten) -> Any:
        """Go on once the browser has cleared the drafts; one that will not is no reason to stay."""
        answered = {*message.done, *(failure.id for failure in message.failed)}
        if self.phase == "clearing" and any(o["id"] in answered for o in self.drafts_operations):
            return self._go_on()
        return None

    def _unreachable(self, handler: str, error: UserError) -> None:
        del handler
        self.phase, self.problem = "problem", error.words

    async def _import(self) -> Any:
        workspace = get_runtime().workspace
        documents = [
            (ENTITIES[entity], document) for entity, document in plain(self._collected).values()
        ]
        if workspace is None:
            return self._go_on()
        try:
            imported = await workspace.store(self._owner or "").import_all(documents)
        except UserError as error:
            self.phase, self.problem = "problem", error.words
            return None
        log.info("playground_kept", documents=len(imported.kept))
        self._clear(
            [(entity, draft_id) for draft_id, (entity, _) in plain(self._collected).items()]
        )
        return None if self.drafts_operations else self._go_on()

    def _clear(self, drafts: list[tuple[str, str]]) -> None:
        self.phase = "clearing"
        self.drafts_operations = [
            operation(secrets.token_hex(8), f"{PREFIX}{entity}_{draft_id}")
            for entity, draft_id in drafts
        ]

    def _ask(self, wanted: str) -> None:
        self.drafts_request = {"id": secrets.token_hex(8), "prefix": PREFIX, "wanted": wanted}

    def _go_on(self) -> Any:
        """To where the person wanted to be; nothing of the drafts stays behind."""
        self.found, self._collected, self._unread = [], {}, []
        self.drafts_operations = []
        return rx.redirect(self._next or "/app/company", replace=True)


def _document(text: str) -> tuple[EntityConfig, Document]:
    try:
        raw = json.loads(text)
        config = ENTITIES[raw["entity"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableDocument(type(error).__name__) from None
    return config, checked_document(config, raw)
