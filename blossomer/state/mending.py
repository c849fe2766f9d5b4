"""*Fix with the model*: one finding of the linter, mended in the text that it is about.

The model is asked in the background, so that the page can be worked on meanwhile. Its words take
the text's place only if that is still what was sent; *Undo* brings the old ones back.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Annotated, Any

import reflex as rx
import structlog
from pydantic import StringConstraints

from blossomer.entities.config import Card
from blossomer.entities.items import item_key
from blossomer.entities.mail import MailRole, mails_of, segment_at, segments_in
from blossomer.entities.merge import Change
from blossomer.entities.segment_edits import addresses
from blossomer.errors import UserError
from blossomer.services.email_lint import Finding
from blossomer.services.interruption import interrupted
from blossomer.services.mending import MendRequest
from blossomer.services.runtime import get_runtime
from blossomer.state.checking import CheckingMixin
from blossomer.state.mail_views import finding_of, instruction
from blossomer.state.messages import Identifier
from blossomer.state.text_places import NoSuchPlace, RefusedText, Value, text_at, value_with
from blossomer.state.validation import plain, validated
from blossomer.state.views import ErrorView
from blossomer.state.writing import GONE, input_of

log = structlog.get_logger(__name__)

FindingId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,12}-[0-9]{1,4}$")]

CHANGED_MEANWHILE = (
    "The text was changed while the model wrote, so nothing was put in its place. "
    "Ask again if the finding is still there."
)


@dataclass(frozen=True, slots=True)
class Mending:
    """A finding that is being mended.

    Args:
        run: Tells it from others.
        document_id: The document.
        card: Key of the card with the text.
        place: Where the text stands on it.
        request: What the model is asked.
        has_begun: Whether it has been asked.
    """

    run: str
    document_id: str
    card: str
    place: str
    request: MendRequest
    has_begun: bool = False
    worker: str = ""
    """By which process of the server it is carried out."""


class MendingMixin(CheckingMixin, mixin=True):
    """Mends one finding at a time."""

    mending: str = ""
    """The finding that is being mended: the e-mail's key and the finding's id."""
    mending_in: str = ""
    """The e-mail whose finding was asked about last."""
    mend_problem: ErrorView = ErrorView()

    _mend: Mending | None = None

    @rx.event
    @validated
    async def mend(self, mail: Identifier, finding: FindingId) -> Any:
        """Ask the model to mend what a finding is about."""
        report, data = self._reports.get(mail), self._open_data()
        found = finding_of(report, finding) if report is not None else None
        if found is None or data is None or self._mend is not None or self.generating:
            return None
        self.mending_in, self.mend_problem = mail, ErrorView()
        target = self._target(mail, found, self._as_typed(data))
        if target is None or not found.fixable:
            return None
        card, place = target
        if input_of(card.key, place) in self._typed:
            return None  # its input is left by the click, so that it is saved first
        request = MendRequest(
            text=text_at(card, data, place),
            finding=instruction(found),
            entity=self.entity,
            data=data,
            context=self._context(),
        )
        self._mend = Mending(secrets.token_hex(8), self.document_id, card.key, place, request)
        self.mending = f"{mail} {finding}"
        return self._event("run_mend")

    @rx.event(background=True)
    @validated
    async def run_mend(self) -> Any:
        """Ask, and put the answer where the text was."""
        async with self:
            if await self._admit("run_mend") is not None:
                return
            mend = plain(self._mend)
            if mend is None or mend.has_begun:
                return
            self._mend = replace(mend, has_begun=True, worker=get_runtime().bus.worker)
            key, owner = self._limit_key, self._owner
        text, problem = "", ErrorView()
        try:
            text = (await get_runtime().mend(mend.request, key=key)).text
        except UserError as error:
            problem = ErrorView(error.code, error.message, error.action)
        except Exception as error:  # whatever it is, the next one must be possible
            log.error("mending.broke", exc_info=error)
            problem = ErrorView(
                "internal_error",
                "Something went wrong on our side while this was being mended.",
                "Your text is unchanged. Try again.",
            )
        async with self:
            present = plain(self._mend)
            if present is None or present.run != mend.run or self._owner != owner:
                return
            self._mend, self.mending = None, ""
            if problem.code:
                self.mend_problem = problem
            elif self.document_id == mend.document_id:
                self._put_mended(mend, text)
            await self._count_left()

    @rx.event
    @validated
    async def dismiss_mending(self) -> Any:
        """Close what is said about the last mending."""
        self.mend_problem = ErrorView()

    async def _drop_lost(self) -> None:
        """Say also that a passage will not be mended whose worker is gone."""
        await super()._drop_lost()
        mend = plain(self._mend)
        if mend is None or not mend.has_begun:
            return
        if not await get_runtime().bus.is_there(mend.worker):
            self._mend, self.mending = None, ""
            error = interrupted()
            self.mend_problem = ErrorView(error.code, error.message, error.action)

    def _put_mended(self, mend: Mending, text: str) -> None:
        card, data = self._config.card(mend.card), self._open_data()
        name = input_of(mend.card, mend.place)
        if data is None or self.generating:
            return
        try:
            is_same = text_at(card, data, mend.place) == mend.request.text
            if not is_same or name in self._typed:
                self.notice = CHANGED_MEANWHILE
                return
            value = value_with(card, data, mend.place, text)
        except NoSuchPlace:
            self.notice = GONE
            return
        except RefusedText as refused:
            self.notice = str(refused)
            return
        changes = mended_changes(card, value, data)
        if changes:
            self._remember(changes)
            self._show(self._change(changes, "rewritten"))

    def _target(self, key: str, finding: Finding, data: dict[str, Any]) -> tuple[Card, str] | None:
        """The card and the place of the text that a finding is about."""
        mail = next((m for m in mails_of(self._config, data) if m.key == key), None)
        if mail is None:
            return None
        card = self._config.card(mail.card)
        role = card.mail or MailRole(mail.role, mail.label)
        if finding.part == "subject":
            at = self._config.card(role.subject_card) if role.subject_card else card
            return at, _place(at, role.subject, mail.index)
        if card.shape != "segments":
            return card, _place(card, role.body, mail.index)
        segments = segments_in(card.value(data))
        index = segment_at(segments, finding.start) if finding.start is not None else None
        return card, addresses(segments)[index] if index is not None else ""


def _place(card: Card, attribute: str, index: int | None) -> str:
    if card.choice is not None and card.choice.chosen == attribute:
        return "0"
    return attribute if index is None else f"{index}.{attribute}"


def mended_changes(card: Card, value: Value, data: dict[str, Any]) -> list[Change]:
    """The changes of a mended text: what a person wrote stays theirs, the rest does not become so.

    Args:
        card: The card.
        value: From ``value_with``.
        data: The document's data.
    """
    if isinstance(value, dict):
        present = card.value(data)
        return [
            Change(path=("data", *card.at, name), value=new)
            for name, new in value.items()
            if present.get(name) != new
        ]
    before = card.value(data)
    if value == before:
        return []
    changes = [Change(path=("data", *card.at), value=value)]
    edited = list(((data.get("provenance") or {}).get("edited") or {}).get(card.key) or ())
    if edited:
        by_id = {str(item.get("id") or n): item_key(item) for n, item in enumerate(before)}
        mine = [
            item_key(item)
            for n, item in enumerate(value)
            if by_id.get(str(item.get("id") or n)) in edited
        ]
        if mine != edited:
            changes.append(Change(path=("data", "provenance", "edited", card.key), value=mine))
    return changes
