"""Suggestions and proposals on a visitor's page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from blossomer.entities import ACCOUNT
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.services.events import (
    Failed,
    Ideas,
    NotWritten,
    StageEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.runtime import Runtime
from tests.support.documents import entity_data
from tests.unit.state.visitor import Visitor, until

Family = dict[str, Document]
BUSY = UserError("models_unavailable", "No model answers.", "Wait.", status=503)


class Suggester:
    """Suggestions that are played: two ideas, of which each is written when it may be."""

    def __init__(self, runtime: Runtime) -> None:
        self.asked: list[SuggestionRequest] = []
        self.may_write = [asyncio.Event(), asyncio.Event()]
        self.outcomes: list[Any] = ["Bakeries", "Brokers"]
        self.error: UserError | None = None
        self.is_closed = False
        runtime.suggester = self  # type: ignore[assignment]

    async def suggest(self, request: SuggestionRequest) -> AsyncIterator[Any]:
        """Say what was played."""
        self.asked.append(request)
        try:
            yield StageEvent("read", "Reading")
            if self.error is not None:
                yield Failed(self.error)
                return
            yield Ideas(("Bakeries", "Brokers"))
            for index, outcome in enumerate(self.outcomes):
                await self.may_write[index].wait()
                if isinstance(outcome, UserError):
                    yield NotWritten(index, outcome)
                else:
                    data = entity_data(ACCOUNT, outcome)
                    yield Written(index, data, {}, {"name": outcome, "hypothesis": "Why not?"})
        finally:
            self.is_closed = True

    def let_all(self) -> None:
        for event in self.may_write:
            event.set()


@pytest.fixture
def suggester(runtime: Runtime) -> Suggester:
    return Suggester(runtime)


async def began(visitor: Visitor, suggester: Suggester) -> asyncio.Task[None]:
    """Press *Suggest*; returns when both ideas are known."""
    task = asyncio.create_task(visitor.call("suggest", entity="account"))
    await until(lambda: len(shown(visitor)) == 2)
    assert suggester.asked
    return task


def shown(visitor: Visitor) -> list[tuple[str, str]]:
    view = visitor.state.suggestions["account"]
    return [(item.name, item.state) for item in view.suggested]


async def test_each_document_is_kept_and_shown_as_soon_as_it_is_written(
    visitor: Visitor, family: Family, suggester: Suggester
) -> None:
    await visitor.go("/playground/company")
    task = await began(visitor, suggester)
    (asked,) = suggester.asked
    company = family["company"]
    assert (asked.entity, asked.parents) == ("account", {"company": company["id"]})
    assert asked.context == {"company": company["data"]}
    assert asked.siblings == ("The target account",)
    assert asked.inputs["website_url"] == company["inputs"]["website_url"]
    suggester.may_write[0].set()
    await until(lambda: shown(visitor) == [("Bakeries", "done"), ("Brokers", "writing")])
    assert "Bakeries" in [row.name for row in visitor.state.children_rows["account"]]
    assert visitor.state.document_id == company["id"]
    suggester.let_all()
    await task
    assert shown(visitor) == [("Bakeries", "done"), ("Brokers", "done")]
    assert visitor.state.suggestions["account"].state == "over"
    kept = {d["name"]: d for d in visitor.kept("account")}
    assert set(kept) == {"The target account", "Bakeries", "Brokers"}
    assert kept["Brokers"]["parents"] == {"company": company["id"]}
    assert kept["Brokers"]["inputs"] == {"name": "Brokers", "hypothesis": "Why not?"}
    assert visitor.kept("company") == [company]
    await visitor.call("dismiss_suggestions", entity="account")
    assert visitor.state.suggestions["account"].state == ""


async def test_one_that_fails_leaves_the_others(
    visitor: Visitor, family: Family, suggester: Suggester
) -> None:
    suggester.outcomes[0] = BUSY
    suggester.let_all()
    await visitor.go("/playground/company")
    await visitor.call("suggest", entity="account")
    view = visitor.state.suggestions["account"]
    assert shown(visitor) == [("Bakeries", "failed"), ("Brokers", "done")]
    assert (view.has_failed, view.suggested[0].problem) == (True, BUSY.words)


async def test_when_nothing_comes_of_it_the_page_says_why(
    visitor: Visitor, family: Family, suggester: Suggester
) -> None:
    suggester.error = BUSY
    await visitor.go("/playground/company")
    await visitor.call("suggest", entity="account")
    view = visitor.state.suggestions["account"]
    assert (view.state, view.message, view.action) == ("over", BUSY.message, BUSY.action)
    suggester.error = None
    suggester.let_all()
    await visitor.call("suggest", entity="account")
    assert [state for _, state in shown(visitor)] == ["done", "done"]


async def test_a_second_press_starts_nothing_and_stopping_keeps_what_is_written(
    visitor: Visitor, family: Family, suggester: Suggester
) -> None:
    await visitor.go("/playground/company")
    task = await began(visitor, suggester)
    await visitor.call("suggest", entity="account")
    assert len(suggester.asked) == 1
    suggester.may_write[0].set()
    await until(lambda: ("Bakeries", "done") in shown(visitor))
    await visitor.call("stop_suggesting", entity="account")
    await task
    assert suggester.is_closed
    assert visitor.state.suggestions["account"].state == "over"
    assert {d["name"] for d in visitor.kept("account")} == {"The target account", "Bakeries"}


async def test_on_another_page_nothing_of_it_is_shown_and_all_of_it_is_kept(
    visitor: Visitor, family: Family, suggester: Suggester
) -> None:
    await visitor.go("/playground/company")
    task = await began(visitor, suggester)
    await visitor.go(f"/playground/personas/{family['persona']['id']}")
    assert visitor.state.suggestions["account"].state == ""
    suggester.let_all()
    await task
    assert (visitor.state.name, shown(visitor)) == ("The persona", [])
    await visitor.go("/playground/accounts")
    assert set(visitor.names()) == {"The target account", "Bakeries", "Brokers"}
    assert {row.parent for row in visitor.state.list_rows} == {"The company"}


@pytest.mark.parametrize("entity", ["company", "campaign", "persona", "spaceship", ""])
async def test_only_what_is_directly_below_can_be_suggested(
    visitor: Visitor, family: Family, suggester: Suggester, entity: str
) -> None:
    await visitor.go("/playground/company")
    await visitor.call("suggest", entity=entity)
    assert suggester.asked == []


def proposing(family: Family, value: Any) -> Document:
    """The account with a proposal for its strengths, of which one line is a person's."""
    account = family["account"]
    account["data"]["strengths"] = ["Mine", "Old"]
    account["data"]["provenance"]["edited"] = {"strengths": ["Mine"]}
    account["data"]["proposals"] = {
        "strengths": {
            "value": value,
            "evidence": [],
            "confidence": "medium",
            "written_at": "2026-11-25T10:00:00Z",
        }
    }
    return account


async def test_a_proposal_is_shown_beside_what_is_there_and_accepted_with_a_way_back(
    visitor: Visitor, family: Family
) -> None:
    visitor.browser.put(proposing(family, ["Old", "New"]))
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    (view,) = visitor.state.proposals
    assert [(line.text, line.state) for line in view.now] == [("Mine", "gone"), ("Old", "same")]
    assert [(line.text, line.state) for line in view.then] == [("Old", "same"), ("New", "new")]
    await visitor.call("accept", key="strengths")
    data = visitor.kept("account")[0]["data"]
    assert (data["strengths"], data["proposals"]["strengths"]) == (["Old", "New"], None)
    assert data["provenance"]["edited"]["strengths"] == []
    assert visitor.state.proposals == []
    await visitor.call("undo")
    data = visitor.kept("account")[0]["data"]
    assert data["strengths"] == ["Mine", "Old"]
    assert data["provenance"]["edited"]["strengths"] == ["Mine"]


async def test_declining_keeps_what_is_there(visitor: Visitor, family: Family) -> None:
    visitor.browser.put(proposing(family, ["New"]))
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    await visitor.call("decline", key="strengths")
    data = visitor.kept("account")[0]["data"]
    assert (data["strengths"], data["proposals"]["strengths"]) == (["Mine", "Old"], None)
    assert visitor.state.proposals == []


@pytest.mark.parametrize("value", [None, 5, "text", [[1]], {"a": {}}, [{"x": 1}]])
async def test_a_damaged_proposal_can_only_be_declined(
    visitor: Visitor, family: Family, value: Any
) -> None:
    visitor.browser.put(proposing(family, value))
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    assert [view.key for view in visitor.state.proposals] == ["strengths"]
    await visitor.call("accept", key="strengths")
    assert "damaged" in visitor.state.notice
    assert visitor.kept("account")[0]["data"]["strengths"] == ["Mine", "Old"]
    await visitor.call("decline", key="strengths")
    assert visitor.state.proposals == []


@pytest.mark.parametrize("key", ["nonsense", "overview", "challenges"])
async def test_where_nothing_is_proposed_nothing_is_changed(
    visitor: Visitor, family: Family, key: str
) -> None:
    visitor.browser.put(proposing(family, ["New"]))
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    before = visitor.document
    await visitor.call("accept", key=key)
    assert visitor.document == before
