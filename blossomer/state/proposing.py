"""Cards that were written again and would touch a person's words: shown, accepted, declined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from blossomer.entities.items import item_lines
from blossomer.entities.proposals import accept_proposal, decline_proposal
from blossomer.errors import UserError
from blossomer.state.mending import MendingMixin
from blossomer.state.messages import Identifier
from blossomer.state.validation import plain, validated


@dataclass
class LineView:
    """One line of a proposal: ``state`` is same, new or gone."""

    text: str = ""
    state: str = "same"


@dataclass
class ProposalView:
    """A card as it is, and as it would be."""

    key: str = ""
    label: str = ""
    now: list[LineView] = field(default_factory=list)
    then: list[LineView] = field(default_factory=list)


class ProposingMixin(MendingMixin, mixin=True):
    """What waits for the person's word."""

    proposals: list[ProposalView] = []

    def _show(self, document: Mapping[str, Any]) -> None:
        super()._show(document)
        config, data = self._config, document["data"]
        self.proposals = [
            _view(config.card(key), data, proposal["value"])
            for key, proposal in (data.get("proposals") or {}).items()
            if proposal is not None and key in config.card_keys
        ]

    def _show_nothing(self, phase: str) -> None:
        super()._show_nothing(phase)
        self.proposals = []

    @rx.event
    @validated
    async def accept(self, key: Identifier) -> Any:
        """Put what was proposed in the place of what is there; it can be undone."""
        document = plain(self._documents.get(self.document_id))
        if document is None or self.generating or self.editing or key not in self._config.card_keys:
            return
        try:
            changes = accept_proposal(document["data"], self._config, key)
        except UserError as error:
            self.notice = error.words
            return
        if changes:
            self._remember(changes)
            self._show(self._change(changes, "rewritten"))

    @rx.event
    @validated
    async def decline(self, key: Identifier) -> Any:
        """Keep what is there, and forget what was proposed."""
        document = self._documents.get(self.document_id)
        if document is None or self.generating or key not in self._config.card_keys:
            return
        self._show(self._change(decline_proposal(key)))


def _view(card: Any, data: Mapping[str, Any], value: Any) -> ProposalView:
    try:
        now = list(item_lines(card, card.value(data)))
        then = list(item_lines(card, value))
    except (AttributeError, TypeError):  # from a browser: whatever it is, it can be declined
        now, then = list(item_lines(card, card.value(data))), []
    return ProposalView(
        key=card.key,
        label=card.label,
        now=[LineView(line, "same" if line in then else "gone") for line in now],
        then=[LineView(line, "same" if line in now else "new") for line in then],
    )
