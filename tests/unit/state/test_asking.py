"""Asking for a document: what it is to be below, what can be chosen, and what is then written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from blossomer.entities import ACCOUNT, CAMPAIGN, COMPANY, PERSONA
from blossomer.entities.document import Document
from blossomer.entities.lineage import basis_of
from blossomer.errors import UserError
from blossomer.services.events import Completed, Failed, GenerationRequest, Partial
from blossomer.services.runtime import Runtime
from blossomer.state.requesting import ENTITY_INPUT
from tests.support.documents import company_data, entity_data, entity_document
from tests.unit.state.visitor import Visitor, until

Family = dict[str, Document]


class Writing:
    """Generations that are played: what was asked for, and what comes of it."""

    def __init__(self, runtime: Runtime) -> None:
        self.asked: list[GenerationRequest] = []
        self.data: dict[str, Any] = {}
        self.error: UserError | None = None
        self.parts: list[Partial] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        runtime.generator = self  # type: ignore[assignment]

    async def generate(self, request: GenerationRequest) -> AsyncIterator[Any]:
        """Say what was played, once it may be said."""
        self.asked.append(request)
        for part in self.parts:
            yield part
        await self.may_end.wait()
        if self.error is not None:
            yield Failed(self.error)
        else:
            yield Completed(data=self.data)


@pytest.fixture
def writing(runtime: Runtime) -> Writing:
    return Writing(runtime)


async def test_a_form_offers_the_parents_there_are_and_chooses_the_last_changed(
    visitor: Visitor, family: Family
) -> None:
    second = entity_document(COMPANY, "Second")
    visitor.browser.put(second)
    await visitor.go("/playground/accounts/new")
    state = visitor.state
    assert (state.phase, state.document_id) == ("empty", "")
    assert [choice.name for choice in state.parent_choices["company"]] == ["Second", "The company"]
    assert state.chosen_parents == {"company": second["id"]}
    await visitor.call("choose_parent", entity="company", document_id=family["company"]["id"])
    assert state.chosen_parents == {"company": family["company"]["id"]}
    assert [crumb.label for crumb in state.crumbs] == ["The company", "Target accounts"]


async def test_what_the_address_names_is_chosen(visitor: Visitor, family: Family) -> None:
    visitor.browser.put(entity_document(COMPANY, "Newer"))
    await visitor.go(f"/playground/accounts/new?company={family['company']['id']}")
    assert visitor.state.chosen_parents == {"company": family["company"]["id"]}
    await visitor.go("/playground/accounts/new?company=nobody")
    assert visitor.state.chosen_parents["company"] != "nobody"


async def test_with_another_account_come_its_personas(visitor: Visitor, family: Family) -> None:
    account = entity_document(ACCOUNT, "Second", {"company": family["company"]["id"]})
    persona = entity_document(PERSONA, "Of the second", {"account": account["id"]})
    visitor.browser.put(account, persona)
    await visitor.go(f"/playground/campaigns/new?account={family['account']['id']}")
    state = visitor.state
    assert [choice.name for choice in state.parent_choices["persona"]] == ["The persona"]
    await visitor.call("choose_parent", entity="account", document_id=account["id"])
    assert [choice.name for choice in state.parent_choices["persona"]] == ["Of the second"]
    assert state.chosen_parents == {"account": account["id"], "persona": persona["id"]}
    assert set(state._ancestors) == {"company", "account", "persona"}


async def test_items_of_what_is_above_can_be_chosen(visitor: Visitor, family: Family) -> None:
    await visitor.go("/playground/campaigns/new")
    cases = family["persona"]["data"]["use_cases"]
    options = visitor.state.item_options["use_case"]
    assert [option.label for option in options] == [case["use_case"] for case in cases]
    assert all(cases[0][name] in options[0].value for name in cases[0])


async def test_a_wizard_does_not_go_on_without_what_a_step_needs(visitor: Visitor) -> None:
    state = visitor.state
    await visitor.go("/playground/campaigns/new")
    await visitor.call("next_step")
    assert (state.step, state.form_problem) == (0, "Choose first: channel.")
    await visitor.call("pick", name="campaign_type", value="email")
    assert state.form_problem == ""
    await visitor.call("next_step")
    assert visitor.focused == "form_steps"
    await visitor.call("next_step")
    assert (state.step, state.form_problem) == (1, "Choose first: emphasis.")
    await visitor.call("last_step")
    assert (state.step, state.form_problem) == (0, "")
    await visitor.call("last_step")
    assert state.step == 0
    for _ in range(9):
        await visitor.call("pick", name="emphasis", value="capability")
        await visitor.call("next_step")
    assert state.step == len(CAMPAIGN.form.steps) - 1


async def test_without_a_parent_the_first_step_says_which(runtime: Runtime) -> None:
    visitor = await Visitor.on()
    await visitor.go("/playground/campaigns/new")
    await visitor.call("pick", name="campaign_type", value="email")
    await visitor.call("next_step")
    assert (visitor.state.step, visitor.state.form_problem) == (
        0,
        "Choose first: target account.",
    )


async def test_what_is_no_field_cannot_be_picked(visitor: Visitor) -> None:
    await visitor.go("/playground/campaigns/new")
    await visitor.call("pick", name="nonsense", value="x")
    await visitor.call("choose_parent", entity="company", document_id="x")
    assert visitor.state.picks == {}
    assert set(visitor.state.chosen_parents) == {"account", "persona"}


async def send(visitor: Visitor, entity: str, **values: str) -> None:
    await visitor.call("start", form={ENTITY_INPUT: entity, **values})


async def test_what_came_last_before_the_model_pauses_is_shown(
    visitor: Visitor, writing: Writing
) -> None:
    card = COMPANY.cards[0].key
    texts = ["Sells software for ports.", "To ports with their own cranes."]
    writing.data = company_data()
    writing.parts = [Partial({card: texts[:n]}, card) for n in range(len(texts) + 1)]
    writing.may_end.clear()
    await visitor.go("/playground/company?id=none")
    going = asyncio.create_task(send(visitor, "company", website_url="https://quayline.example"))
    await until(lambda: card in visitor.state.cards)
    await until(lambda: [s.text for s in visitor.state.cards[card].statements] == texts)
    assert visitor.state.generating
    writing.may_end.set()
    await going
    assert not visitor.state.generating


async def test_a_new_document_is_written_below_what_was_chosen_and_opened(
    visitor: Visitor, family: Family, writing: Writing
) -> None:
    writing.data = entity_data(ACCOUNT, "Bakeries")
    await visitor.go("/playground/accounts/new")
    await send(visitor, "account", name="Bakeries", hypothesis="They bake.")
    (asked,) = writing.asked
    company = family["company"]
    assert (asked.entity, asked.parents) == ("account", {"company": company["id"]})
    assert asked.context == {"company": company["data"]}
    assert asked.inputs["website_url"] == company["inputs"]["website_url"]
    kept = next(d for d in visitor.kept("account") if d["name"] == "Bakeries")
    assert kept["parents"] == {"company": company["id"]}
    assert kept["inputs"] == {"name": "Bakeries", "hypothesis": "They bake."}
    assert visitor.address.endswith(f"/accounts/{kept['id']}")
    assert (visitor.state.phase, visitor.state.name) == ("ready", "Bakeries")


async def test_only_what_the_form_asks_for_is_sent_on(visitor: Visitor, writing: Writing) -> None:
    writing.data = entity_data(CAMPAIGN, "An ad", kind="ad")
    await visitor.go("/playground/campaigns/new")
    values = {
        "campaign_type": "ad",
        "emphasis": "capability",
        "call_to_action": "interest",
        "buying_signal": "chosen before the channel was changed",
        "call_to_action_details": "left over",
        "pasted_text": "smuggled in " * 30,
        "nonsense": "x",
    }
    await send(visitor, "campaign", **values)
    (asked,) = writing.asked
    given = {name: text for name, text in asked.inputs.items() if text and name != "website_url"}
    assert given == {
        "campaign_type": "ad",
        "emphasis": "capability",
        "call_to_action": "interest",
    }


@pytest.mark.parametrize("entity", ["", "spaceship", "Account"])
async def test_a_form_that_does_not_say_what_for_starts_nothing(
    visitor: Visitor, writing: Writing, entity: str
) -> None:
    await visitor.go("/playground/accounts/new")
    await send(visitor, entity, name="Bakeries")
    assert (writing.asked, visitor.state.generating) == ([], False)


async def test_below_nothing_nothing_is_written(runtime: Runtime, writing: Writing) -> None:
    visitor = await Visitor.on()
    await visitor.go("/playground/accounts/new")
    await send(visitor, "account", name="Bakeries")
    assert writing.asked == []
    assert visitor.state.form_problem == "Choose a company first. Then try again."


async def test_what_was_typed_is_there_again_when_nothing_came_of_it(
    visitor: Visitor, writing: Writing
) -> None:
    writing.error = UserError("models_unavailable", "No model answers.", "Wait.", status=503)
    await visitor.go("/playground/accounts/new")
    await send(visitor, "account", name="Bakeries", hypothesis="They bake.")
    state = visitor.state
    assert (state.error.code, state.phase) == ("models_unavailable", "empty")
    assert state.typed == {"name": "Bakeries", "hypothesis": "They bake."}
    writing.error, writing.data = None, entity_data(ACCOUNT, "Bakeries")
    await visitor.call("try_again")
    first, second = ({k: v for k, v in r.inputs.items() if v} for r in writing.asked)
    assert (second, writing.asked[1].parents) == (first, writing.asked[0].parents)
    assert state.name == "Bakeries"


async def test_writing_goes_on_while_another_page_is_looked_at(
    visitor: Visitor, family: Family, writing: Writing
) -> None:
    writing.data = entity_data(ACCOUNT, "Bakeries")
    writing.may_end.clear()
    await visitor.go("/playground/accounts/new")
    sending = asyncio.create_task(send(visitor, "account", name="Bakeries"))
    await until(lambda: bool(writing.asked))
    assert visitor.state.generating
    await visitor.go(f"/playground/personas/{family['persona']['id']}")
    assert (visitor.state.generating, visitor.state.name) == (False, "The persona")
    await visitor.call("rewrite", key="pain_points")
    assert visitor.state.error.code == "busy"
    writing.may_end.set()
    await sending
    assert {d["name"] for d in visitor.kept("account")} == {"The target account", "Bakeries"}
    assert visitor.state.name == "The persona"


async def test_writing_the_whole_again_keeps_what_a_person_wrote(
    visitor: Visitor, family: Family, writing: Writing
) -> None:
    account = family["account"]
    account["data"]["strengths"] = ["Mine", "Old"]
    account["data"]["provenance"] |= {"edited": {"strengths": ["Mine"]}}
    visitor.browser.put(account)
    await visitor.go(f"/playground/accounts/{account['id']}")
    writing.data = account["data"] | {
        "strengths": ["New", "Mine"],
        "basis": basis_of({"company": family["company"]["data"]}),
    }
    await visitor.call("write_again")
    (asked,) = writing.asked
    assert (asked.current, asked.only) == (account["data"], None)
    kept = visitor.kept("account")[0]["data"]
    assert "Mine" in kept["strengths"]
    assert "New" in kept["strengths"]
    assert kept["basis"] == writing.data["basis"]


async def test_other_choices_are_kept_with_the_document(
    visitor: Visitor, family: Family, writing: Writing
) -> None:
    campaign = family["campaign"]
    campaign["inputs"] = {
        "campaign_type": "email",
        "emphasis": "pain point",
        "opening": "none",
        "call_to_action": "interest",
        "use_case": "One that is no longer there",
    }
    visitor.browser.put(campaign)
    state = visitor.state
    await visitor.go(f"/playground/campaigns/{campaign['id']}")
    await visitor.call("change_choices")
    assert state.is_choosing
    assert state.picks["emphasis"] == "pain point"
    # What was chosen before can be kept, although nothing above says it any more.
    first = state.item_options["use_case"][0]
    assert (first.value, first.detail) == ("One that is no longer there", "As chosen before")
    writing.data = campaign["data"]
    values = campaign["inputs"] | {"emphasis": "capability", "use_case": ""}
    await send(visitor, "campaign", **values)
    assert not state.is_choosing
    assert writing.asked[0].current == campaign["data"]
    kept = visitor.kept("campaign")
    assert len(kept) == 1
    assert kept[0]["inputs"]["emphasis"] == "capability"
    assert not kept[0]["inputs"].get("use_case")
    await visitor.call("change_choices")
    await visitor.call("leave_choices")
    assert (state.is_choosing, state.typed) == (False, {})


async def test_a_company_is_written_without_anything_above_it(
    runtime: Runtime, writing: Writing
) -> None:
    visitor = await Visitor.on()
    writing.data = company_data("Acme")
    await visitor.go("/playground/company")
    await send(visitor, "company", website_url="acme.example")
    assert [d["name"] for d in visitor.kept("company")] == ["Acme"]
    assert (visitor.state.name, visitor.state.save_state) == ("Acme", "saved")
