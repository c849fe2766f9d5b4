"""Examples for the API's documentation, derived where none is written here.

A test holds them to the schemas.
"""

from __future__ import annotations

from typing import Any

from blossomer.api.derived_examples import derived_body, derived_result
from blossomer.api.example_documents import ACCOUNT, CAMPAIGN, PERSONA
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig

_PAGE = "https://acme.example/"

_BODIES: dict[str, dict[str, Any]] = {
    "company": {
        "website_url": "acme.example",
        "user_inputted_context": "We sell to operations teams of mid-sized carriers.",
    },
    "account": {
        "website_url": "acme.example",
        "name": "Dispatch teams at regional food wholesalers",
        "hypothesis": "They outgrow planning by spreadsheet at about 20 vans.",
    },
    "persona": {
        "website_url": "acme.example",
        "name": "Head of dispatch",
        "account": {"name": ACCOUNT["name"], "description": ACCOUNT["description"]},
    },
    "campaign": {
        "website_url": "acme.example",
        "campaign_type": "email",
        "use_case": "Late orders",
        "emphasis": "pain point",
        "opening": "buying signal",
        "buying_signal": "Openings for dispatchers in two places",
        "call_to_action": "interest",
        "account": {"name": ACCOUNT["name"], "description": ACCOUNT["description"]},
        "persona": {"name": PERSONA["name"], "use_cases": PERSONA["use_cases"]},
    },
}
BODY_EXAMPLES: dict[str, dict[str, Any]] = {
    entity: _BODIES.get(entity) or derived_body(config) for entity, config in ENTITIES.items()
}
"""By entity: what a caller sends."""

_PROVENANCE: dict[str, Any] = {
    "writer": "model",
    "provider": "openai",
    "model": "openai/gpt-4.1-mini",
    "generated_at": "2026-11-23T09:00:00Z",
    "input_tokens": 6200,
    "output_tokens": 1400,
    "cost_usd": 0.0047,
    "duration_seconds": 11.2,
    "prompt_version": "company-1",
    "note": "",
    "website": {
        "reader": "built-in",
        "pages": [{"url": _PAGE, "title": "Acme", "words": 412}],
        "skipped": [],
        "words": 412,
        "quality": "good",
        "missing": ["prices"],
        "from_cache": False,
        "fetched_at": "2026-11-23T08:59:49Z",
    },
    "edited": {},
}


def _written(own: dict[str, Any], field: str, text: str) -> dict[str, Any]:
    """A document with one quote for one of its texts."""
    return {
        **own,
        "evidence": [
            {
                "field": field,
                "text": text,
                "quote": "routes that change while your drivers are on the road",
                "page_url": _PAGE,
                "verified": True,
            }
        ],
        "confidence": {field: "high"},
        "assumptions": ["Wholesalers plan in the evening, since the site speaks of it."],
        "discovery_gaps": ["Does the driver app work without a connection?"],
        "provenance": _PROVENANCE,
        "basis": {},
        "proposals": {},
    }


_RESULTS: dict[str, dict[str, Any]] = {
    "company": {
        "company_name": "Acme",
        "company_url": _PAGE,
        "description": "Acme plans delivery routes for regional carriers and plans them again "
        "when a driver is late.",
        "business_profile_insights": [
            "Category: Route planning software",
            "Business Model: Subscription per vehicle",
            "Existing Customers: Regional carriers",
        ],
        "capabilities": [
            "Live re-planning: Routes change while drivers are on the road.",
            "Driver app: Drivers see the next stop and report delays.",
            "Proof of delivery: Every stop ends with a photo or a signature.",
        ],
        "positioning_insights": [
            "Key Market Belief: A plan is out of date when the first van leaves.",
            "Unique Approach: Plans all day, not once a night.",
            "Language Used: Plain words of dispatchers.",
        ],
        "use_case_analysis_insights": [
            "Process Impact: Dispatchers stop re-planning by telephone.",
            "Problems Addressed: Late deliveries and empty kilometres.",
            "Current State: Spreadsheets and calls.",
        ],
        "target_customer_insights": [
            "Target Accounts: Carriers with 20 to 200 vehicles.",
            "Key Personas: Head of dispatch.",
        ],
        "objections": [
            "Switching effort: Drivers must learn a new app.",
            "Data quality: Addresses are often incomplete.",
            "Price: Paid per vehicle, also in quiet months.",
        ],
        "evidence": [
            {
                "field": "capabilities",
                "text": "Live re-planning: Routes change while drivers are on the road.",
                "quote": "routes that change while your drivers are on the road",
                "page_url": _PAGE,
                "verified": True,
            }
        ],
        "confidence": {"capabilities": "high", "objections": "low"},
        "assumptions": ["Prices are the same in every country."],
        "discovery_gaps": ["The site names no customers."],
        "provenance": _PROVENANCE,
        "basis": {},
        "proposals": {},
    },
    "account": _written(
        ACCOUNT,
        "strengths",
        "Late orders every morning: Live re-planning changes routes while drivers are on the road.",
    ),
    "persona": _written(PERSONA, "use_cases", "Live re-planning while drivers are on the road"),
    "campaign": _written(
        CAMPAIGN,
        "email",
        "Acme changes the routes while your drivers are on the road. They see the next stop on a "
        "telephone.",
    ),
}
RESULT_EXAMPLES: dict[str, dict[str, Any]] = {
    entity: _RESULTS.get(entity) or derived_result(config) for entity, config in ENTITIES.items()
}
"""By entity: what a caller gets."""


def body_example(config: EntityConfig) -> dict[str, Any]:
    """What a caller sends, also of an entity that was registered later."""
    return BODY_EXAMPLES.get(config.entity) or derived_body(config)


def result_example(config: EntityConfig) -> dict[str, Any]:
    """What a caller gets, also of an entity that was registered later."""
    return RESULT_EXAMPLES.get(config.entity) or derived_result(config)
