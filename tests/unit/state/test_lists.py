"""Lists of drafts: what is shown, searched and filtered, and what the address may ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from blossomer.entities import ACCOUNT, CAMPAIGN, COMPANY, PERSONA
from blossomer.entities.document import Document
from blossomer.entities.listing import PAGE_ROWS
from blossomer.services.runtime import Runtime
from tests.support.documents import entity_document
from tests.unit.state.visitor import Visitor

Family = dict[str, Document]


def accounts(company: str, *names: str) -> list[Document]:
    made = []
    for number, name in enumerate(names):
        moment = f"2026-11-25T12:{number:02}:00.000000+00:00"
        document = entity_document(ACCOUNT, name, {"company": company})
        made.append(document | {"created_at": moment, "updated_at": moment})
    return made


async def test_a_list_shows_what_is_there_and_what_it_is_below(visitor: Visitor) -> None:
    await visitor.go("/playground/personas")
    state = visitor.state
    assert (state.list_phase, state.list_total, state.list_all) == ("ready", 1, 1)
    row = state.list_rows[0]
    assert (row.name, row.parent) == ("The persona", "The target account")
    assert not row.is_draft  # in the browser everything is one, which says nothing
    await visitor.go(row.link)
    assert (state.phase, state.name) == ("ready", "The persona")


async def test_the_last_changed_comes_first_and_other_orders_can_be_chosen(
    visitor: Visitor, family: Family
) -> None:
    visitor.browser.put(*accounts(family["company"]["id"], "beta", "Alpha", "Gamma"))
    await visitor.go("/playground/accounts")
    assert visitor.names() == ["Gamma", "Alpha", "beta", "The target account"]
    await visitor.call("filter_list", name="sort", value="name")
    assert visitor.address == "/playground/accounts?sort=name"
    assert visitor.names() == ["Alpha", "beta", "Gamma", "The target account"]
    await visitor.call("filter_list", name="sort", value="name-desc")
    assert visitor.names() == ["The target account", "Gamma", "beta", "Alpha"]
    await visitor.call("clear_filters")
    assert (visitor.address, visitor.names()[0]) == ("/playground/accounts", "Gamma")


async def test_searching_finds_by_the_browsers_word_and_says_how_many_there_are(
    visitor: Visitor, family: Family
) -> None:
    visitor.browser.put(*accounts(family["company"]["id"], "Bakeries", "Brokers"))
    await visitor.go("/playground/accounts")
    await visitor.call("filter_list", name="q", value="  bakeries ")
    assert visitor.names() == ["Bakeries"]
    assert (visitor.state.list_total, visitor.state.list_all) == (1, 3)
    await visitor.call("filter_list", name="q", value="nothing like it")
    assert (visitor.names(), visitor.state.list_all) == ([], 3)


async def test_filters_by_what_is_above_also_further_up(visitor: Visitor, family: Family) -> None:
    other = entity_document(COMPANY, "Other")
    account = accounts(other["id"], "Of the other")[0]
    persona = entity_document(PERSONA, "Somebody else", {"account": account["id"]})
    visitor.browser.put(other, account, persona)
    await visitor.go(f"/playground/accounts?company={other['id']}")
    assert visitor.names() == ["Of the other"]
    await visitor.go(f"/playground/personas?company={other['id']}")
    assert visitor.names() == ["Somebody else"]
    await visitor.go(f"/playground/campaigns?company={family['company']['id']}")
    assert visitor.names() == ["The campaign"]
    await visitor.go(f"/playground/campaigns?company={other['id']}")
    assert visitor.names() == []


async def test_the_choices_of_a_filter_are_narrowed_by_another(
    visitor: Visitor, family: Family
) -> None:
    second = accounts(family["company"]["id"], "Second")[0]
    persona = entity_document(PERSONA, "Of the second", {"account": second["id"]})
    visitor.browser.put(second, persona)
    await visitor.go("/playground/campaigns")
    offered = [choice.name for choice in visitor.state.list_parents["persona"]]
    assert sorted(offered) == ["Of the second", "The persona"]
    await visitor.call("filter_list", name="persona", value=family["persona"]["id"])
    await visitor.call("filter_list", name="account", value=second["id"])
    assert [choice.name for choice in visitor.state.list_parents["persona"]] == ["Of the second"]
    # The persona that was chosen is not below this account.
    assert set(visitor.state.list_filters) == {"account"}


async def test_filters_by_kind_status_and_confidence(visitor: Visitor, family: Family) -> None:
    parents = family["campaign"]["parents"]
    call = entity_document(CAMPAIGN, "A call", parents, kind="cold_call")
    call |= {"status": "saved"}
    call["data"]["confidence"] = {"insights": "high"}
    visitor.browser.put(call)
    for query in ("kind=cold_call", "status=saved", "confidence=high"):
        await visitor.go(f"/playground/campaigns?{query}")
        assert visitor.names() == ["A call"]
    row = visitor.state.list_rows[0]
    assert (row.kind, row.is_draft, row.confidence) == ("Call script", False, "high")


async def test_long_lists_have_pages(visitor: Visitor, family: Family) -> None:
    names = [f"Account {number:02}" for number in range(PAGE_ROWS + 4)]
    visitor.browser.put(*accounts(family["company"]["id"], *names))
    await visitor.go("/playground/accounts?sort=name")
    assert (visitor.names(), visitor.state.list_pages) == (names[:PAGE_ROWS], 2)
    await visitor.call("filter_list", name="page", value="2")
    assert visitor.address == "/playground/accounts?sort=name&page=2"
    assert visitor.names() == [*names[PAGE_ROWS:], "The target account"]
    await visitor.call("filter_list", name="status", value="draft")
    assert visitor.state.list_page == 1


@pytest.mark.parametrize(
    "query",
    [
        "sort=size", "status=gone", "confidence=all", "page=0", "page=1", "page=-3", "page=²",
        "page=1e9", "page=99999999999", "kind=email", "company=../../etc", "nonsense=1",
        f"company={'x' * 100}",
    ],
)  # fmt: skip
async def test_what_means_nothing_in_an_address_is_left_out(visitor: Visitor, query: str) -> None:
    await visitor.go(f"/playground/accounts?{query}")
    assert visitor.state.list_filters == {}
    assert visitor.names() == ["The target account"]


async def test_without_anything_the_list_says_so_and_with_nothing_found_too(
    runtime: Runtime,
) -> None:
    visitor = await Visitor.on()
    await visitor.go("/playground/accounts")
    assert (visitor.state.list_phase, visitor.state.list_all) == ("ready", 0)


async def test_another_tabs_change_is_seen_in_the_list(visitor: Visitor, family: Family) -> None:
    await visitor.go("/playground/accounts?q=target")
    renamed = family["account"] | {"name": "Target practice"}
    visitor.browser.put(renamed)
    await visitor.call("drafts_changed", message=changed(renamed))
    assert visitor.names() == ["Target practice"]


def changed(document: Document) -> dict[str, Any]:
    """What the bridge says of what another tab wrote."""

    return {
        "key": f"draft_{document['entity']}_{document['id']}",
        "document": json.dumps(document),
    }


async def test_entries_that_are_no_drafts_of_ours_do_no_harm(visitor: Visitor) -> None:
    await visitor.go("/playground/accounts")
    entry = {
        "id": "x", "entity": "account", "name": "", "status": "?", "created_at": "",
        "updated_at": "", "parents": {"company": 7, "nobody": "x", "persona": "../x"},
        "columns": {"description": 5, "confidence": [1], "basis": {"company": "x"}, "kind": {}},
        "matches": True,
    }  # fmt: skip
    request = visitor.state.drafts_request["id"]
    await visitor.call(
        "drafts_read",
        message={
            "request": request,
            "available": True,
            "unreadable": 0,
            "entries": [entry, entry | {"entity": "spaceship"}, entry | {"id": "a b"}],
            "documents": [],
        },
    )
    assert [(row.id, row.name) for row in visitor.state.list_rows] == [("x", "")]
    assert visitor.state._rows[0].parents == {}
