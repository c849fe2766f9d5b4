"""Asking for a generation: what a form, a button or a change above a document asks to be written.

How it is carried out and shown is in ``generating.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, own_inputs
from blossomer.entities.lineage import basis_of
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.services.events import GenerationRequest
from blossomer.services.inputs import checked_inputs
from blossomer.services.requests import request_below
from blossomer.services.runtime import get_runtime
from blossomer.services.website.reader import normalise_url
from blossomer.state.choosing import is_asked_for
from blossomer.state.messages import FormValues, Identifier
from blossomer.state.proposing import ProposingMixin
from blossomer.state.validation import plain, validated

ENTITY_INPUT = "entity"
"""Name of the form's input that says what is to be generated: a form may stand on any page."""


class RequestingMixin(ProposingMixin, mixin=True):
    """Puts requests together; with the inputs of the last one, should nothing come of it."""

    typed: dict[str, str] = {}
    """What the form was sent with, put back into it when nothing came of it."""

    _failed: GenerationRequest | None = None
    """What can be tried again; of a document only with the document open."""
    _failed_document: str = ""

    @rx.event
    @validated
    async def start(self, form: FormValues) -> Any:
        """Begin a generation with what a form says."""
        if self.generating:
            return None
        entity = form.get(ENTITY_INPUT, "")
        if entity not in ENTITIES:
            return None
        config = ENTITIES[entity]
        self._turn_to(entity)
        if not config.parents:
            self._wanted = ""
        inputs = {
            field.name: form.get(field.name, "").strip()
            for field in config.form.fields
            if field.kind != "inherited" and is_asked_for(field, form)
        }
        try:
            if config.url_field and not inputs.get("pasted_text"):
                self._typed_address(inputs.get("website_url", ""))
            checked_inputs(config, inputs)
            request = await self._request(inputs)
        except UserError as error:
            self.form_problem = error.words
            return None
        return await self._begin(request)

    async def _request(self, inputs: Mapping[str, str]) -> GenerationRequest:
        """What a form asks for: a new document, or the open one written again.

        Raises:
            UserError: A parent is missing, or the database does not answer.
        """
        config = self._config
        document = plain(self._documents.get(self.document_id)) if self.is_choosing else None
        if document is not None:
            parents = document["parents"]
        else:
            parents = {p.entity: self.chosen_parents.get(p.entity, "") for p in config.parents}
        for entity, key in parents.items():
            if not key:
                label = ENTITIES[entity].label.lower()
                raise UserError(
                    "invalid_input", f"Choose a {label} first.", "Then try again.", status=422
                )
        ancestors = await self._ancestors_now(config, parents)
        return request_below(
            config,
            inputs,
            parents,
            ancestors,
            current=document["data"] if document is not None else None,
        )

    async def _ancestors_now(
        self, config: EntityConfig, parents: Mapping[str, str]
    ) -> dict[str, Document]:
        """Everything above a document with these parents, as it is now."""
        if (workspace := self._workspace) is not None:
            store = workspace.store(self._owner or "")
            found: dict[str, Document] = await store.ancestors_of_parents(config, parents)
            return found
        known: dict[str, Document] = plain(self._ancestors)
        return known

    @rx.event
    @validated
    async def try_again(self) -> Any:
        """Begin the generation that failed once more, with the same inputs."""
        request = plain(self._failed)
        if self.generating or request is None or request.entity != self.entity:
            return None
        if request.current is not None:
            return await self._write_again(request.inputs, request.only)
        try:
            ancestors = await self._ancestors_now(self._config, request.parents)
        except UserError as error:
            self.notice = error.words
            return None
        own = own_inputs(self._config, request.inputs)
        return await self._begin(request_below(self._config, own, request.parents, ancestors))

    @rx.event
    @validated
    async def change_choices(self) -> Any:
        """Show the form of the open document, to write it again with other choices."""
        document = plain(self._documents.get(self.document_id))
        if document is None or self.generating or self.editing:
            return
        self.typed = dict(document["inputs"])
        choices = {f.name for f in self._config.form.fields if f.kind in ("choice", "item")}
        self._begin_form({k: v for k, v in self.typed.items() if k in choices})
        self._list_items(self._config)
        self.is_choosing = True

    @rx.event
    @validated
    async def leave_choices(self) -> Any:
        """Close that form, and leave the document as it is."""
        self.is_choosing = False
        self.typed, self.form_problem = {}, ""

    @rx.event
    @validated
    async def write_again(self) -> Any:
        """Write the whole open document again from what is above it now."""
        return await self._write_again()

    async def _write_again(
        self, inputs: Mapping[str, str] | None = None, only: str | None = None
    ) -> Any:
        """Write the open document, or one card of it, again."""
        document = plain(self._documents.get(self.document_id))
        if document is None or self.generating or self.editing:
            return None
        if only is not None and only not in self._config.card_keys:
            return None
        try:
            ancestors = await self._ancestors_now(self._config, document["parents"])
        except UserError as error:
            self.notice = error.words
            return None
        return await self._begin(
            request_below(
                self._config,
                document["inputs"] if inputs is None else inputs,
                document["parents"],
                ancestors,
                current=document["data"],
                only=only,
            )
        )

    @rx.event
    @validated
    async def still_right(self) -> Any:
        """Note that the open document holds, whatever has changed above it."""
        document = plain(self._documents.get(self.document_id))
        if document is None or self.generating:
            return
        basis = basis_of(self._context())
        self._show(self._change([Change(path=("data", "basis"), value=basis)]))
        self._show_ancestors()

    @rx.event
    @validated
    async def rewrite(self, key: Identifier) -> Any:
        """Write one card again; items of a person are kept word for word."""
        return await self._write_again(only=key)

    def _typed_address(self, text: str) -> str:
        """The address that a person means; the reader may still choose http where none was typed.

        Raises:
            UserError: When it is none.
        """
        return normalise_url(text, allowed_hosts=get_runtime().settings.allowed_fetch_hosts)

    async def _begin(self, request: GenerationRequest) -> Any:
        """Start a generation; see ``generating.py``."""
