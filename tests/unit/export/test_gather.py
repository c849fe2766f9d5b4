"""Collecting what is below and above a document, from a store in memory."""

from __future__ import annotations

import pytest

from blossomer.entities import ENTITIES
from blossomer.errors import UserError
from blossomer.services.export import gather
from blossomer.services.export.gather import documents_below
from blossomer.services.export.markdown import markdown
from tests.support.plans import MemoryStore, document_of, plan

COMPANY, ACCOUNT, PERSONA = (ENTITIES[e] for e in ("company", "account", "persona"))


async def test_everything_below_and_nothing_else() -> None:
    other = document_of(COMPANY, "other")
    stray = document_of(ACCOUNT, "stray", parents={"company": "other"})
    store = MemoryStore([other, *plan(), stray])
    found = await documents_below(store, COMPANY, "company-1")
    assert [d["id"] for d in found] == [d["id"] for d in plan()]
    below = await documents_below(store, PERSONA, "persona-1")
    assert [d["id"] for d in below] == ["persona-1", *(f"campaign-{n}" for n in range(1, 5))]
    assert await documents_below(store, COMPANY, "nobody") == []


async def test_more_than_one_page_of_rows() -> None:
    many = [document_of(ACCOUNT, f"a-{n}", parents={"company": "company-1"}) for n in range(60)]
    store = MemoryStore([plan()[0], *many])
    found = await documents_below(store, COMPANY, "company-1")
    assert len(found) == 61
    assert markdown(found).count("\n## Target account: ") == 60


async def test_too_many_documents_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST_DOCUMENTS", 5)
    with pytest.raises(UserError) as caught:
        await documents_below(MemoryStore(plan()), COMPANY, "company-1")
    assert caught.value.code == "plan_too_large"


async def test_what_is_above_comes_first() -> None:
    store = MemoryStore(plan())
    campaign = ENTITIES["campaign"]
    found = await documents_below(store, campaign, "campaign-4", with_above=True)
    assert [d["entity"] for d in found] == ["company", "account", "persona", "campaign"]
    found = await documents_below(store, COMPANY, "company-1", with_above=True)
    assert [d["id"] for d in found] == [d["id"] for d in plan()]


async def test_one_document_alone() -> None:
    store = MemoryStore(plan())
    (found,) = await documents_below(store, ACCOUNT, "account-1", with_below=False)
    assert found["id"] == "account-1"
    found, above = (
        await documents_below(store, ACCOUNT, "account-1", with_above=True, with_below=False)
    )[::-1]
    assert (found["id"], above["id"]) == ("account-1", "company-1")
