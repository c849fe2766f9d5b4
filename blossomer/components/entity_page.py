"""The detail page of any entity, in the playground and in the app, from its configuration."""

from __future__ import annotations

import reflex as rx

from blossomer.components.browser_drafts import BrowserDrafts
from blossomer.components.cards.card_for import card_for, is_wide
from blossomer.components.cards.overview import overview
from blossomer.components.cards.progress import progress
from blossomer.components.cards.proposals import proposals
from blossomer.components.cards.states import (
    draft_notice,
    empty_state,
    failure,
    loading_state,
    not_found_state,
    storage_notice,
    unavailable_state,
    unreadable_state,
)
from blossomer.components.editors.confirm import delete_dialog
from blossomer.components.editors.edit_modal import edit_modal
from blossomer.components.editors.generation_form import generation_form
from blossomer.components.family import breadcrumbs, children_section, outdated_notice
from blossomer.components.import_button import import_button
from blossomer.components.layout import main_layout
from blossomer.components.place import Place
from blossomer.components.shortcuts import shortcuts
from blossomer.components.ui import action_button, icon
from blossomer.entities import children_of
from blossomer.entities.config import Card, EntityConfig
from blossomer.state.draft_store import PREFIX
from blossomer.state.entity_page import EntityPageState


def entity_page(config: EntityConfig, place: Place) -> rx.Component:
    """Everything a detail page has: its states, its cards, its modal, and where it is kept.

    Args:
        config: The entity.
        place: The part of the product that the page belongs to.
    """
    state = EntityPageState
    return main_layout(
        rx.fragment() if place.has_account else browser_drafts(),
        shortcuts(),
        rx.el.div(
            breadcrumbs() if config.parents else rx.fragment(),
            draft_notice() if place.has_account else storage_notice(),
            failure(),
            rx.cond(
                state.generating & (state.rewriting == ""),
                rx.fragment(progress(), _document(config, place)),
                rx.match(
                    state.phase,
                    ("ready", _ready(config, place)),
                    ("empty", empty_state(config, place)),
                    ("not_found", not_found_state(config, place)),
                    ("unreadable", rx.fragment(_switcher(config), unreadable_state(config, place))),
                    ("unavailable", unavailable_state(config)),
                    loading_state(),
                ),
            ),
            class_name="mx-auto flex max-w-6xl flex-col gap-6",
        ),
        edit_modal(place),
        delete_dialog(place),
        place=place,
        active=config.entity,
    )


def browser_drafts() -> rx.Component:
    """The bridge to the browser's storage. It is on no page of the app."""
    state = EntityPageState
    return BrowserDrafts.create(
        prefix=PREFIX,
        request=state.drafts_request,
        operations=state.drafts_operations,
        on_documents=state.drafts_read,
        on_written=state.drafts_written,
        on_changed=state.drafts_changed,
    )


def _ready(config: EntityConfig, place: Place) -> rx.Component:
    """An open document with its relatives; or, on request, the form it was written from."""
    shown = rx.fragment(
        rx.fragment() if config.parents else _choices(config),
        outdated_notice(config) if config.parents else rx.fragment(),
        proposals(),
        _document(config, place),
        *(children_section(config, child, place) for child in children_of(config.entity)),
    )
    if not config.parents:
        return shown
    return rx.cond(EntityPageState.is_choosing, _choices_again(config, place), shown)


def _choices_again(config: EntityConfig, place: Place) -> rx.Component:
    """The form of the open document, to write it again with other choices."""
    return rx.el.section(
        rx.el.h1("Write it again", class_name="display text-3xl font-semibold"),
        rx.el.p("What you wrote or changed yourself stays word for word.", class_name="text-muted"),
        rx.el.div(
            generation_form(config, id_prefix="again", button="Write again", place=place),
            class_name="mt-4 rounded-2xl border border-line bg-surface p-5 card-shadow",
        ),
        action_button("Leave it as it is", kind="quiet", on_click=EntityPageState.leave_choices),
        class_name="mx-auto flex w-full max-w-3xl flex-col gap-2",
    )


def _document(config: EntityConfig, place: Place) -> rx.Component:
    if not config.kinds:
        cards = _cards(config.cards)
    else:
        cards = rx.match(
            EntityPageState.kind,
            *((kind.value, _cards(config.cards_of(kind.value))) for kind in config.kinds),
            rx.fragment(),
        )
    return rx.fragment(overview(config, place), cards)


def _cards(cards: tuple[Card, ...]) -> rx.Component:
    narrow = tuple(card for card in cards if not is_wide(card))
    return rx.el.div(
        *(card_for(card) for card in cards if is_wide(card)),
        rx.el.div(
            *(_column(part) for part in _halves(narrow)),
            class_name="grid gap-5 md:grid-cols-2",
        ),
        class_name="flex flex-col gap-5",
    )


def _halves(cards: tuple[Card, ...]) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """Two columns of about the same height, in order."""
    heights = [_HEIGHTS[card.shape] * card.max_items for card in cards]
    total, above = sum(heights), 0.0
    for index, height in enumerate(heights):
        if above + height / 2 > total / 2:
            return cards[:index], cards[index:]
        above += height
    return cards, ()


_HEIGHTS = {"texts": 1.0, "record": 5.0, "records": 2.0, "segments": 2.0}
"""About how much room one item takes, in lines of a card of texts."""


def _column(cards: tuple[Card, ...]) -> rx.Component:
    """Cards below each other, whatever the height of those beside them."""
    return rx.el.div(*(card_for(card) for card in cards), class_name="flex min-w-0 flex-col gap-5")


def _choices(config: EntityConfig) -> rx.Component:
    """The other drafts of this browser, and the form for one more."""
    return rx.el.div(
        _switcher(config),
        rx.el.details(
            rx.el.summary(
                icon("plus", 16),
                f"Another {config.label.lower()}",
                class_name=(
                    "-ml-3 inline-flex min-h-11 items-center gap-1.5 rounded-lg px-3 text-sm "
                    "font-medium text-muted hover:bg-sunken hover:text-ink"
                ),
            ),
            rx.el.div(
                generation_form(config, id_prefix="another", button="Analyse"),
                class_name="mt-2 max-w-xl rounded-2xl border border-line bg-surface p-5",
            ),
            class_name="open:w-full",
        ),
        import_button(),
        class_name="flex flex-wrap items-center gap-x-6 gap-y-2",
    )


def _switcher(config: EntityConfig) -> rx.Component:
    """Opens another draft, when there is more than one."""
    state = EntityPageState
    return rx.cond(
        state.choices.length() > 1,
        rx.el.label(
            rx.el.span(f"Your {config.label_plural.lower()}", class_name="sr-only"),
            rx.el.select(
                rx.foreach(
                    state.choices,
                    lambda choice: rx.el.option(choice.name, value=choice.id),
                ),
                value=state.document_id,
                on_change=state.choose,
                class_name=(
                    "min-h-11 w-full rounded-lg border border-line-strong bg-surface "
                    "px-3 text-sm text-ink"
                ),
            ),
            class_name="w-full sm:w-72",
        ),
    )
