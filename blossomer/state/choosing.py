"""Asking for a document: what it is to be below, and the choices of its form.

What is typed stays in the browser until the form is sent; what is chosen is here, since what a
person may choose next depends on it. The choices are checked again when the form arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from blossomer.entities import ENTITIES, above
from blossomer.entities.addresses import NEW
from blossomer.entities.config import EntityConfig, FormField
from blossomer.entities.document import Document
from blossomer.entities.items import record_text
from blossomer.entities.listing import ListRow
from blossomer.state.drafts import DraftsMixin
from blossomer.state.messages import Identifier
from blossomer.state.validation import plain, validated
from blossomer.state.views import ChoiceView

MOST_CHOICES = 200
"""Parents that can be chosen in a form, the last changed first."""


FORM_STEPS = "form-steps"
"""Id of the steps' list: it takes the focus, and comes into view, when another step is shown."""


@dataclass
class OptionView:
    """An item of a document above that can be chosen: ``value`` is what a writer is told."""

    value: str = ""
    label: str = ""
    detail: str = ""


class ChoosingMixin(DraftsMixin, mixin=True):
    """The variables of a generation form."""

    parent_choices: dict[str, list[ChoiceView]] = {entity: [] for entity in ENTITIES}
    chosen_parents: dict[str, str] = {}
    item_options: dict[str, list[OptionView]] = {
        field.name: []
        for config in ENTITIES.values()
        for field in config.form.fields
        if field.kind == "item"
    }
    picks: dict[str, str] = {}
    """What is chosen in the form's ``choice`` and ``item`` fields, by name."""
    step: int = 0
    form_problem: str = ""
    is_choosing: bool = False
    """Whether the form stands on a document's page, to write it again with other choices."""

    def _offer_new(self, documents: Mapping[str, Document], rows: Iterable[ListRow]) -> None:
        """Draw the form for a new document.

        Args:
            documents: What it is to be below as far as that is known, with what is above that.
            rows: What there is, of the entities that it can be below.
        """
        config, known = self._config, list(rows)
        chosen: dict[str, str] = {}
        choices: dict[str, list[ChoiceView]] = {}
        for parent in config.parents:
            fitting = [
                row
                for row in known
                if row.entity == parent.entity
                and (not parent.within or row.parents.get(parent.within) == chosen[parent.within])
            ]
            fitting.sort(key=lambda row: row.updated_at, reverse=True)
            choices[parent.entity] = [
                ChoiceView(id=row.id, name=row.name) for row in fitting[:MOST_CHOICES]
            ]
            document = documents.get(parent.entity)
            ids = {row.id for row in fitting}
            if document is not None and document["id"] in ids:
                chosen[parent.entity] = document["id"]
            else:
                chosen[parent.entity] = first_of(config, parent.entity, fitting, known)
        changed = chosen != self.chosen_parents or self.phase != "empty"
        self.parent_choices = {entity: choices.get(entity, []) for entity in ENTITIES}
        self.chosen_parents = chosen
        if changed:
            self._show_nothing("empty")
        self._ancestors = _lineage(config, chosen, documents)
        self._show_ancestors()
        self._list_items(config)

    def _show_form(self, documents: Iterable[Document]) -> None:
        if self.generating:
            return
        self._offer_new({d["entity"]: d for d in documents}, plain(self._rows))
        if missing := self._lacks_a_parent():
            self._read_drafts(NEW, {**self._wanted_parents, **dict(missing)})

    def _lacks_a_parent(self) -> list[tuple[str, str]]:
        """Chosen parents whose documents are not known yet, by entity and id."""
        return [
            (entity, key)
            for entity, key in self.chosen_parents.items()
            if key and entity not in self._ancestors
        ]

    def _list_items(self, config: EntityConfig) -> None:
        """What can be chosen of the documents above."""
        ancestors = plain(self._ancestors)
        options = {
            field.name: list(_options(field, ancestors))
            for field in config.form.fields
            if field.kind == "item"
        }
        for name, listed in options.items():
            kept = self.picks.get(name, "")
            if kept and kept not in {option.value for option in listed}:
                # Chosen before from what has changed since: it is text, and stays what it was.
                listed.insert(
                    0, OptionView(value=kept, label=kept[:120], detail="As chosen before")
                )
        self.item_options = {**plain(self.item_options), **options}

    @rx.event
    @validated
    async def pick(self, name: Identifier, value: Annotated[str, Field(max_length=4_000)]) -> Any:
        """Choose something in the form."""
        if self.entity not in ENTITIES:
            return
        if any(field.name == name for field in self._config.form.fields):
            self.picks = {**plain(self.picks), name: value}
            self.form_problem = ""

    @rx.event
    @validated
    async def next_step(self) -> Any:
        """Go on in the wizard, if what this step needs is chosen."""
        if self.entity not in ENTITIES:
            return None
        steps = self._config.form.steps
        if self.step >= len(steps) - 1:
            return None
        if (missing := self._missing_in(steps[self.step].key)) is not None:
            self.form_problem = f"Choose first: {missing}."
            return None
        self.form_problem = ""
        self.step += 1
        return rx.set_focus(FORM_STEPS)

    @rx.event
    @validated
    async def last_step(self) -> Any:
        """Go back in the wizard."""
        self.form_problem = ""
        self.step = max(0, self.step - 1)
        return rx.set_focus(FORM_STEPS)

    def _missing_in(self, step: str) -> str | None:
        """What a step of the wizard still needs, by its label."""
        config = self._config
        if not config.form.steps or step == config.form.steps[0].key:
            for parent in config.parents:
                if not self.chosen_parents.get(parent.entity):
                    return ENTITIES[parent.entity].label.lower()
        for field in config.form.fields:
            is_asked = field.step == step and field.required and is_asked_for(field, self.picks)
            if is_asked and field.kind in ("choice", "item") and not self.picks.get(field.name):
                return field.label.lower()
        return None

    def _begin_form(self, picks: Mapping[str, str]) -> None:
        """Fill in a form from the beginning.

        Args:
            picks: What is chosen already.
        """
        self.step = 0
        self.form_problem = ""
        self.picks = dict(picks)


def is_asked_for(field: FormField, picks: Mapping[str, str]) -> bool:
    """Whether a form asks for a field, after what has been chosen in it."""
    return field.when is None or picks.get(field.when[0], "") in field.when[1]


def first_of(
    config: EntityConfig, entity: str, fitting: list[ListRow], known: list[ListRow]
) -> str:
    """What a new document is to be below as long as nobody has chosen; the newest come first.

    Of parents among which another one must be found, one where there is such a one.
    """
    within = {parent.entity for parent in config.parents if parent.within == entity}
    used = {row.parents.get(entity) for row in known if row.entity in within}
    usable = [row for row in fitting if row.id in used] or fitting
    return usable[0].id if usable else ""


def _lineage(
    config: EntityConfig, chosen: Mapping[str, str], documents: Mapping[str, Document]
) -> dict[str, Document]:
    """The documents above a new one: those that are chosen, and those above them."""
    found: dict[str, Document] = {}
    for entity in reversed(above(config.entity)):
        document = documents.get(entity.entity)
        if document is None:
            continue
        wanted = chosen.get(entity.entity) or next(
            (
                below["parents"][entity.entity]
                for below in found.values()
                if entity.entity in below["parents"]
            ),
            "",
        )
        if document["id"] == wanted:
            found[entity.entity] = document
    return {e.entity: found[e.entity] for e in above(config.entity) if e.entity in found}


def _options(field: FormField, ancestors: Mapping[str, Document]) -> Iterable[OptionView]:
    for entity, key in field.sources:
        if entity not in ancestors:
            continue
        card = ENTITIES[entity].card(key)
        for item in card.value(ancestors[entity]["data"]):
            if isinstance(item, str):
                yield OptionView(value=item, label=item)
            elif text := record_text(card.attributes, item):
                first = str(item.get(card.attributes[0].name, ""))
                rest = text.removeprefix(first).strip(". ")
                yield OptionView(value=text[: field.max_length], label=first, detail=rest)
