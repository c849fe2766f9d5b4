"""E-mails on a page while they are written: the linter's findings, a preview, and what is copied.

Only findings are kept of what is typed: the text itself arrives when its input is left. Nothing
here changes a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from blossomer.entities import ENTITIES
from blossomer.entities.attributes import Limit
from blossomer.entities.config import Card
from blossomer.entities.mail import (
    SAMPLE_READERS,
    Mail,
    SampleReader,
    mails_of,
    segment_at,
    segments_in,
)
from blossomer.services.email_lint import LintReport, Sources
from blossomer.services.mail_check import check_mails, mail_sources
from blossomer.services.runtime import get_runtime
from blossomer.state.mail_views import MailView, ReaderView, mail_view, reader_views
from blossomer.state.messages import Identifier
from blossomer.state.text_places import NoSuchPlace, RefusedText, text_at, value_with
from blossomer.state.validation import plain, validated
from blossomer.state.writing import (
    Place,
    WritingMixin,
    WrittenText,
    input_of,
    is_unchanged,
    with_card,
)

TOKENS_STAY = "tokens"
"""Instead of a sample reader: the tokens are shown and copied as they are."""


class CheckingMixin(WritingMixin, mixin=True):
    """Findings by the e-mail's key; empty for documents without e-mails."""

    mails: dict[str, MailView] = {}
    mail_choices: list[ReaderView] = []
    """The e-mails that can be previewed."""
    previewed: str = ""
    readers: list[ReaderView] = [
        ReaderView(key=TOKENS_STAY, label="Tokens as they are"),
        *reader_views(SAMPLE_READERS),
    ]
    reader: str = TOKENS_STAY
    has_model: bool = False

    copied: str = ""
    """What was copied last, as the button that did it calls it."""
    copy_version: int = 0
    """Grows with every change of what could be copied."""
    copy_again: int = 0
    """Grows when a button copied what was no longer right; then the page copies again."""
    copy_text: str = ""

    _reports: dict[str, LintReport] = {}
    _sources: Sources = ()

    @rx.event
    @validated
    async def check_typing(self, card: Identifier, place: Place, text: WrittenText) -> Any:
        """Say what is to be said of a text while it is being typed."""
        found, data = self._written_card(card), self._open_data()
        if found is None or data is None or self.generating:
            return
        try:
            present = text_at(found, data, place)
        except NoSuchPlace:
            return
        name, typed = input_of(card, place), plain(self._typed)
        if is_unchanged(found, present, text):
            typed.pop(name, None)
        else:
            typed[name] = text
        self._typed = typed
        self._check()

    @rx.event
    @validated
    async def preview(self, mail: Identifier) -> Any:
        """Show another e-mail in the preview."""
        if mail in self.mails:
            self.previewed = mail

    @rx.event
    @validated
    async def preview_as(self, reader: Identifier) -> Any:
        """Fill in another reader's names in what is shown and copied, or leave the tokens."""
        if reader in {known.key for known in self.readers}:
            self.reader = reader
            self._check()

    @rx.event
    @validated
    async def note_copied(
        self,
        mail: Identifier,
        part: Annotated[str, Field(pattern="^(subject|body|both)$")],
        version: Annotated[int, Field(ge=0)],
    ) -> Any:
        """Say that something was copied; once more if it was overtaken by a change on its way."""
        if mail not in self.mails:
            return
        view = plain(self.mails[mail])
        self.copied = f"{mail} {part}"
        if version != self.copy_version:
            both = f"{view.subject}\n\n{view.body}"
            self.copy_text = {"subject": view.subject, "body": view.body, "both": both}[part]
            self.copy_again += 1

    def _show(self, document: Mapping[str, Any]) -> None:
        super()._show(document)
        self._find_sources(document)
        self._check()

    def _show_nothing(self, phase: str) -> None:
        super()._show_nothing(phase)
        self.mails, self.mail_choices, self.previewed, self.copied = {}, [], "", ""
        self._reports, self._sources = {}, ()

    def _show_ancestors(self) -> None:
        super()._show_ancestors()
        document = self._documents.get(self.document_id)
        if document is not None and self.mails:
            self._find_sources(document)
            self._check()

    def _find_sources(self, document: Mapping[str, Any]) -> None:
        if not any(card.mail for card in self._config.cards):
            return
        above = [
            (ENTITIES[entity], ancestor) for entity, ancestor in plain(self._ancestors).items()
        ]
        self._sources = mail_sources(document["data"], document.get("inputs") or {}, above)

    def _check(self) -> None:
        """Look at all e-mails of the open document, as they are typed at this moment."""
        config = self._config
        has_mails = any(card.mail for card in config.cards)
        if not has_mails or (data := self._open_data()) is None:
            if self.mails or self._reports:
                self.mails, self.mail_choices, self._reports = {}, [], {}
            return
        self.has_model = bool(get_runtime().router.models)
        data = self._as_typed(data)
        found = mails_of(config, data)
        self._reports = check_mails(found, self._sources)
        views = {
            mail.key: mail_view(
                mail, self._reports[mail.key], self._limit_of_body(mail), self._sample_reader()
            )
            for mail in found
        }
        before = {key: (view.subject, view.body) for key, view in plain(self.mails).items()}
        if before != {key: (view.subject, view.body) for key, view in views.items()}:
            self.copy_version += 1
            self.copied = ""
        self.mails = views
        self.mail_choices = [ReaderView(key=mail.key, label=mail.label) for mail in found]
        if self.previewed not in views:
            self.previewed = found[0].key if found else ""
        self._mark_parts(found, data)

    def _as_typed(self, data: dict[str, Any]) -> dict[str, Any]:
        """The document's data with what stands in inputs and is not saved."""
        typed = plain(self._typed)
        for card in self._config.cards_of(self._config.kind_of(data)):
            prefix = input_of(card.key, "")
            for name, text in typed.items():
                if not name.startswith(prefix):
                    continue
                try:
                    value = value_with(card, data, name.removeprefix(prefix), text)
                except (NoSuchPlace, RefusedText):
                    continue
                data = with_card(data, card, value)
        return data

    def _mark_parts(self, found: list[Mail], data: Mapping[str, Any]) -> None:
        """Say at each part how many findings are about it."""
        all_parts = plain(self.parts)
        for mail in found:
            if mail.card not in all_parts:
                continue
            segments = segments_in(self._config.card(mail.card).value(data))
            parts = all_parts[mail.card]
            counts: dict[int, list[bool]] = {}
            for finding in self._reports[mail.key].findings:
                if finding.part == "body" and finding.start is not None:
                    at = segment_at(segments, finding.start)
                    if at is not None and finding.severity != "info":
                        counts.setdefault(at, []).append(finding.severity == "error")
            for index, part in enumerate(parts):
                part.findings = len(counts.get(index, ()))
                part.has_error = any(counts.get(index, ()))
        if all_parts != plain(self.parts):
            self.parts = all_parts

    def _limit_of_body(self, mail: Mail) -> Limit | None:
        card: Card = self._config.card(mail.card)
        if card.mail is None:
            return None
        return next((a.limit for a in card.attributes if a.name == card.mail.body), None)

    def _sample_reader(self) -> SampleReader | None:
        return next((one for one in SAMPLE_READERS if one.key == self.reader), None)
