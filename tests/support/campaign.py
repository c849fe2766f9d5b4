"""A company, an account, a persona and an e-mail campaign, as documents of a browser or a test."""

from __future__ import annotations

import copy
from typing import Any

from blossomer.entities import ENTITIES

MOMENT = "2026-01-02T03:04:05.000000+00:00"
IDS = {name: f"{number}123456789abcdef01234567" for number, name in enumerate(ENTITIES)}

SEGMENTS = [
    {"id": "s1", "type": "greeting", "text": "Hi {{first_name}},"},
    {
        "id": "s2",
        "type": "intro",
        "text": "Peak season is close, and most sites still plan their shifts by hand.",
    },
    {
        "id": "s3",
        "type": "pain-point",
        "text": "By Monday half of the plan is wrong, and your team has to call people in.",
    },
    {
        "id": "s4",
        "type": "company-intro",
        "text": "Quayline shows the gaps a day ahead, so that your leads can fill them in time.",
    },
    {
        "id": "s5",
        "type": "cta",
        "text": "Would it help to see tomorrow's gaps at {{company_name}} today?",
    },
    {"id": "s6", "type": "signature", "text": "Best,\nRuth Adler\nQuayline"},
]

CONTENT = {
    "subject": "friday shift plans",
    "alternative_subjects": ["gaps on monday", "who fills in, and when"],
    "segments": SEGMENTS,
    "variant": {
        "subject": "night shifts",
        "body": (
            "Hi {{first_name}},\n\nNight shifts are the first to have gaps, and nobody is there to "
            "fill them.\n\nWould a list of them by noon help your team?\n\nBest,\nRuth Adler"
        ),
    },
    "follow_ups": [
        {
            "subject": "",
            "body": (
                "Hi {{first_name}},\n\nWhen a driver calls in sick, who finds the next one, and "
                "how long does it take your lead?\n\nRuth"
            ),
            "wait_days": 4,
        },
        {
            "subject": "",
            "body": "Hi {{first_name}},\n\nShall I close this?\n\nRuth",
            "wait_days": 2,
        },
    ],
}

DATA: dict[str, dict[str, Any]] = {
    "company": {
        "company_name": "Quayline",
        "company_url": "https://quayline.example",
        "description": "Plans shifts.",
        "capabilities": ["Quayline shows gaps in shift plans a day ahead."],
    },
    "account": {"name": "Regional food wholesalers", "description": "They plan by hand."},
    "persona": {"name": "Head of operations", "description": "Runs the sites."},
    "campaign": {
        "name": "Peak season",
        "description": "Writes about gaps before the season.",
        "campaign_type": "email",
        "email_content": CONTENT,
        "insights": ["Peak season is close."],
    },
}


def documents() -> dict[str, dict[str, Any]]:
    """The four documents by entity, each below those before it."""
    found = {}
    for entity, config in ENTITIES.items():
        if entity not in DATA:
            continue
        data = config.data_model.model_validate(_filled(entity)).model_dump(mode="json")
        found[entity] = {
            "id": IDS[entity],
            "entity": entity,
            "parents": {parent.entity: IDS[parent.entity] for parent in config.parents},
            "name": data[config.name_field],
            "status": "draft",
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "inputs": {},
            "data": data,
        }
    return found


def _filled(entity: str) -> dict[str, Any]:
    return copy.deepcopy(DATA[entity])
