"""A whole chain without a model: company, account, persona and campaign of one site, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from blossomer.entities import entity_config
from blossomer.entities.config import EntityConfig
from blossomer.entities.evidence import check_evidence
from blossomer.services.basic_analysis import basic_analysis, basic_ideas
from blossomer.services.email_lint import EmailText, Finding, lint_email
from blossomer.services.website.model import Website

COMPANY, ACCOUNT, PERSONA, CAMPAIGN = (
    entity_config(entity) for entity in ("company", "account", "persona", "campaign")
)
Context = dict[str, dict[str, Any]]


def written(
    config: EntityConfig,
    site: Website,
    inputs: Mapping[str, str] | None = None,
    context: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The answer of a writer, valid for its schema and with its evidence checked."""
    given = dict(inputs or {})
    answer = basic_analysis(config, site, given, context=context)
    kind = given.get(config.kind_field, "email") if config.kind_field else ""
    config.writer_schema(kind).model_validate(answer)
    pages = {page.url: page.visible_text for page in site.pages}
    data = check_evidence(answer, config, pages)
    return {**data, config.kind_field: kind} if kind else data


def chain(site: Website, account: int = 0, persona: int = 0) -> Context:
    """Company, account and persona of a site, by the ideas with these numbers."""
    context: Context = {"company": written(COMPANY, site, {"website_url": site.url})}
    ideas = basic_ideas(ACCOUNT, site, context, 5)
    context["account"] = written(ACCOUNT, site, ideas[account], context)
    ideas = basic_ideas(PERSONA, site, context, 4)
    context["persona"] = written(PERSONA, site, ideas[persona], context)
    return context


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def body(data: Mapping[str, Any]) -> str:
    """The e-mail of a campaign as one text."""
    return "\n\n".join(segment["text"] for segment in data["email_content"]["segments"])


def complaints(
    data: Mapping[str, Any], context: Context, inputs: Mapping[str, str]
) -> list[tuple[str, Finding]]:
    """What the linter has against the e-mails of a campaign, beyond notes."""
    content = data["email_content"]
    quotes = [entry["quote"] for entry in data["evidence"] if entry["verified"]]
    sources = (*texts_in(context), *quotes, *inputs.values())
    first = body(data)
    mails = [
        EmailText(subject=subject, body=first)
        for subject in (content["subject"], *content["alternative_subjects"])
    ]
    variant = content["variant"]
    mails.append(
        EmailText(
            subject=variant["subject"],
            body=variant["body"],
            kind="variant",
            previous_bodies=(first,),
        )
    )
    earlier = [first]
    for step in content["follow_ups"]:
        mails.append(
            EmailText(
                subject=step["subject"],
                body=step["body"],
                kind="follow_up",
                wait_days=step["wait_days"],
                previous_bodies=tuple(earlier),
            )
        )
        earlier.append(step["body"])
    return [
        (mail.body, finding)
        for mail in mails
        for finding in lint_email(mail, sources=sources).findings
        if finding.severity != "info"
    ]


def check_cards(config: EntityConfig, data: Mapping[str, Any]) -> None:
    """Every card has as many items as it should, and nothing is said twice or left unfilled."""
    said: dict[str, str] = {}
    for card in config.cards_of(config.kind_of(data)):
        value = card.value(data)
        if card.shape == "record":
            assert value, card.key
            continue
        assert card.min_items <= len(value) <= card.max_items, (card.key, len(value))
        for item in value:
            if isinstance(item, str):
                assert said.setdefault(item, card.key) == card.key, item
                assert item.count("{{") == item.count("}}")
    assert all(entry["verified"] for entry in data["evidence"])
    for text in texts_in({key: value for key, value in data.items() if key != "evidence"}):
        for residue in ("None", "[your", "{name}", "()", "  ", " .", " ,", "..", ": ."):
            assert residue not in text, text
