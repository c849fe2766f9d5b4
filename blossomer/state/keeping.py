"""The one question after signing in: what becomes of the work in this browser.

The only handlers that read browser drafts for a signed-in user, and only to take them over or to
clear them, as the person says. They are imported in one transaction, and cleared after it.
"""

from __future__ import annotations

import secrets
from typing import Any

import reflex as rx
import structlog

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.services.guards import safe_return_path
from blossomer.services.runtime import get_runtime
from blossomer.state.draft_list import documents_of, draft_request, rows_of
from blossomer.state.draft_store import draft_key
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
    drafts_request: dict[str, Any] = {}
    drafts_operations: list[dict[str, Any]] = []

    _drafts: list[list[str]] = []
    """Entity and id of every draft that was found."""
    _collected: dict[str, Document] = {}
    """Readable drafts by their id."""
    _unread: list[list[str]] = []
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
        self.drafts_request = draft_request("")
        return None

    @rx.event
    @validated
    async def drafts_read(self, message: DraftsRead) -> Any:
        """Take what the browser answered: the list of drafts, or some of them."""
        if not self._owner or message.request != self.drafts_request.get("id"):
            return None
        if self.phase == "looking":
            rows = rows_of(message)[:MOST_KEPT]
            self.found = [ChoiceView(id=row.id, name=row.name) for row in rows]
            self._drafts = [[row.entity, row.id] for row in rows]
            if not self.found:
                return self._go_on()
            self.phase = "asking"
            return None
        if self.phase != "keeping" or not self._unread:
            return None
        documents, faults = documents_of(message)
        for fault in faults:
            # Not taken over and not cleared: whatever it is, it stays where it is.
            log.warning("draft_unreadable", reason=fault)
        self._collected = {
            **plain(self._collected),
            **{document["id"]: document for document in documents},
        }
        left = [key for key in plain(self._unread)[1:] if key[1] not in self._collected]
        self._unread = left
        if left:
            self._ask(left[0])
            return None
        return await self._import()

    @rx.event
    @validated
    async def keep_work(self) -> Any:
        """Take all drafts over into the account."""
        if self._owner and self.phase in ("asking", "problem") and self.found:
            self.phase, self.problem = "keeping", ""
            self._collected = {}
            self._unread = plain(self._drafts)
            self._ask(self._unread[0])

    @rx.event
    @validated
    async def discard_work(self) -> Any:
        """Clear all drafts."""
        if self._owner and self.phase in ("asking", "problem"):
            self.phase = "looking"
            self._clear([(entity, key) for entity, key in plain(self._drafts)])

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
            (ENTITIES[document["entity"]], document) for document in plain(self._collected).values()
        ]
        if workspace is None:
            return self._go_on()
        try:
            imported = await workspace.store(self._owner or "").import_all(documents)
        except UserError as error:
            self.phase, self.problem = "problem", error.words
            return None
        log.info("playground_kept", documents=len(imported.kept))
        left_out = {refusal.id for refusal in imported.left_out}
        # What could not be taken over is not cleared either.
        self._clear(
            [
                (config.entity, document["id"])
                for config, document in documents
                if document["id"] not in left_out
            ]
        )
        return None if self.drafts_operations else self._go_on()

    def _clear(self, drafts: list[tuple[str, str]]) -> None:
        self.phase = "clearing"
        self.drafts_operations = [
            operation(secrets.token_hex(8), draft_key(entity, draft_id), "forget")
            for entity, draft_id in drafts
        ]

    def _ask(self, wanted: list[str]) -> None:
        self.drafts_request = draft_request("", [(wanted[0], wanted[1])])

    def _go_on(self) -> Any:
        """To where the person wanted to be; nothing of the drafts stays behind."""
        self.found, self._drafts, self._collected, self._unread = [], [], {}, []
        self.drafts_operations = []
        return rx.redirect(self._next or "/app/company", replace=True)
