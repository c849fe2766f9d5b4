"""A document's relatives: the way to it, what changed above it, and deleting with what is below."""

from __future__ import annotations

import json

import pytest

from blossomer.entities import ACCOUNT, ENTITIES, PERSONA
from blossomer.entities.document import Document
from blossomer.entities.lineage import basis_of
from blossomer.state.deleting import what_goes
from blossomer.state.drafts import TOO_LATE
from tests.support.documents import entity_document
from tests.unit.state.visitor import Visitor

Family = dict[str, Document]
LABELS = {card.key: card.label for card in ENTITIES["company"].cards}


async def test_a_page_shows_the_way_to_it_and_what_is_below_it(
    visitor: Visitor, family: Family
) -> None:
    state = visitor.state
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    assert [crumb.label for crumb in state.crumbs] == ["The company", "Target accounts"]
    assert [row.name for row in state.children_rows["persona"]] == ["The persona"]
    assert state.children_counts["persona"] == 1
    await visitor.go(state.children_rows["persona"][0].link)
    assert [crumb.label for crumb in state.crumbs] == [
        "The company",
        "The target account",
        "Personas",
    ]
    await visitor.go(state.crumbs[0].link)
    assert (state.name, state.crumbs) == ("The company", [])


@pytest.mark.parametrize("address", ["accounts/{company}", "accounts/nobody", "personas/{account}"])
async def test_what_is_not_there_is_said(visitor: Visitor, family: Family, address: str) -> None:
    ids = {entity: document["id"] for entity, document in family.items()}
    await visitor.go("/playground/" + address.format(**ids))
    assert (visitor.state.phase, visitor.state.document_id) == ("not_found", "")


async def test_an_address_below_something_else_shows_nothing(
    visitor: Visitor, family: Family
) -> None:
    other = entity_document(ACCOUNT, "Other", {"company": family["company"]["id"]})
    visitor.browser.put(other)
    persona = family["persona"]["id"]
    await visitor.go(f"/playground/accounts/{other['id']}/personas/{persona}")
    assert visitor.state.phase == "not_found"
    await visitor.go(f"/playground/personas/{persona}")
    assert visitor.state.phase == "ready"


async def test_what_changed_above_is_said_until_it_is_noted(
    visitor: Visitor, family: Family
) -> None:
    company, account = family["company"], family["account"]
    account["data"]["basis"] = basis_of({"company": company["data"]})
    address = f"/playground/accounts/{account['id']}"
    await visitor.go(address)
    assert visitor.state.outdated == []
    company["data"]["capabilities"] = ["Something else"]
    visitor.browser.put(company)
    await visitor.go(address)
    (view,) = visitor.state.outdated
    assert (view.label, view.name) == ("Company", "The company")
    assert view.fields == LABELS["capabilities"]
    await visitor.go(view.link)
    assert visitor.state.children_rows["account"][0].is_outdated
    await visitor.go(address)
    await visitor.call("still_right")
    assert visitor.state.outdated == []
    assert visitor.kept("account")[0]["data"]["basis"] == basis_of({"company": company["data"]})
    await visitor.go(address)
    assert visitor.state.outdated == []


async def test_a_change_of_another_tab_above_is_taken_in(visitor: Visitor, family: Family) -> None:
    company, account = family["company"], family["account"]
    account["data"]["basis"] = basis_of({"company": company["data"]})
    await visitor.go(f"/playground/accounts/{account['id']}")
    company["data"]["objections"] = ["Too dear"]
    visitor.browser.put(company)
    message = {"key": f"draft_company_{company['id']}", "document": json.dumps(company)}
    await visitor.call("drafts_changed", message=message)
    assert [view.fields for view in visitor.state.outdated] == [LABELS["objections"]]
    assert visitor.state.document_id == account["id"]


def test_what_goes_is_told_in_words() -> None:
    assert what_goes({}) == ""
    assert what_goes({"persona": 1}) == "With it goes what is below it: 1 persona."
    assert (
        what_goes({"account": 1_200, "persona": 1, "campaign": 3})
        == "With it goes what is below it: 1,200 target accounts, 1 persona and 3 campaigns."
    )


async def ask(visitor: Visitor, document: Document) -> None:
    await visitor.call(
        "ask_to_delete",
        entity=document["entity"],
        document_id=document["id"],
        name=document["name"],
    )


async def test_deleting_takes_what_is_below_and_undoing_brings_all_of_it_back(
    visitor: Visitor, family: Family
) -> None:
    before = dict(visitor.browser.drafts)
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    await ask(visitor, family["account"])
    assert visitor.state.deleting.words == (
        "With it goes what is below it: 1 persona and 1 campaign."
    )
    await visitor.call("delete", confirmed=True)
    assert visitor.address == "/playground/accounts"
    assert (visitor.names(), visitor.state.deleted) == (
        [],
        "“The target account” was deleted.",
    )
    assert [d["entity"] for d in visitor.browser.drafts.values()] == ["company"]
    await visitor.call("undo_delete")
    assert visitor.browser.drafts == before
    assert (visitor.state.name, visitor.state.deleted) == ("The target account", "")


async def test_from_a_list_one_stays_in_the_list(visitor: Visitor, family: Family) -> None:
    await visitor.go("/playground/accounts")
    await ask(visitor, family["account"])
    await visitor.call("delete", confirmed=True)
    assert (visitor.names(), visitor.address) == ([], "/playground/accounts")
    assert visitor.kept("campaign") == []
    await visitor.call("undo_delete")
    assert visitor.names() == ["The target account"]
    assert len(visitor.browser.drafts) == len(ENTITIES)


async def test_nothing_is_deleted_without_having_been_asked_about(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go(f"/playground/personas/{family['persona']['id']}")
    await visitor.call("delete", confirmed=True)
    await ask(visitor, family["persona"])
    await visitor.call("leave_deletion")
    await visitor.call("delete", confirmed=True)
    await visitor.call("delete", confirmed=False)
    assert len(visitor.browser.drafts) == len(ENTITIES)
    assert visitor.state.phase == "ready"


async def test_of_what_is_at_the_top_the_next_one_is_shown(
    visitor: Visitor, family: Family
) -> None:
    second = entity_document(ENTITIES["company"], "Second")
    visitor.browser.put(second)
    await visitor.go("/playground/company")
    assert visitor.state.name == "Second"
    await ask(visitor, second)
    assert visitor.state.deleting.words == ""
    await visitor.call("delete", confirmed=True)
    assert visitor.state.name == "The company"
    await visitor.call("undo_delete")
    assert visitor.state.name == "Second"


async def test_the_notice_of_a_deletion_can_be_closed_and_then_nothing_comes_back(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go("/playground/campaigns")
    await ask(visitor, family["campaign"])
    await visitor.call("delete", confirmed=True)
    await visitor.call("dismiss_deletion")
    await visitor.call("undo_delete")
    assert (visitor.state.deleted, visitor.names()) == ("", [])


async def test_an_undo_that_comes_too_late_says_so_and_not_that_the_storage_is_full(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go("/playground/campaigns")
    await ask(visitor, family["campaign"])
    await visitor.call("delete", confirmed=True)
    visitor.browser.aside.clear()
    await visitor.call("undo_delete")
    assert (visitor.state.notice, visitor.state.storage) == (TOO_LATE, "fine")


async def test_an_undo_of_a_list_leaves_the_open_document_of_another_page_alone(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go("/playground/campaigns")
    await ask(visitor, family["campaign"])
    await visitor.call("delete", confirmed=True)
    await visitor.go(f"/playground/personas/{family['persona']['id']}")
    visitor.browser.aside.clear()
    performed = len(visitor.browser.drafts)
    await visitor.call("undo_delete")
    assert len(visitor.browser.drafts) == performed
    assert visitor.state.notice == TOO_LATE


async def test_below_a_deleted_document_of_another_tab_the_page_says_what_is_missing(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go(f"/playground/personas/{family['persona']['id']}")
    key = f"draft_persona_{family['persona']['id']}"
    del visitor.browser.drafts[key]
    await visitor.call("drafts_changed", message={"key": key, "document": ""})
    assert visitor.state.phase == "not_found"


async def test_more_children_than_a_page_shows_are_counted(
    visitor: Visitor, family: Family
) -> None:
    account = family["account"]["id"]
    visitor.browser.put(
        *(entity_document(PERSONA, f"P{n}", {"account": account}) for n in range(20))
    )
    await visitor.go(f"/playground/accounts/{account}")
    assert visitor.state.children_counts["persona"] == 21
    assert len(visitor.state.children_rows["persona"]) == 12
