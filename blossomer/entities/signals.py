"""Buying signals: the record that target accounts and personas share, and its card."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from blossomer.entities.attributes import Rare
from blossomer.entities.config import Card

SignalType = Literal["Company Data", "Website", "Tech Stack", "News", "Social Media", "Other"]
Priority = Literal["High", "Medium", "Low"]


class BuyingSignal(BaseModel):
    """Something that can be observed from outside and means that now is the time."""

    title: str = Field(min_length=1, max_length=120, title="Signal")
    description: str = Field(
        max_length=1_000, title="Why it matters", description="Why it means readiness to buy"
    )
    type: SignalType = Field(default="Other", title="Type")
    priority: Annotated[Priority, Rare("High", most=2, otherwise="Medium")] = Field(
        default="Medium", title="Priority"
    )
    detection_method: str = Field(
        max_length=500,
        title="How to find it",
        description="The concrete source and what to look for there",
    )


def signals_card(subtitle: str) -> Card:
    """The card of buying signals, with the words of its entity."""
    return Card(
        key="buying_signals",
        label="Buying signals",
        subtitle=subtitle,
        icon="radar",
        empty="What would show from outside that now is the time?",
        min_items=4,
        max_items=8,
        shape="records",
        record=BuyingSignal,
    )
