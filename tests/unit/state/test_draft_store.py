"""Drafts: patches only, nothing trusted that comes from the browser, nothing lost."""

import gc
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.entities.document import UnreadableDocument, parse_document
from blossomer.entities.merge import Change, apply_changes, changes_between
from blossomer.state.draft_store import MOST_WAITING, DraftStore
from tests.support.documents import CONFIG, INPUTS
from tests.support.documents import company_data as company


def store() -> tuple[DraftStore, list[dict[str, Any]]]:
    queue: list[dict[str, Any]] = []
    return DraftStore({}, queue), queue


def test_a_patch_carries_only_what_changed() -> None:
    drafts, queue = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    drafts.patch(document["id"], [Change(path=("data", "capabilities"), value=["Mine"])])
    assert queue[1]["document"] is None
    assert [c["path"] for c in queue[1]["changes"]] == [["data", "capabilities"], ["updated_at"]]
    kept = drafts.get(document["id"])
    assert kept is not None
    assert kept["data"]["capabilities"] == ["Mine"]
    assert kept["data"]["objections"] == document["data"]["objections"]


def test_a_draft_survives_the_way_to_the_browser_and_back() -> None:
    drafts, queue = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    assert parse_document(CONFIG, json.dumps(queue[0]["document"])) == document


def test_a_person_may_empty_a_card() -> None:
    drafts, _ = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    emptied = drafts.patch(document["id"], [Change(path=("data", "objections"), value=[])])
    assert parse_document(CONFIG, json.dumps(emptied))["data"]["objections"] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"id": "a"}',
        '{"id": "a", "data": []}',
        '{"id": "../a", "data": {"company_name": "x"}}',
        '{"id": "a", "data": {"company_name": ["x"]}}',
        '{"id": "a", "data": {"company_name": "x", "capabilities": [{"a": 1}]}}',
        '{"id": "a", "data": {"company_name": "x", "capabilities": "text"}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_draft_is_refused(text: str) -> None:
    # What other tests have left behind must not be cleared away just where recursion ends: its
    # finalizers would fail there, and that would be counted as a failure of this test.
    gc.disable()
    try:
        with pytest.raises(UnreadableDocument):
            parse_document(CONFIG, text)
    finally:
        gc.enable()


def test_another_tab_cannot_smuggle_a_document_under_a_foreign_key() -> None:
    drafts, queue = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    with pytest.raises(UnreadableDocument):
        drafts.accept("draft_company_other", json.dumps(queue[0]["document"]))
    assert drafts.accept("draft_unknown_1", "{}") is None
    assert drafts.get(document["id"]) == document


def test_a_removal_in_another_tab_removes_it_here() -> None:
    drafts, _ = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    assert drafts.accept(f"draft_company_{document['id']}", "") is None
    assert drafts.get(document["id"]) is None


def test_other_drafts_of_the_browser_are_not_kept_on_the_server() -> None:
    drafts, queue = store()
    mine = drafts.create(CONFIG, company(), INPUTS)
    for number in range(50):
        other = {**queue[0]["document"], "id": f"other{number}"}
        read = drafts.accept(f"draft_company_other{number}", json.dumps(other))
        assert read is not None
        assert read["id"] == f"other{number}"
        assert drafts.get(f"other{number}") is None
    assert drafts.get(mine["id"]) == mine


def test_a_browser_that_confirms_nothing_is_not_sent_an_ever_longer_list() -> None:
    drafts, queue = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    browser: dict[str, Any] = {}
    performed = set()
    for number in range(MOST_WAITING * 5):
        drafts.patch(document["id"], [Change(path=("data", "objections"), value=[str(number)])])
        if number % 7 == 0:
            drafts.restore(document["id"])
        assert len(queue) <= MOST_WAITING
        for waiting in queue:  # as the bridge does: each once, in order
            if waiting["id"] not in performed:
                performed.add(waiting["id"])
                browser = waiting["document"] or apply_changes(
                    browser, [Change(**change) for change in waiting["changes"]]
                )
        assert browser == drafts.get(document["id"])


def test_whoever_confirms_late_gets_the_whole_draft_all_the_same() -> None:
    drafts, queue = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    for number in range(MOST_WAITING * 3 + 1):
        drafts.patch(document["id"], [Change(path=("data", "objections"), value=[str(number)])])
    browser: dict[str, Any] = {}
    for waiting in queue:
        browser = waiting["document"] or apply_changes(
            browser, [Change(**change) for change in waiting["changes"]]
        )
    assert browser == drafts.get(document["id"])


def test_a_removal_waits_alone() -> None:
    drafts, queue = store()
    document = drafts.create(CONFIG, company(), INPUTS)
    drafts.patch(document["id"], [Change(path=("data", "objections"), value=[])])
    drafts.delete([("company", document["id"])])
    assert [(w["action"], w["document"], w["changes"]) for w in queue] == [("remove", None, [])]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.dictionaries(st.text(min_size=1, max_size=4), values, max_size=5)


@given(before=objects, after=objects)
def test_the_changes_between_two_documents_lead_from_one_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    result = apply_changes(before, changes_between(before, after))
    for key, value in after.items():
        if not isinstance(value, dict):
            assert result[key] == value
    for key in before.keys() - after.keys():
        assert result[key] == before[key]


@given(document=objects, key=st.text(min_size=1, max_size=4), value=values)
def test_a_change_leaves_every_other_field_as_it_was(
    document: dict[str, Any], key: str, value: Any
) -> None:
    before = json.dumps(document)
    result = apply_changes(document, [Change(path=(key,), value=value)])
    assert json.dumps(document) == before
    assert result[key] == value
    assert {k: v for k, v in result.items() if k != key} == {
        k: v for k, v in document.items() if k != key
    }


def test_a_draft_remembers_what_was_asked_so_that_a_card_can_be_written_again() -> None:
    drafts, _ = store()
    document = drafts.create(CONFIG, company(), {**INPUTS, "pasted_text": ""})
    assert parse_document(CONFIG, json.dumps(document))["inputs"] == INPUTS


@pytest.mark.parametrize("inputs", [None, 5, [], {"unknown": "x"}, {"website_url": 5}])
def test_without_readable_inputs_the_website_of_the_overview_is_used(inputs: Any) -> None:
    drafts, _ = store()
    document = drafts.create(CONFIG, company(), INPUTS) | {"inputs": inputs}
    read = parse_document(CONFIG, json.dumps(document))
    assert read["inputs"] == {"website_url": "https://acme.example/"}
