"""Generating what is below a company: from its context, with what code alone decides."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from blossomer.api.examples import BODY_EXAMPLES, RESULT_EXAMPLES
from blossomer.entities import ENTITIES
from blossomer.entities.items import item_key
from blossomer.entities.lineage import basis_of, outdated
from blossomer.errors import UserError
from blossomer.services.events import Completed, GenerationRequest, Partial
from blossomer.services.generation import Generator
from blossomer.services.inputs import checked_inputs
from tests.support.fake_answers import entity_answer
from tests.support.fake_models import model_settings
from tests.unit.test_generation import (
    URL,
    VISIBLE,
    PlayedReader,
    PlayedRouter,
    collect,
    completed,
    failure,
    website,
)

CONTEXT = {entity: RESULT_EXAMPLES[entity] for entity in ("company", "account", "persona")}
WIZARD = {
    name: value
    for name, value in BODY_EXAMPLES["campaign"].items()
    if isinstance(value, str) and name != "website_url"
}
KINDS = [kind.value for kind in ENTITIES["campaign"].kinds]


def made(
    entity: str, kind: str = "", **changes: Any
) -> tuple[Generator, PlayedReader, PlayedRouter]:
    reader = PlayedReader(website(url="https://acme.example/"))
    router = PlayedRouter({**entity_answer(entity, kind, {URL: VISIBLE}), **changes})
    return Generator(model_settings(), reader, router), reader, router


def request(entity: str, context: dict[str, Any] | None = None, **inputs: str) -> GenerationRequest:
    return GenerationRequest(
        entity, inputs, context=deepcopy(CONTEXT if context is None else context)
    )


@pytest.mark.parametrize("entity", ["account", "persona"])
async def test_it_is_written_from_the_company_s_website_and_from_what_is_above(entity: str) -> None:
    generator, reader, router = made(entity)
    data = await completed(generator, request(entity))
    assert reader.asked == [CONTEXT["company"]["company_url"]]
    prompt = router.requests[0].user
    assert f"[[BEGIN {entity} " not in prompt, "only what is above"
    assert CONTEXT["company"]["description"] in prompt
    assert VISIBLE.splitlines()[0] in prompt
    assert set(data["basis"]) == ({"company"} if entity == "account" else {"company", "account"})
    assert data["basis"] == basis_of({k: CONTEXT[k] for k in data["basis"]})
    assert outdated(entity, data["basis"], CONTEXT) == []
    assert any(entry["verified"] for entry in data["evidence"])
    ENTITIES[entity].data_model.model_validate(data)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_campaign_has_the_content_of_its_channel_alone(kind: str) -> None:
    campaign = ENTITIES["campaign"]
    generator, _, router = made("campaign", kind, campaign_type="ad", linkedin_content={"bad": 1})
    if kind == "linkedin":
        generator, _, router = made("campaign", kind)
    data = await completed(generator, request("campaign", **{**WIZARD, "campaign_type": kind}))
    assert data["campaign_type"] == kind
    for each in campaign.kinds:
        assert bool(data[each.content]) is (each.value == kind)
    assert "campaign_type" not in router.requests[0].schema.model_fields
    for card in campaign.cards_of(kind):
        assert card.value(data), card.key
    assert len(data["basis"]) == 3


async def test_the_address_comes_from_the_form_before_the_company() -> None:
    generator, reader, _ = made("account")
    await completed(generator, request("account", website_url="other.example"))
    assert reader.asked == ["other.example"]


async def test_a_pasted_description_takes_the_place_of_the_company_s_website() -> None:
    generator, reader, _ = made("account")
    pasted = " ".join(VISIBLE.splitlines() * 8)
    data = await completed(generator, request("account", pasted_text=pasted))
    assert reader.asked == []
    assert data["provenance"]["website"]["reader"] == "pasted text"


async def test_without_any_website_what_is_directly_above_is_enough() -> None:
    context = deepcopy(CONTEXT)
    context["company"]["company_url"] = ""
    generator, reader, router = made("persona")
    data = await completed(generator, request("persona", context))
    assert reader.asked == []
    assert "[[BEGIN website" not in router.requests[0].user
    assert not any(entry["verified"] for entry in data["evidence"])
    assert "high" not in data["confidence"].values()


@pytest.mark.parametrize("above", [{}, {"company": {"company_name": "Acme"}}])
async def test_nothing_is_written_from_nothing(above: dict[str, Any]) -> None:
    generator, _, router = made("persona")
    error = await failure(generator, request("persona", above))
    assert error.code == "too_little_text"
    assert "target account" in error.action
    assert router.requests == []


async def test_a_website_that_cannot_be_read_is_a_failure_although_the_company_is_known() -> None:
    generator, reader, router = made("account")
    reader.result = UserError("host_not_found", "There is no website there.", "Check it.")
    assert (await failure(generator, request("account"))).code == "host_not_found"
    assert router.requests == []


async def test_the_person_s_name_is_theirs_and_a_shrug_is_none() -> None:
    generator, _, _ = made("account", name="Something else")
    data = await completed(generator, request("account", name="Bakeries & sons"))
    assert data["name"] == "Bakeries & sons"
    assert (await completed(generator, request("account", name="idk")))["name"] == "Something else"


async def test_sizes_and_rare_choices_are_kept_for_nested_cards_too() -> None:
    signals = [
        {"title": f"s{n}", "description": "", "type": "Other", "priority": "High",
         "detection_method": ""} for n in range(10)
    ]  # fmt: skip
    generator, _, _ = made("account", buying_signals=signals)
    data = await completed(generator, request("account"))
    priorities = [signal["priority"] for signal in data["buying_signals"]]
    assert priorities == ["High"] * 2 + ["Medium"] * 6

    content = deepcopy(RESULT_EXAMPLES["campaign"]["email_content"])
    content["follow_ups"] = content["follow_ups"] * 5
    content["segments"] = [{"type": "intro", "text": f"t{n}"} for n in range(12)]
    content["segments"][3]["id"] = content["segments"][4]["id"] = "s1"
    generator, _, _ = made("campaign", "email", email_content=content)
    email = (await completed(generator, request("campaign", **WIZARD)))["email_content"]
    assert len(email["follow_ups"]) == 3
    ids = [segment["id"] for segment in email["segments"]]
    assert len(ids) == 8 == len(set(ids))
    assert all(ids)


async def test_partial_answers_carry_nested_content() -> None:
    generator, _, _ = made("campaign", "email")
    events = await collect(generator, request("campaign", **WIZARD))
    partials = [event.data for event in events if isinstance(event, Partial)]
    assert any(partial.get("email_content", {}).get("segments") for partial in partials)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"campaign_type": "fax"}, "email, linkedin, cold_call, ad"),
        ({"campaign_type": ""}, "Choose one of: email"),
        ({"opening": ""}, "“Opening” is empty"),
        ({"emphasis": "price"}, "capability, pain point, desired outcome"),
        ({"call_to_action": "buy"}, "interest"),
        ({"use_case": "x" * 4_001}, "4,000"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_choices_must_be_among_the_options(changes: dict[str, str], words: str) -> None:
    generator, reader, _ = made("campaign", "email")
    error = await failure(generator, request("campaign", **{**WIZARD, **changes}))
    assert error.code == "invalid_input"
    assert words in f"{error.message} {error.action}"
    assert reader.asked == []


def test_fields_that_are_not_asked_for_are_left_out_whatever_they_say() -> None:
    campaign = ENTITIES["campaign"]
    ad = {**WIZARD, "campaign_type": "ad", "opening": "nonsense", "call_to_action_details": "x"}
    values = checked_inputs(campaign, ad)
    assert "opening" not in values
    assert "buying_signal" not in values, "its field is asked for with an opening only"
    assert "call_to_action_details" not in values
    link = {**WIZARD, "call_to_action": "link", "call_to_action_details": "https://acme.example/x"}
    assert checked_inputs(campaign, link)["call_to_action_details"]


async def test_all_of_it_is_written_again_around_a_person_s_words() -> None:
    current = deepcopy(RESULT_EXAMPLES["campaign"])
    segment = current["email_content"]["segments"][2]
    current["insights"][1] = "Mine:  as I wrote it "
    current["provenance"]["edited"] = {
        "email": [item_key(segment)],
        "insights": [current["insights"][1]],
        "subjects": ["subject"],
        "name": [current["name"]],
    }
    current["proposals"] = {"email": {"value": []}}
    before = deepcopy(current)
    answer = {
        "email_content": {
            "subject": "another",
            "alternative_subjects": ["x", "y"],
            "segments": [
                {"type": "greeting", "text": "Hello {{first_name}},"},
                {"type": "pain-point", "text": "Another pain."},
                {"type": "cta", "text": "Worth it?"},
            ],
            "variant": {"subject": "v", "body": "b"},
            "follow_ups": [{"subject": "f", "body": "g", "wait_days": 3}],
        },
        "insights": ["New: one.", "New: two.", "New: three.", "New: four."],
        "name": "Another name",
    }
    generator, _, router = made("campaign", "email", **answer)
    wanted = GenerationRequest("campaign", dict(WIZARD), current=current, context=CONTEXT)
    events = await collect(generator, wanted)
    last = events[-1]
    assert isinstance(last, Completed)
    data = last.data
    assert current == before
    assert data["name"] == before["name"]
    assert data["insights"] == ["New: one.", before["insights"][1], "New: two.", "New: three."]
    email = data["email_content"]
    assert (email["subject"], email["alternative_subjects"]) == (
        before["email_content"]["subject"],
        ["x", "y"],
    )
    assert segment in email["segments"]
    assert [each["type"] for each in email["segments"]].count("pain-point") == 1
    assert data["provenance"]["edited"] == before["provenance"]["edited"]
    assert data["provenance"]["model"] == "openai/gpt-4.1-mini"
    assert data["proposals"] == {"email": None}
    prompt = router.requests[0].user
    assert "It has been written before" in prompt
    assert segment["text"] in prompt


async def test_a_card_that_is_full_of_a_person_s_words_is_proposed() -> None:
    current = deepcopy(RESULT_EXAMPLES["account"])
    current["provenance"]["edited"] = {"firmographics": ["industry"]}
    before = deepcopy(current)
    record = {**current["firmographics"], "industry": ["Dairies"], "employees": "10-50"}
    generator, _, router = made("account")
    router.answer = {"firmographics": record, "evidence": [], "confidence": {}}
    wanted = GenerationRequest(
        "account", {}, only="firmographics", current=current, context=CONTEXT
    )
    data = await completed(generator, wanted)
    assert data["firmographics"] == before["firmographics"]
    proposal = data["proposals"]["firmographics"]
    assert proposal["value"] == record
    assert proposal["written_at"]
    assert "will be offered to them" in router.requests[0].user
    ENTITIES["account"].data_model.model_validate(data)


async def test_a_card_of_another_channel_is_not_there() -> None:
    generator, _, _ = made("campaign", "email")
    wanted = GenerationRequest(
        "campaign", {}, only="ad_variants", current=RESULT_EXAMPLES["campaign"], context=CONTEXT
    )
    assert (await failure(generator, wanted)).code == "not_found"


async def test_a_card_again_asks_for_no_choice_that_the_document_does_not_know() -> None:
    generator, _, router = made("campaign", "email")
    router.answer = {"insights": ["New: one.", "New: two."], "evidence": [], "confidence": {}}
    wanted = GenerationRequest(
        "campaign", {}, only="insights", current=RESULT_EXAMPLES["campaign"], context=CONTEXT
    )
    assert (await completed(generator, wanted))["insights"] == ["New: one.", "New: two."]


async def test_without_website_and_model_it_says_what_is_needed() -> None:
    context = deepcopy(CONTEXT)
    context["company"]["company_url"] = ""
    generator = Generator(model_settings(), PlayedReader(website()), PlayedRouter(None))
    error = await failure(generator, request("persona", context))
    assert error.code == "model_needed"
