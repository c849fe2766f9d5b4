"""What a generation that wrote something again changes in its document, wherever that is kept."""

from __future__ import annotations

from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, own_inputs
from blossomer.entities.merge import Change
from blossomer.entities.regenerate import changes_of_card
from blossomer.entities.rewrite import changes_of_document
from blossomer.services.events import GenerationRequest


def rewritten_changes(
    config: EntityConfig, request: GenerationRequest, data: dict[str, Any], document: Document
) -> list[Change]:
    """The changes of a document after it, or one of its cards, was written again.

    Args:
        config: The entity.
        request: What was asked for, with the data it began with in ``current``.
        data: What came of it, as ``Completed`` carries it.
        document: The document now. What a person has changed since stays theirs.
    """
    before = request.current or {}
    if request.only is not None:
        return changes_of_card(request.only, before, data, document["data"])
    changes = changes_of_document(config, before, data, document["data"])
    asked, before_that = own_inputs(config, request.inputs), document["inputs"]
    changes += [
        Change(path=("inputs", name), value=asked.get(name, ""))
        for name in {**before_that, **asked}
        if asked.get(name, "") != before_that.get(name, "")
    ]
    for change in changes:
        if change.path == ("data", config.name_field):
            return [*changes, Change(path=("name",), value=change.value)]
    return changes
