"""The JSON that a plan travels in: what comes back is what was sent, and nothing is trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.services.export import portable as module
from blossomer.services.export.portable import MOST_BYTES, MOST_DOCUMENTS, portable, read_plan
from tests.support.plans import HOSTILE, any_plan, document_of, plan


def file(documents: list[Any], **other: Any) -> str:
    return json.dumps({"format": "blossomer-plan", "version": 1, "documents": documents, **other})


def refusal(content: str | bytes) -> UserError:
    with pytest.raises(UserError) as caught:
        read_plan(content)
    assert (caught.value.code, caught.value.status) == ("unreadable_plan", 422)
    assert caught.value.action
    return caught.value


def documents_of(content: str | bytes) -> list[Document]:
    read = read_plan(content)
    assert all(document["entity"] == config.entity for config, document in read)
    return [document for _, document in read]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_plan())
def test_what_is_read_is_what_was_written(documents: list[Document]) -> None:
    text = portable(documents)
    assert documents_of(text) == documents
    assert documents_of(text.encode()) == documents


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_travels_unchanged(text: str) -> None:
    documents = plan(text)
    assert documents_of(portable(documents)) == documents


def test_the_head_of_the_file() -> None:
    head = json.loads(portable(plan()))
    assert list(head) == ["format", "version", "exported_at", "documents"]
    assert (head["format"], head["version"]) == ("blossomer-plan", 1)
    assert [d["id"] for d in head["documents"]] == [d["id"] for d in plan()]


def test_one_document_as_pages_have_handed_it_out() -> None:
    company = plan()[0]
    assert documents_of(json.dumps(company, indent=2)) == [company]
    assert "belongs to a company that is not in the file" in refusal(json.dumps(plan()[1])).message


def test_parents_come_first_whatever_the_order() -> None:
    documents = plan()
    read = documents_of(portable(documents[::-1]))
    assert [d["entity"] for d in read] == [d["entity"] for d in documents]
    assert {d["id"] for d in read} == {d["id"] for d in documents}


def test_unknown_fields_are_left_out() -> None:
    company = plan()[0]
    read = documents_of(file([{**company, "owner": "me", "data": {**company["data"], "x": 1}}]))
    assert read == [company]


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert documents_of("\ufeff" + portable(plan())) == plan()
    assert documents_of(b"\xef\xbb\xbf" + portable(plan()).encode()) == plan()


def test_an_empty_plan() -> None:
    assert read_plan(file([])) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not JSON: line 1, column 1"),
        ("{\n  oops", "not JSON: line 2, column 3"),
        (b"\xff\xfe", "no text in UTF-8"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "no plan"),
        ("null", "no plan"),
        ('"text"', "no plan"),
        ('{"format": "other", "documents": []}', "its “format” is not “blossomer-plan”"),
        ("{}", "its “format” is not"),
        (file([], version=2), "version 2, and only version 1"),
        (file([], version=True), "version True"),
        (file([], version={"a": "b" * 1_000}), "only version 1"),
        ('{"format": "blossomer-plan", "version": 1}', "no list “documents”"),
        (file({}), "no list “documents”"),  # type: ignore[arg-type]
        (file([1]), "Document 1 is no object"),
        (file([{}]), "Document 1 is of a kind that is not known: none"),
        (file([{"entity": "spaceship"}]), "kind that is not known: “spaceship”"),
        (file([{"entity": ["company"]}]), "kind that is not known"),
        (
            file([{"entity": "company", "name": "Acme"}]),
            "Document 1 (company “Acme”) cannot be read",
        ),
        (file([{**plan()[0], "id": "../../etc"}]), "its id is none"),
        (file([{**plan()[0], "id": ""}]), "its id is none"),
        (file([{**plan()[0], "data": {}}]), "its content does not fit"),
        (file([{**plan()[0], "data": "x"}]), "its content does not fit"),
        ('{"format": "blossomer-plan", "version": 1, "documents": [NaN]}', "a number that JSON"),
        ('{"format": "blossomer-plan", "version": ' + "9" * 9_000 + "}", "a number that JSON"),
    ],
)
def test_what_is_wrong_is_said(content: str | bytes, words: str) -> None:
    assert words in refusal(content).message


def test_half_a_surrogate_pair_is_refused() -> None:
    text = portable([document_of(ENTITIES["company"], "a", name="XYZ")])
    assert "its content does not fit" in refusal(text.replace("XYZ", "\\ud800")).message
    document = document_of(ENTITIES["company"], "a")
    document["inputs"] = {"user_inputted_context": "XYZ"}
    assert "does not fit" in refusal(portable([document]).replace("XYZ", "\\ud800")).message


def test_ids_must_be_unique_across_entities() -> None:
    documents = plan()
    documents[1]["id"] = documents[0]["id"]
    assert refusal(portable(documents)).message == (
        "Document 2 (target account “Target account account-1”) has the id of another document."
    )


def test_parents_must_be_in_the_file_and_of_the_right_entity() -> None:
    company, account, persona, *campaigns = plan()
    assert "belongs to a company that is not in the file" in refusal(portable([account])).message
    no_parents = {**account, "parents": {}}
    assert "belongs to a company" in refusal(portable([company, no_parents])).message
    wrong = {**persona, "parents": {"account": company["id"]}}
    assert "a target account that is not" in refusal(portable([company, account, wrong])).message
    own = {**account, "parents": {"company": account["id"]}}
    assert "belongs to a company" in refusal(portable([company, own])).message
    with_a_stranger = {**campaigns[0], "parents": {"account": account["id"], "persona": "x"}}
    found = refusal(portable([company, account, persona, with_a_stranger])).message
    assert found.startswith("Document 4 (campaign “Campaign campaign-1”) belongs to a persona")


def test_a_campaign_s_persona_must_be_of_its_account() -> None:
    company, account, persona, campaign, *_ = plan()
    other = document_of(ENTITIES["account"], "account-2", parents={"company": company["id"]})
    campaign["parents"] = {"account": "account-2", "persona": persona["id"]}
    message = refusal(portable([company, account, other, persona, campaign])).message
    assert "has a persona of another target account" in message


def test_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "larger than 5 MB" in refusal(" " * (MOST_BYTES + 1)).message
    assert "larger than 5 MB" in refusal("ä" * (MOST_BYTES // 2 + 1)).message
    assert "larger than 5 MB" in refusal(b" " * (MOST_BYTES + 1)).message
    assert "1,001 documents" in refusal(file([0] * (MOST_DOCUMENTS + 1))).message
    monkeypatch.setattr(module, "MOST_DOCUMENTS", 2)
    assert "more than 2" in refusal(portable(plan()[:3])).message


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["entity", "id", "data", "parents", "format", "documents", "version"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_anything_else_is_refused_in_words(raw: Any) -> None:
    for content in (json.dumps(raw), file([raw])):
        try:
            read_plan(content)
        except UserError as error:
            assert error.code == "unreadable_plan"


def test_messages_are_short_whatever_the_name() -> None:
    raw = {"entity": "company", "name": "x" * 10_000 + "\n<b>", "id": "a"}
    assert len(refusal(file([raw])).message) < 200
    assert len(refusal(file([{"entity": "e" * 10_000}])).message) < 200
