"""Deleting a document with everything below it: said before, and undone after.

The question and the notice are here; how a store deletes is in ``drafts.py`` and ``rows.py``, and
which of the two is asked in ``stores.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blossomer.entities import ENTITIES
from blossomer.state.family import FamilyMixin

DELETE_BUTTON = "delete-document"
"""Id of the button on a document's page that asks for its deletion."""


@dataclass
class DeletionView:
    """A document that a person may be about to delete; an empty ``id`` means none."""

    entity: str = ""
    id: str = ""
    name: str = ""
    words: str = ""


class DeletingMixin(FamilyMixin, mixin=True):
    """The question before, and what can be brought back after."""

    deleting: DeletionView = DeletionView()
    deleted: str = ""
    """What was deleted last, in words, as long as it can be had back here."""

    _removed_entity: str = ""
    _removed_id: str = ""
    _removed_parents: dict[str, str] = {}
    _removed_keys: list[list[str]] = []

    def _ask_before_deleting(
        self, entity: str, document_id: str, name: str, below: Mapping[str, int]
    ) -> None:
        self.deleting = DeletionView(
            entity=entity, id=document_id, name=name, words=what_goes(below)
        )

    def _note_deletion(self, removed: DeletionView, parents: Mapping[str, str]) -> None:
        self.deleting = DeletionView()
        self.deleted = f"“{removed.name}” was deleted." if removed.name else "Deleted."
        self._removed_entity, self._removed_id = removed.entity, removed.id
        self._removed_parents = dict(parents)

    def _forget_deletion(self) -> None:
        self.deleted = self._removed_entity = self._removed_id = ""
        self._removed_parents, self._removed_keys = {}, []


def what_goes(below: Mapping[str, int]) -> str:
    """What is deleted together with a document, as a sentence; empty when nothing is.

    Args:
        below: How many documents are below it, by entity.
    """
    parts = []
    for entity, config in ENTITIES.items():
        if count := below.get(entity, 0):
            label = config.label if count == 1 else config.label_plural
            parts.append(f"{count:,} {label.lower()}")
    if not parts:
        return ""
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"With it goes what is below it: {listed}."
