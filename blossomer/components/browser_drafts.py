"""The invisible component that lets the server read and patch drafts in the browser's storage."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import EventHandler, passthrough_event_spec
from reflex.vars import Var

from blossomer.state.messages import DraftChanged, DraftsRead, DraftsWritten

_SOURCE = rx.asset("browser_drafts.jsx", shared=True)


class BrowserDrafts(rx.NoSSRComponent):
    """Performs storage operations that the server names and reports the outcome.

    The shapes of ``request``, ``operations`` and of what the events carry are the Pydantic models
    in ``blossomer/state/messages.py``.
    """

    library = _SOURCE.importable_path
    tag = "BrowserDrafts"

    prefix: Var[str]
    request: Var[dict[str, Any]]
    operations: Var[list[dict[str, Any]]]

    on_documents: EventHandler[passthrough_event_spec(DraftsRead)]
    on_written: EventHandler[passthrough_event_spec(DraftsWritten)]
    on_changed: EventHandler[passthrough_event_spec(DraftChanged)]
