"""The two parts of the product that have the same pages: the playground, and the app.

What differs between them in words and addresses is here; the pages themselves do not know.
"""

from __future__ import annotations

from dataclasses import dataclass

from blossomer.entities.config import EntityConfig


@dataclass(frozen=True, slots=True)
class Place:
    """One of the two parts.

    Args:
        root: First part of its addresses.
        has_account: Whether the people in it are signed in.
        saved: Says that everything is kept.
        missing: Why a document may not be there.
        delete: Asks whether the open document may be deleted.
    """

    root: str
    has_account: bool
    saved: str
    missing: str
    delete: str

    def path(self, config: EntityConfig) -> str:
        """Address of an entity's newest document."""
        return f"{self.root}/{config.route}"


PLAYGROUND = Place(
    root="/playground",
    has_account=False,
    saved="Saved in this browser",
    missing="It may have been deleted, or it lives in another browser. Drafts stay in the browser "
    "they were made in.",
    delete="Delete this draft from your browser? It cannot be brought back.",
)

APP = Place(
    root="/app",
    has_account=True,
    saved="Saved",
    missing="It may have been deleted, or it belongs to another account.",
    delete="Delete this with its history and everything below it? It cannot be brought back.",
)
