"""Basic analysis of campaigns: what each choice changes, and that the linter has no complaint."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from blossomer.entities.config import EntityConfig
from blossomer.entities.items import record_text
from blossomer.services.basic_analysis import basic_analysis
from blossomer.services.email_lint import count_words
from tests.unit.basic_analysis.chain import (
    CAMPAIGN,
    PERSONA,
    Context,
    body,
    chain,
    check_cards,
    complaints,
    texts_in,
    written,
)
from tests.unit.basic_analysis.sites import read

QUAYLINE = read("")
KINDS = [kind.value for kind in CAMPAIGN.kinds]
EMPHASES = ("capability", "pain point", "desired outcome")
OPENINGS = ("buying signal", "company research", "none")
CALLS = (
    ("interest", ""),
    ("priority check", ""),
    ("feedback", ""),
    ("free resource", "a checklist for freight contracts"),
    ("meeting", ""),
    ("link", "https://quayline.example/pricing"),
    ("own words", "Would a list of your ten largest carriers be of use?"),
)


@pytest.fixture(scope="module")
def context() -> Context:
    return chain(QUAYLINE)


def campaign(context: Context, **inputs: str) -> dict[str, Any]:
    return written(CAMPAIGN, QUAYLINE, {"campaign_type": "email", **inputs}, context)


@pytest.mark.parametrize("kind", KINDS)
def test_every_card_of_every_type_is_filled(context: Context, kind: str) -> None:
    data = campaign(context, campaign_type=kind)
    check_cards(CAMPAIGN, data)
    tokens = set(re.findall(r"\{+[^{}]*\}+", " ".join(texts_in(data))))
    assert tokens <= {"{{first_name}}", "{{company_name}}"}
    written_text = " ".join(texts_in({**data, "evidence": [], "assumptions": []}))
    assert not re.search(r"—|[Nn]oticed that|following up", written_text)


def test_the_parts_of_an_e_mail_come_in_order(context: Context) -> None:
    segments = campaign(context)["email_content"]["segments"]
    kinds = [segment["type"] for segment in segments]
    assert kinds[0] == "greeting"
    assert kinds[1] == "intro"
    assert kinds[-2:] == ["cta", "signature"]
    assert {"pain-point", "company-intro", "emphasis", "social-proof"} <= set(kinds)
    assert len({segment["id"] for segment in segments}) == len(segments)


def test_lengths_are_kept(context: Context) -> None:
    content = campaign(context)["email_content"]
    assert 50 <= count_words(body({"email_content": content})) <= 100
    assert 50 <= count_words(content["variant"]["body"]) <= 100
    for subject in (content["subject"], *content["alternative_subjects"]):
        assert 2 <= count_words(subject) <= 4
    assert len({content["subject"], *content["alternative_subjects"]}) == 3
    assert 2 <= len(content["follow_ups"]) <= 3
    for step in content["follow_ups"]:
        assert count_words(step["body"]) <= 60
        assert 3 <= step["wait_days"] <= 7
    note = campaign(context, campaign_type="linkedin")["linkedin_content"]["connection_note"]
    assert len(note) <= 300
    script = campaign(context, campaign_type="cold_call")["call_script"]
    assert count_words(script["voicemail"]) <= 60
    assert count_words(script["opener"]) <= 65
    for variant in campaign(context, campaign_type="ad")["ad_content"]["variants"]:
        assert len(variant["headline"]) <= 40
        assert len(variant["primary_text"]) <= 150


@pytest.mark.parametrize("emphasis", EMPHASES)
@pytest.mark.parametrize("opening", OPENINGS)
def test_the_linter_has_no_complaint_whatever_is_chosen(
    context: Context, emphasis: str, opening: str
) -> None:
    attributes = PERSONA.card("use_cases").attributes
    use_cases = [record_text(attributes, record) for record in context["persona"]["use_cases"]]
    proofs = ("", "Halden Tools recovered €186,000 in the first year.")
    # Each value of each choice several times; all combinations are too many for every run.
    start = EMPHASES.index(emphasis) + OPENINGS.index(opening)
    rows = zip(CALLS, itertools.cycle(use_cases), itertools.cycle(proofs))
    for (call, details), use_case, proof in itertools.islice(rows, start % 3, None, 3):
        inputs = {
            "campaign_type": "email",
            "use_case": use_case,
            "emphasis": emphasis,
            "opening": opening,
            "call_to_action": call,
            "call_to_action_details": details,
            "social_proof": proof,
        }
        data = written(CAMPAIGN, QUAYLINE, inputs, context)
        assert complaints(data, context, inputs) == []


@pytest.mark.parametrize("name", ["german", "hostile", "thin"])
def test_the_linter_has_no_complaint_on_other_sites(name: str) -> None:
    site = read(name)
    context = chain(site)
    for emphasis, opening in zip(EMPHASES, OPENINGS, strict=True):
        inputs = {"campaign_type": "email", "emphasis": emphasis, "opening": opening}
        data = written(CAMPAIGN, site, inputs, context)
        check_cards(CAMPAIGN, data)
        assert complaints(data, context, inputs) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("emphasis", EMPHASES),
        ("opening", OPENINGS),
        ("call_to_action", tuple(call for call, _ in CALLS if call != "own words")),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_has_an_effect(
    context: Context, kind: str, name: str, values: tuple[str, ...]
) -> None:
    content = CAMPAIGN.kind(kind).content
    answers = [campaign(context, campaign_type=kind, **{name: value}) for value in values]
    whole = {json.dumps([answer[content], answer["messaging_strategy"]]) for answer in answers}
    assert len(whole) == len(values)


@pytest.mark.parametrize("kind", ["email", "linkedin", "cold_call"])
def test_the_use_case_and_the_signal_that_were_chosen_are_written_about(
    context: Context, kind: str
) -> None:
    attributes = PERSONA.card("use_cases").attributes
    [other] = [c for c in context["persona"]["use_cases"] if c["use_case"] == "Accrual forecast"]
    signal = context["persona"]["buying_signals"][3]["title"]
    for use_case in (record_text(attributes, other), json.dumps(other), "Accrual forecast"):
        data = campaign(
            context,
            campaign_type=kind,
            use_case=use_case,
            opening="buying signal",
            buying_signal=signal,
        )
        text = " ".join(texts_in(data[CAMPAIGN.kind(kind).content]))
        assert "Month-end accruals come from booked shipments" in text
        assert signal[1:] in text


def test_a_use_case_in_own_words_is_written_about(context: Context) -> None:
    data = campaign(context, use_case="Toll refunds. Nobody claims them back.")
    assert "Toll refunds" in data["name"]
    assert "Nobody claims them back." in body(data)


def test_only_given_or_verified_proof_is_claimed(context: Context) -> None:
    mine = campaign(context, social_proof="Kessler Pumps saves two days a month.")
    assert "Kessler Pumps saves two days a month." in body(mine)
    bare = read("thin")
    data = written(CAMPAIGN, bare, {"campaign_type": "email"}, chain(bare))
    kinds = [segment["type"] for segment in data["email_content"]["segments"]]
    assert "social-proof" not in kinds
    assert any("No proof is claimed" in text for text in data["insights"])


def test_instructions_are_followed_or_said_to_be_unfollowed(context: Context) -> None:
    data = campaign(
        context,
        instructions="Sign as Ida Berg. Say “bill”, never “invoice”. Keep it formal.",
    )
    text = body(data)
    assert text.startswith("Dear {{first_name}},")
    assert "Ida Berg" in text
    assert "invoice" not in text.lower()
    other = campaign(context, instructions="Think of the moon when you write.")
    assert any("no rule could follow it" in item for item in other["messaging_strategy"])
    assert not any("Your instructions" in item for item in campaign(context)["messaging_strategy"])


def test_own_words_close_the_e_mail(context: Context) -> None:
    data = campaign(
        context, call_to_action="own words", call_to_action_details="shall I send the sheet"
    )
    [ask] = [s["text"] for s in data["email_content"]["segments"] if s["type"] == "cta"]
    assert ask.startswith("Shall I send the sheet?")


@pytest.mark.parametrize("card", [card.key for card in CAMPAIGN.cards])
def test_one_card_alone_is_the_card_of_the_whole(context: Context, card: str) -> None:
    kind = CAMPAIGN.card(card).kind or "email"
    whole = campaign(context, campaign_type=kind)
    # The type of the document is known from the card, even when the form's values are not.
    alone = basic_analysis(CAMPAIGN, QUAYLINE, {}, only=card, context=context)
    CAMPAIGN.card_schema(card).model_validate(alone)
    assert alone[card] == CAMPAIGN.card(card).value(whole)
    assert {entry["field"] for entry in alone["evidence"]} <= {card}


@pytest.mark.parametrize(
    "inputs",
    [
        {"campaign_type": "fax", "emphasis": "?", "opening": "", "call_to_action": "x"},
        {"use_case": "{" * 3_000, "buying_signal": "[" * 3_000, "instructions": "“" * 4_000},
        {"use_case": '{"use_case": {"a": 1}}', "social_proof": "{{x}}" * 300},
        {"instructions": "never “" + "a" * 3_000, "call_to_action_details": "http://" * 60},
    ],
)
def test_anything_may_be_sent(context: Context, inputs: dict[str, str]) -> None:
    config: EntityConfig = CAMPAIGN
    answer = basic_analysis(config, QUAYLINE, inputs, context=context)
    config.writer_schema("email").model_validate(answer)


def test_without_documents_above_they_are_written_from_the_site() -> None:
    check_cards(CAMPAIGN, written(CAMPAIGN, QUAYLINE, {"campaign_type": "email"}))
