"""Messages that are sent one after the other, in the words and tokens of the tool that sends them.

The contacts with their e-mail addresses, the sender's accounts and the times of sending must be
added in the tool, and its columns for the first name and the company be mapped when contacts are
imported there.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.exchange import MessageSequence, Target
from blossomer.services.export.text import one_line, plain

TOKENS: dict[Target, dict[str, str]] = {
    "hubspot": {"first_name": "{{contact.firstname}}", "company_name": "{{contact.company}}"},
    "apollo": {"first_name": "{{first_name}}", "company_name": "{{company}}"},
    "instantly": {"first_name": "{{firstName}}", "company_name": "{{companyName}}"},
}
"""What a tool calls the contact's values, by our names."""

_TOKEN = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a sequence, with the tool's tokens.

    Args:
        step: Number of the step, from 1; variants of one step have the same.
        wait_days: Days after the step before.
        variant: ``A``, or ``B`` for another message in the same place.
        subject: May be empty: then it is sent as an answer to the one before.
        body: Plain text.
    """

    step: int
    wait_days: int
    variant: str
    subject: str
    body: str


def has_sequence(config: EntityConfig, kind: str = "") -> bool:
    """Whether documents of an entity, or of one of its kinds, are messages that are sent."""
    sequence = config.exchange.sequence if config.exchange else None
    return sequence is not None and kind in ("", sequence.kind)


def with_tokens(text: str, target: Target) -> str:
    """Replace our tokens by the tool's; what is no token of ours stays."""
    return _TOKEN.sub(lambda m: TOKENS[target].get(m[1].lower(), m[0]), text)


def messages(config: EntityConfig, document: Document, target: Target) -> list[Message]:
    """The messages of a document in order; none when it is of another kind."""
    sequence = config.exchange.sequence if config.exchange else None
    if sequence is None or not has_sequence(config, config.kind_of(document["data"])):
        return []
    return list(_messages(sequence, document["data"], target))


def instantly_campaigns(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Campaigns as Instantly's API takes them (``POST /api/v2/campaigns``, developer.instantly.ai).

    Only the first of ``sequences`` is used there. A step's ``delay`` is the time *after* it, so
    each carries the days of the one that follows, and the last one none. A body is HTML there. Left
    out is what a plan does not know: ``campaign_schedule``, which the API asks for, and
    ``email_list``.
    """
    campaigns = []
    for document in documents:
        sent = messages(ENTITIES[document["entity"]], document, "instantly")
        if not sent:
            continue
        waits = {message.step: message.wait_days for message in sent}
        steps = [
            {
                "type": "email",
                "delay": waits.get(step + 1, 0),
                "delay_unit": "days",
                "variants": [
                    {"subject": m.subject, "body": _as_html(m.body)} for m in sent if m.step == step
                ],
            }
            for step in waits
        ]
        campaigns.append({"name": one_line(document["name"]), "sequences": [{"steps": steps}]})
    return campaigns


def instantly_json(documents: Sequence[Document]) -> str:
    """``instantly_campaigns`` as text: one campaign by itself, several as a list."""
    campaigns = instantly_campaigns(documents)
    content: Any = campaigns[0] if len(campaigns) == 1 else campaigns
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _messages(
    sequence: MessageSequence, data: Mapping[str, Any], target: Target
) -> Iterator[Message]:
    def words(value: object) -> str:
        return with_tokens(plain(value), target)

    segments = value_at(data, sequence.segments) or ()
    body = "\n\n".join(filter(None, (plain(part.get("text", "")) for part in segments)))
    subject = one_line(value_at(data, sequence.subject) or "")
    yield Message(1, 0, "A", words(subject), words(body))
    variant = value_at(data, sequence.variant) or {}
    if plain(variant.get("body", "")):
        yield Message(1, 0, "B", words(variant.get("subject") or subject), words(variant["body"]))
    step = 1
    for follow_up in value_at(data, sequence.follow_ups) or ():
        if plain(follow_up.get("body", "")):
            step += 1
            yield Message(
                step,
                int(follow_up.get("wait_days") or 0),
                "A",
                words(follow_up.get("subject") or ""),
                words(follow_up["body"]),
            )


def _as_html(text: str) -> str:
    lines = (html.escape(line, quote=False) or "<br />" for line in text.split("\n"))
    return "".join(f"<div>{line}</div>" for line in lines)


def value_at(data: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at a path in a document's data; None when there is nothing."""
    node: Any = data
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node
