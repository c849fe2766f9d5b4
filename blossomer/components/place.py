"""The two parts of the product that have the same pages: the playground, and the app.

What differs between them in words and addresses is here; the pages themselves do not know.
"""

from __future__ import annotations

from dataclasses import dataclass

from blossomer.entities.addresses import APP_ROOT, PLAYGROUND_ROOT, entity_address
from blossomer.entities.config import EntityConfig


@dataclass(frozen=True, slots=True)
class Place:
    """One of the two parts.

    Args:
        root: First part of its addresses.
        has_account: Whether the people in it are signed in.
        saved: Says that everything is kept.
        missing: Why a document may not be there.
        delete: What deleting a document means.
    """

    root: str
    has_account: bool
    saved: str
    missing: str
    delete: str

    def path(self, config: EntityConfig) -> str:
        """Address of an entity's list, or of the newest document of one at the top."""
        return entity_address(self.root, config)


PLAYGROUND = Place(
    root=PLAYGROUND_ROOT,
    has_account=False,
    saved="Saved in this browser",
    missing="It may have been deleted, or it lives in another browser. Drafts stay in the browser "
    "they were made in.",
    delete="It is deleted from your browser. For an hour you can have it back.",
)

APP = Place(
    root=APP_ROOT,
    has_account=True,
    saved="Saved",
    missing="It may have been deleted, or it belongs to another account.",
    delete="It is deleted with its history. You can have it back right afterwards.",
)
