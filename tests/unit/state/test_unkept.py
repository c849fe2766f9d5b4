"""What the browser has no room for: told, kept on the server, and written once there is room."""

from __future__ import annotations

import pytest

from blossomer.entities.document import Document
from tests.unit.state.visitor import Visitor

Family = dict[str, Document]


async def change(visitor: Visitor, key: str, text: str) -> None:
    """Change the first item of a card in the edit modal."""
    await visitor.call("edit", key=key)
    form = {f"row-{row.id}": row.text for row in visitor.state.edit_items}
    form[next(iter(form))] = text
    await visitor.call("save_edit", form=form)


async def opened(visitor: Visitor, family: Family) -> Document:
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    return visitor.kept("account")[0]


async def test_a_change_without_room_stays_on_the_page_until_there_is_some(
    visitor: Visitor, family: Family
) -> None:
    before = await opened(visitor, family)
    visitor.browser.is_full = True
    await change(visitor, "strengths", "Mine")
    assert (visitor.state.storage, visitor.state.save_state) == ("full", "failed")
    assert visitor.document["data"]["strengths"][0] == "Mine"
    assert visitor.kept("account") == [before]
    await visitor.call("save_again")
    assert visitor.state.save_state == "failed"
    visitor.browser.is_full = False
    await visitor.call("save_again")
    assert (visitor.state.storage, visitor.state.save_state) == ("fine", "saved")
    assert visitor.kept("account") == [visitor.document]


async def test_a_later_change_that_fits_does_not_hide_that_one_before_it_is_missing(
    visitor: Visitor, family: Family
) -> None:
    await opened(visitor, family)
    visitor.browser.is_full = True
    await change(visitor, "strengths", "First")
    visitor.browser.is_full = False
    await change(visitor, "challenges", "Second")
    kept = visitor.kept("account")[0]["data"]
    assert (kept["strengths"][0], kept["challenges"][0]) == ("First", "Second")
    assert visitor.state.save_state == "saved"


async def test_of_two_changes_at_once_the_one_that_was_kept_does_not_hide_the_other(
    visitor: Visitor, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(visitor, family)
    for key, text in (("strengths", "First"), ("challenges", "Second")):
        await visitor.only_call("edit", key=key)
        form = {f"row-{row.id}": row.text for row in visitor.state.edit_items}
        form[next(iter(form))] = text
        await visitor.only_call("save_edit", form=form)
    first = visitor.state.drafts_operations[0]["id"]
    perform = visitor.browser.perform
    monkeypatch.setattr(
        visitor.browser, "perform", lambda o: "full" if o["id"] == first else perform(o)
    )
    await visitor.settle()
    assert visitor.state.save_state == "failed"
    await visitor.call("save_again")
    kept = visitor.kept("account")[0]["data"]
    assert (kept["strengths"][0], kept["challenges"][0]) == ("First", "Second")
    assert (visitor.state.save_state, visitor.state.storage) == ("saved", "fine")


async def test_what_could_not_be_kept_survives_a_visit_to_other_pages(
    visitor: Visitor, family: Family
) -> None:
    await opened(visitor, family)
    visitor.browser.is_full = True
    await change(visitor, "strengths", "Mine")
    await visitor.go("/playground/accounts")
    assert visitor.names() == ["The target account"]
    await visitor.go(f"/playground/personas/{family['persona']['id']}")
    assert (visitor.state.name, visitor.state.save_state) == ("The persona", "")
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    assert visitor.document["data"]["strengths"][0] == "Mine"
    assert visitor.state.save_state == "failed"
    visitor.browser.is_full = False
    await visitor.call("save_again")
    assert visitor.kept("account") == [visitor.document]
    assert visitor.state.save_state == "saved"


async def test_a_draft_removed_elsewhere_while_it_is_edited_here_is_kept(
    visitor: Visitor, family: Family
) -> None:
    await opened(visitor, family)
    del visitor.browser.drafts[f"draft_account_{family['account']['id']}"]
    await change(visitor, "strengths", "Mine")
    assert visitor.kept("account") == [visitor.document]
    assert visitor.state.save_state == "saved"


async def test_an_answer_to_nothing_changes_nothing(visitor: Visitor, family: Family) -> None:
    await opened(visitor, family)
    visitor.browser.is_full = True
    await change(visitor, "strengths", "Mine")
    await visitor.call(
        "drafts_written", message={"done": ["made-up"], "failed": [], "nearly_full": False}
    )
    assert (visitor.state.storage, visitor.state.save_state) == ("full", "failed")
