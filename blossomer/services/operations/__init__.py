"""What programs do with a user's documents: one place for REST and for the tools of AI clients.

``Operations`` is made for one verified user and has everything: list, read, create, patch, delete,
restore, relations, versions, history, suggest, generate, write again, decide on proposals, export.
It checks strictly what it is given, counts generations as the pages do, tells open pages of every
change, and raises nothing but ``UserError``. Nothing here knows HTTP.
"""

from blossomer.services.operations.listing import Listing, list_query
from blossomer.services.operations.model import (
    Below,
    Kept,
    NewDocument,
    Relations,
    Relative,
    SuggestionNews,
    VersionEntry,
    Versions,
    WritingEvent,
)
from blossomer.services.operations.service import Operations
from blossomer.services.operations.suggesting import Suggesting
from blossomer.services.operations.writing import Writing

__all__ = [
    "Below",
    "Kept",
    "Listing",
    "NewDocument",
    "Operations",
    "Relations",
    "Relative",
    "Suggesting",
    "SuggestionNews",
    "VersionEntry",
    "Versions",
    "Writing",
    "WritingEvent",
    "list_query",
]
