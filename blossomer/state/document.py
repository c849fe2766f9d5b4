"""What a detail page shows: the variables a browser receives, and how a document fills them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities import entity_config
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.state.member import MemberMixin
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


class DocumentMixin(MemberMixin, mixin=True):
    """The variables of a detail page. ``phase`` decides which of its faces is drawn.

    ``phase`` is loading, empty, ready, not_found, unreadable, or unavailable; empty is also where a
    new document is asked for. While ``generating``
    is set the page draws the progress instead, with ``cards`` filling in.
    """

    entity: str = ""
    kind: str = ""
    """Of which kind the open document is, or the one being written."""
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
    allowance: str = ""

    _documents: dict[str, Document] = {}
    """The open document by its id; empty when none is open."""

    @property
    def _config(self) -> EntityConfig:
        return entity_config(self.entity)

    def _unreachable(self, handler: str, error: UserError) -> None:
        super()._unreachable(handler, error)
        if handler == "load" and not self.editing:
            self._show_nothing("unavailable")

    def _show(self, document: Mapping[str, Any]) -> None:
        """Draw a finished document."""
        config, data = self._config, document["data"]
        self.document_id = document["id"]
        self.kind = config.kind_of(data)
        self.name = document["name"]
        self.description = item_views(data, "description", [data.get("description", "")])[0]
        url = data.get(config.url_field, "") if config.url_field else ""
        self.site, self.site_link = short_url(url), web_link(url)
        self.cards = card_views(config, data)
        self.provenance = provenance_view(data)
        self.phase = "ready"

    def _show_nothing(self, phase: str) -> None:
        """Draw a page without a document, in another phase than ``ready``."""
        self.document_id = self.kind = self.name = self.site = self.site_link = ""
        self.description = ItemView()
        self.cards = {}
        self.provenance = ProvenanceView()
        self.save_state = self.editing = ""
        self.phase = phase
