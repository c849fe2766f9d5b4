"""What a detail page shows: the variables a browser receives, and how a document fills them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from blossomer.entities import entity_config
from blossomer.entities.config import EntityConfig
from blossomer.state.messages import Identifier
from blossomer.state.validation import validated
from blossomer.state.views import (
    CardView,
    ChoiceView,
    ErrorView,
    ItemView,
    ProvenanceView,
    StageView,
    card_views,
    item_views,
    provenance_view,
    short_url,
    web_link,
)


class DocumentMixin(rx.State, mixin=True):
    """The variables of a detail page. ``phase`` decides which of its faces is drawn.

    ``phase`` is loading, empty, ready, not_found, or unreadable. While ``generating`` is set the
    page draws the progress instead, with ``cards`` filling in.
    """

    entity: str = ""
    phase: str = "loading"
    document_id: str = ""
    name: str = ""
    description: ItemView = ItemView()
    site: str = ""
    site_link: str = ""
    cards: dict[str, CardView] = {}
    provenance: ProvenanceView = ProvenanceView()
    choices: list[ChoiceView] = []
    editing: str = ""
    save_state: str = ""

    generating: bool = False
    rewriting: str = ""
    stages: list[StageView] = []
    error: ErrorView = ErrorView()
    notice: str = ""
    allowance: str = ""

    @rx.event
    @validated
    async def tell_failure(self, reference: Identifier) -> Any:
        """Say that something broke on our side, with the reference that is in the log."""
        self.notice = (
            "Something went wrong on our side. Nothing you saved is lost. Try again; if it happens "
            f"again, quote {reference}."
        )

    @rx.event
    @validated
    async def dismiss_notice(self) -> Any:
        """Close the notice."""
        self.notice = ""

    @property
    def _config(self) -> EntityConfig:
        return entity_config(self.entity)

    def _show(self, document: Mapping[str, Any]) -> None:
        """Draw a finished document."""
        config, data = self._config, document["data"]
        self.document_id = document["id"]
        self.name = document["name"]
        self.description = item_views(data, "description", [data.get("description", "")])[0]
        url = data.get(config.url_field, "") if config.url_field else ""
        self.site, self.site_link = short_url(url), web_link(url)
        self.cards = card_views(config, data)
        self.provenance = provenance_view(data)
        self.phase = "ready"

    def _show_nothing(self, phase: str) -> None:
        """Draw a page without a document: ``empty``, ``not_found`` or ``unreadable``."""
        self.document_id = self.name = self.site = self.site_link = ""
        self.description = ItemView()
        self.cards = {}
        self.provenance = ProvenanceView()
        self.save_state = self.editing = ""
        self.phase = phase
