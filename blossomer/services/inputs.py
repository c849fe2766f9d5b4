"""The values of a generation form, checked against the form. Addresses are not resolved here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities.config import EntityConfig, FormField
from blossomer.errors import UserError

_STANDS_IN_FOR = {"website_url": "pasted_text"}
"""A required field that may stay empty when another one is filled."""


def checked_inputs(config: EntityConfig, inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the form's values, stripped, without the empty ones.

    Args:
        config: The entity whose form it is.
        inputs: Whatever a client sent.

    Raises:
        UserError: ``invalid_input``, for an unknown key, a value that is not text or is too long,
            or a missing required field.
    """
    fields = {form_field.name: form_field for form_field in config.form.fields}
    unknown = sorted(set(inputs) - set(fields))
    if unknown:
        raise _invalid(
            f"There is no input called {unknown[0][:50]!r}.",
            f"The inputs are: {', '.join(fields)}.",
        )
    values: dict[str, str] = {}
    for name, value in inputs.items():
        text = _text(fields[name], value)
        if text:
            values[name] = text
    for form_field in config.form.fields:
        name = form_field.name
        stand_in = fields.get(_STANDS_IN_FOR.get(name, ""))
        if form_field.required and name not in values:
            if stand_in is None:
                raise _invalid(f"“{form_field.label}” is empty.", "Fill it in and try again.")
            if stand_in.name not in values:
                raise _invalid(
                    f"“{form_field.label}” is empty.",
                    "Enter an address such as acme.com, or paste a description instead.",
                )
    return values


def _text(form_field: FormField, value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid(f"“{form_field.label}” must be text.", "Send it as a string.")
    # Postgres and JSON consumers choke on NUL; nobody types it.
    text = value.replace("\x00", "").strip()
    if len(text) > form_field.max_length:
        raise _invalid(
            f"“{form_field.label}” is too long: {len(text):,} characters.",
            f"Shorten it to {form_field.max_length:,} characters.",
        )
    return text


def _invalid(message: str, action: str) -> UserError:
    return UserError("invalid_input", message, action, status=422)
