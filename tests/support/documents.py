"""Documents for tests that need one and do not care who wrote it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from blossomer.entities import entity_config
from blossomer.entities.document import Document, new_document

CONFIG = entity_config("company")
INPUTS = {"website_url": "https://acme.example", "user_inputted_context": "We sell to bakers."}


def company_data(name: str = "Acme") -> dict[str, Any]:
    """The data of a company, two items on each card."""
    fields = {card.key: [f"{card.label}: one", f"{card.label}: two"] for card in CONFIG.cards}
    return CONFIG.data_model.model_validate(
        {
            "company_name": name,
            "company_url": "https://acme.example/",
            "description": f"{name} makes things.",
            **fields,
        }
    ).model_dump(mode="json")


def company_document(name: str = "Acme") -> Document:
    """A company as it is right after its generation."""
    return new_document(CONFIG, str(uuid4()), company_data(name), INPUTS)
