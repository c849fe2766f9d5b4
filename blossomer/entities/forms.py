"""The form that starts a generation: its fields, its steps, and what it takes over from above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen.

    Args:
        value: What is kept, and what a writer is told.
        label: What a person reads.
        help: What choosing it means.
    """

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of the generation form; ``name`` is the key in ``GenerationRequest.inputs``.

    Args:
        name: Its key.
        label: What it asks for.
        kind: ``url``, ``text`` and ``textarea`` are written; ``choice`` is one of ``options``;
            ``item`` is an item of a parent's card (``sources``), kept as text; ``inherited`` comes
            from the topmost parent and is on no page.
        options: What can be chosen.
        sources: For ``item``: entities above, each with one of its cards.
        when: Another field and the values of it with which this one is asked for.
        step: Key of the wizard's step it belongs to; empty in a form without steps.
        collapsed_under: When set, the field hides behind a disclosure with this label.
    """

    name: str
    label: str
    kind: Literal["url", "text", "textarea", "choice", "item", "inherited"]
    placeholder: str = ""
    help: str = ""
    required: bool = False
    max_length: int = 2_000
    options: tuple[Option, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    step: str = ""
    collapsed_under: str = ""


@dataclass(frozen=True, slots=True)
class FormStep:
    """One step of a wizard."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class GenerationForm:
    """The form that starts a generation; with ``steps`` it is a wizard.

    The parents of what is to be generated are chosen in the first step. They are no fields: which
    there are stands in the entity's ``parents``.
    """

    title: str
    subtitle: str
    button: str
    fields: tuple[FormField, ...]
    steps: tuple[FormStep, ...] = ()

    def field(self, name: str) -> FormField:
        """Return a field.

        Raises:
            KeyError: When there is none with this name.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


PASTED_TEXT_LENGTH = 50_000

INHERITED = (
    FormField(
        name="website_url",
        label="Website",
        kind="inherited",
        placeholder="acme.com",
        help="The website of the company above.",
    ),
    FormField(
        name="pasted_text",
        label="Description of the company",
        kind="inherited",
        help="Used instead of the website.",
        max_length=PASTED_TEXT_LENGTH,
    ),
)
"""What every entity below a company takes over from it: where the company's own words stand."""
