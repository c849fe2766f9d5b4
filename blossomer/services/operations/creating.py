"""A document that a program has written itself: checked, and marked as a person's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from blossomer.db.patch import storable
from blossomer.entities.base import Provenance
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, new_document
from blossomer.entities.edits import MOST_NAME, changes_of_name
from blossomer.entities.lineage import basis_of
from blossomer.entities.merge import apply_changes
from blossomer.entities.sent_values import refused_value, sent_text
from blossomer.services.inputs import checked_inputs
from blossomer.services.operations.editing import changes_of_data
from blossomer.services.operations.model import NewDocument
from blossomer.services.website.reader import normalise_url


def made_document(
    config: EntityConfig,
    new: NewDocument,
    ancestors: Mapping[str, Document],
    parents: Mapping[str, str],
    allowed_hosts: frozenset[str],
) -> Document:
    """The document that a program wants to have kept.

    Args:
        config: The entity.
        new: What it sent.
        ancestors: Everything above it, by entity.
        parents: Ids of what it is directly below.
        allowed_hosts: See ``normalise_url``.

    Raises:
        UserError: ``invalid_input`` or ``invalid_url``.
    """
    name = sent_text(storable(new.name), "name", longest=MOST_NAME, may_be_empty=False)
    data: dict[str, Any] = dict(storable(new.data))
    own = data.pop(config.name_field, name)
    if own != name:
        raise refused_value("name", f"and “data.{config.name_field}” say different things.")
    inputs = _inputs(config, new.inputs)
    start: dict[str, Any] = {config.name_field: name}
    if config.kind_field:
        start |= _of_kind(config, data.pop(config.kind_field, None), inputs)
    if config.url_field and (address := inputs.get("website_url")):
        start[config.url_field] = normalise_url(address, allowed_hosts=allowed_hosts)
    empty = config.data_model.model_validate(start).model_dump(mode="json")
    empty["provenance"] = Provenance(writer="person", generated_at=datetime.now(UTC)).model_dump(
        mode="json"
    )
    empty["basis"] = basis_of({key: above["data"] for key, above in ancestors.items()})
    document = new_document(config, str(uuid4()), empty, inputs, parents)
    changes = [*changes_of_name(config, name), *changes_of_data(config, empty, data)]
    return {**apply_changes(document, changes), "status": "saved"}


def _inputs(config: EntityConfig, inputs: Mapping[str, str]) -> dict[str, str]:
    """The form's values; what the form takes over from above cannot be given."""
    own = {field.name for field in config.form.fields if field.kind != "inherited"}
    if unknown := sorted(str(key) for key in inputs if key not in own):
        raise refused_value(
            f"inputs.{unknown[0][:100]}", "does not exist.", f"There are: {', '.join(sorted(own))}."
        )
    return checked_inputs(config, storable(inputs), complete=False) if inputs else {}


def _of_kind(config: EntityConfig, value: Any, inputs: dict[str, str]) -> dict[str, Any]:
    """Of which kind it is, and that it has the content of that kind, be it empty."""
    kinds = {kind.value: kind for kind in config.kinds}
    value = inputs.get(config.kind_field) if value is None else value
    place = f"data.{config.kind_field}"
    if not isinstance(value, str) or value not in kinds:
        raise refused_value(place, f"must be one of: {', '.join(kinds)}.")
    if inputs.get(config.kind_field, value) != value:
        raise refused_value(place, f"and “inputs.{config.kind_field}” say different things.")
    inputs[config.kind_field] = value
    return {config.kind_field: value, kinds[value].content: {}}
