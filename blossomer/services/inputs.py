"""The values of a generation form, checked against the form. Addresses are not resolved here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blossomer.entities.config import EntityConfig, FormField
from blossomer.errors import UserError

WEBSITE_INPUTS = ("website_url", "pasted_text")
"""Inputs that name or replace the website."""

_STANDS_IN_FOR = {"website_url": "pasted_text"}
"""A required field that may stay empty when another one is filled."""


def checked_inputs(
    config: EntityConfig, inputs: Mapping[str, Any], *, complete: bool = True
) -> dict[str, str]:
    """Return the form's values, stripped, without the empty ones and those not asked for.

    Args:
        config: The entity whose form it is.
        inputs: Whatever a client sent.
        complete: Whether every required field must be there; a website must be in any case.

    Raises:
        UserError: ``invalid_input``, for an unknown key, a value that is not text, is too long or
            is none of the options, or a missing required field.
    """
    fields = {form_field.name: form_field for form_field in config.form.fields}
    unknown = sorted(map(str, set(inputs) - set(fields)))
    if unknown:
        raise _invalid(
            f"There is no input called {unknown[0][:50]!r}.",
            f"The inputs are: {', '.join(fields)}.",
        )
    texts = {name: _text(fields[name], value) for name, value in inputs.items()}
    values: dict[str, str] = {}
    for form_field in config.form.fields:
        name = form_field.name
        if not is_asked(form_field, values):
            continue
        if text := texts.get(name, ""):
            _check_choice(form_field, text)
            values[name] = text
        elif form_field.required and (complete or form_field.kind == "url"):
            stand_in = fields.get(_STANDS_IN_FOR.get(name, ""))
            if stand_in is None:
                raise _invalid(f"“{form_field.label}” is empty.", _how_to_fill(form_field))
            if not texts.get(stand_in.name):
                raise _invalid(
                    f"“{form_field.label}” is empty.",
                    "Enter an address such as acme.com, or paste a description instead.",
                )
    return values


def is_asked(form_field: FormField, values: Mapping[str, str]) -> bool:
    """Whether a field belongs to the form as it is filled so far.

    Args:
        form_field: The field.
        values: The values of the fields before it; one that is not asked for has none.
    """
    if form_field.when is None:
        return True
    name, wanted = form_field.when
    return values.get(name) in wanted


def _check_choice(form_field: FormField, value: str) -> None:
    if form_field.kind != "choice":
        return
    if value not in {option.value for option in form_field.options}:
        raise _invalid(f"“{form_field.label}” cannot be {value[:50]!r}.", _how_to_fill(form_field))


def _how_to_fill(form_field: FormField) -> str:
    if form_field.kind == "choice":
        return f"Choose one of: {', '.join(option.value for option in form_field.options)}."
    return "Fill it in and try again."


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
