"""The card of a detail page by the shape of what it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import reflex as rx

from blossomer.components.cards.choice_card import choice_card
from blossomer.components.cards.list_card import list_card
from blossomer.components.cards.record_card import record_card
from blossomer.components.cards.records_card import records_card
from blossomer.components.cards.segments_card import segments_card
from blossomer.entities.config import Card, Shape

_BY_SHAPE: Mapping[Shape, Callable[[Card], rx.Component]] = {
    "texts": list_card,
    "record": record_card,
    "records": records_card,
    "segments": segments_card,
}


def card_for(card: Card) -> rx.Component:
    """One card of a detail page, drawn from its configuration."""
    if card.choice is not None:
        return choice_card(card)
    return _BY_SHAPE[card.shape](card)


def is_wide(card: Card) -> bool:
    """Whether a card needs the width of the page: what is written in on it stands beside notes."""
    return card.shape == "segments" or card.choice is not None
