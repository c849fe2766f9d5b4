"""Answers that a model could give, for every question the product asks: by entity, kind and card.

Their words are those of the API's examples. What is not known by name is filled by its schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from blossomer.api.example_documents import ACCOUNT, CAMPAIGN, PERSONA
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.services.llm.answer_schema import answer_schema, own_fields
from blossomer.services.prompts import answer_model

LINKEDIN: dict[str, Any] = {
    "connection_note": "Hi {{first_name}}, two depots and one morning is what I keep hearing about "
    "from dispatch at food wholesalers. Glad to read along.",
    "post_comment_angle": "Add what a late order does to a round when they write about depots.",
    "messages": [
        "Thank you for connecting, {{first_name}}. When a kitchen orders at five, which of your "
        "rounds has to change? Acme changes them while your drivers are on the road.",
        "Drivers see the next stop on a telephone. Would one depot for a week be worth a thought?",
    ],
}
CALL: dict[str, Any] = {
    "opener": "Hello {{first_name}}, this is Acme. You are looking for dispatchers in two places.",
    "permission_question": "May I say in two sentences why that made me call?",
    "value_statement": "A second depot makes a late order twice as hard. We change routes while "
    "your drivers are on the road.",
    "voicemail": "Hello {{first_name}}, this is Acme. I called about late orders and two depots.",
    "close": "Would it be worth seeing yesterday's orders planned again?",
    "discovery_questions": [
        "Until when can a kitchen order for the next day?",
        "Who changes the plan after that?",
        "What does the first late round cost you?",
    ],
    "objection_responses": [
        {"objection": "No time.", "response": "In the morning nobody has. When is it quieter?"},
        {"objection": "We have a planner.", "response": "Good planners see more with it. Who is?"},
        {
            "objection": "Send me something.",
            "response": "Gladly. About orders or calls?",
        },
    ],
}
AD: dict[str, Any] = {
    "variants": [
        {
            "headline": "Late orders, same plan",
            "primary_text": "Routes that change while your drivers are on the road.",
            "call_to_action": "See how",
        },
        {
            "headline": "Fewer calls before eleven",
            "primary_text": "Your drivers see the next stop on a telephone.",
            "call_to_action": "See how",
        },
        {
            "headline": "Two depots, one plan",
            "primary_text": "A second depot turns every late order over. Plan all day instead.",
            "call_to_action": "See how",
        },
    ],
    "targeting_notes": "Heads of dispatch, food wholesale, 50-500 employees, without carriers.",
}
_EMAIL = CAMPAIGN["email_content"]
_CONTENT = {"email": _EMAIL, "linkedin": LINKEDIN, "cold_call": CALL, "ad": AD}
_OWN: dict[str, dict[str, Any]] = {"account": ACCOUNT, "persona": PERSONA, "campaign": CAMPAIGN}

IDEAS = (
    "Dispatch teams at regional food wholesalers",
    "Fleet offices at building material dealers",
    "Logistics teams at laundry services",
    "Delivery desks at furniture retailers",
    "Transport teams at pharmacy suppliers",
)


def entity_answer(
    entity: str, kind: str = "", pages: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A full and valid answer for an entity below a company, in the order a model writes it.

    Args:
        entity: Its key.
        kind: Of which kind the document is.
        pages: Page URL to visible text; as far as it goes, each text of a list has a sentence of
            it as its evidence, copied exactly.
    """
    config = ENTITIES[entity]
    model = answer_model(config, kind)
    known = deepcopy(_OWN.get(entity, {}))
    for each in config.kinds:
        known[each.content] = deepcopy(_CONTENT[each.value]) if each.value == kind else None
    schema = answer_schema(model)
    names = own_fields(model)
    answer = {
        name: known[name] if name in known else filled(schema["properties"][name], name)
        for name in names
    }
    return {**answer, **_around(config, kind, answer, pages or {})}


def answer_for_schema(schema: Mapping[str, Any], pages: Mapping[str, str]) -> dict[str, Any]:
    """An answer to a prompt that ends with this schema, whatever it asks for.

    Args:
        schema: As the prompt gives it.
        pages: Page URL to visible text.
    """
    names = list(schema["properties"])
    if names == ["ideas"]:
        reasons = (
            "They have just outgrown planning by spreadsheet, late orders turn their routes over "
            "every morning, and the site names customers of this size that had the same."
        )
        return {"ideas": [{"name": name, "hypothesis": reasons} for name in IDEAS]}
    for config in ENTITIES.values():
        for kind in [each.value for each in config.kinds] or [""]:
            if config.parents and schema == answer_schema(answer_model(config, kind)):
                return entity_answer(config.entity, kind, pages)
        card = names[0]
        if config.parents and card in config.card_keys and "evidence" in names:
            kind = config.card(card).kind or (config.kinds[0].value if config.kinds else "")
            value = config.card(card).value(entity_answer(config.entity, kind))
            if schema == answer_schema(answer_model(config, kind, card)):
                around = _around(config, kind, {card: value}, pages)
                return {card: value, **{n: around[n] for n in ("confidence", "evidence")}}
    return {name: filled(part, name) for name, part in schema["properties"].items()}


def filled(schema: Mapping[str, Any], name: str, number: str = "") -> Any:
    """Something that fits a part of a schema; ``number`` tells the items of a list apart."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return filled(schema["anyOf"][0], name, number)
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {})
            return {key: filled(part, key, number) for key, part in parts.items()}
        case "array" if name == "evidence":
            return []
        case "array":
            items = schema.get("items", {})
            values = [filled(items, name, f"{number} {each}") for each in (1, 2, 3)]
            return values[:1] if "enum" in items else values
        case "integer":
            return 3
        case "number":
            return 3.0
        case "boolean":
            return True
        case _:
            return f"What is to be said about {name.replace('_', ' ')}{number}"


def pages_of_prompt(prompt: str) -> dict[str, str]:
    """The website's text in a prompt, by the address of its page."""
    inside = re.search(
        r"^\[\[BEGIN website (\w+)\]\]\n(.*?)^\[\[END website \1\]\]", prompt, re.M | re.S
    )
    page, pages = "", dict[str, list[str]]()
    for line in (inside.group(2) if inside else "").splitlines():
        if found := re.match(r"Page: (https?://\S+)", line):
            page = found.group(1)
        elif page:
            pages.setdefault(page, []).append(line)
    return {url: "\n".join(lines) for url, lines in pages.items()}


def schema_of_prompt(prompt: str) -> dict[str, Any]:
    """The schema with which a prompt ends."""
    schema: dict[str, Any] = json.loads(prompt.rstrip().splitlines()[-1])
    return schema


def sentences(pages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Page URL and sentence, in order."""
    for page, text in pages.items():
        for line in text.splitlines():
            for sentence in re.findall(r"[^.!?]{25,240}[.!?]", line.lstrip("#-*• \t")):
                yield page, sentence.strip()


def _around(
    config: EntityConfig, kind: str, answer: Mapping[str, Any], pages: Mapping[str, str]
) -> dict[str, Any]:
    quotes = list(sentences(pages))
    lists = {
        card.key: card.value(answer)
        for card in config.cards_of(kind)
        if card.shape == "texts" and not card.path
    }
    lists |= {name: value for name, value in answer.items() if name in config.card_keys}
    texts = [
        (name, item)
        for name, value in lists.items()
        if isinstance(value, list)
        for item in value
        if isinstance(item, str)
    ]
    rated = [name for name, value in answer.items() if isinstance(value, list | dict)]
    return {
        "confidence": dict.fromkeys(rated, "high" if quotes else "medium"),
        "assumptions": ["Planning happens in the evening, since the site speaks of mornings."],
        "discovery_gaps": ["Does the driver app work without a connection?"],
        "evidence": [
            {"field": name, "text": text, "quote": quotes[n % len(quotes)][1],
             "page_url": quotes[n % len(quotes)][0]}
            for n, (name, text) in enumerate(texts)
        ] if quotes else [],
    }  # fmt: skip
