"""What a document below others takes over from above, and what writing again changes in it."""

from __future__ import annotations

from typing import Any

import pytest

from blossomer.entities import ACCOUNT, CAMPAIGN, COMPANY, PERSONA
from blossomer.entities.document import Document
from blossomer.entities.lineage import basis_of
from blossomer.entities.merge import apply_changes
from blossomer.services.events import GenerationRequest
from blossomer.services.requests import inherited_inputs, request_below
from blossomer.services.rewriting import rewritten_changes
from tests.support.documents import company_document, entity_document


def family() -> dict[str, Document]:
    company = company_document()
    company["inputs"] = {"website_url": "acme.example", "user_inputted_context": "We bake."}
    account = entity_document(ACCOUNT, "Bakeries", {"company": company["id"]})
    persona = entity_document(PERSONA, "Head baker", {"account": account["id"]})
    return {"company": company, "account": account, "persona": persona}


def test_a_document_takes_over_where_the_companys_words_stand() -> None:
    above = family()
    assert inherited_inputs(CAMPAIGN, above) == {"website_url": "acme.example"}
    above["company"]["inputs"] = {"pasted_text": "We bake bread."}
    assert inherited_inputs(CAMPAIGN, above) == {"pasted_text": "We bake bread."}
    assert inherited_inputs(CAMPAIGN, {}) == {}
    assert inherited_inputs(COMPANY, {}) == {}


def test_a_request_holds_the_data_of_everything_above() -> None:
    above = family()
    parents = {"account": above["account"]["id"], "persona": above["persona"]["id"]}
    request = request_below(CAMPAIGN, {"campaign_type": "ad"}, parents, above)
    assert request == GenerationRequest(
        entity="campaign",
        inputs={"website_url": "acme.example", "campaign_type": "ad"},
        parents=parents,
        context={entity: document["data"] for entity, document in above.items()},
    )
    again = request_below(CAMPAIGN, {}, parents, above, current={"a": 1}, only="insights")
    assert (again.current, again.only) == ({"a": 1}, "insights")


def written(document: Document, **fields: Any) -> tuple[GenerationRequest, dict[str, Any]]:
    """A request to write a document again, and what came of it."""
    request = GenerationRequest(
        document["entity"], dict(document["inputs"]), current=document["data"]
    )
    return request, document["data"] | fields


def test_the_whole_written_again_changes_what_is_new_its_name_and_what_was_asked() -> None:
    document = family()["account"]
    document["inputs"] = {"name": "Bakeries", "hypothesis": "They bake."}
    basis = basis_of({"company": company_document()["data"]})
    request, data = written(document, strengths=["New"], basis=basis, name="Large bakeries")
    request.inputs.pop("hypothesis")
    request.inputs.update(name="Large bakeries", website_url="acme.example")
    after = apply_changes(document, rewritten_changes(ACCOUNT, request, data, document))
    assert (after["name"], after["data"]["name"]) == ("Large bakeries", "Large bakeries")
    assert (after["data"]["strengths"], after["data"]["basis"]) == (["New"], basis)
    assert after["inputs"] == {"name": "Large bakeries", "hypothesis": ""}
    assert after["data"]["challenges"] == document["data"]["challenges"]


@pytest.mark.parametrize("only", [None, "strengths"])
def test_what_a_person_wrote_meanwhile_stays(only: str | None) -> None:
    before = family()["account"]
    request, data = written(before, strengths=["New one", "New two"])
    request = GenerationRequest("account", request.inputs, only=only, current=before["data"])
    now = apply_changes(before, [])
    now["data"] = now["data"] | {
        "strengths": ["Mine", before["data"]["strengths"][1]],
        "challenges": ["Mine too"],
        "provenance": {**now["data"]["provenance"], "edited": {
            "strengths": ["Mine"], "challenges": ["Mine too"]
        }},
    }  # fmt: skip
    after = apply_changes(now, rewritten_changes(ACCOUNT, request, data, now))["data"]
    assert "Mine" in after["strengths"]
    assert "Mine too" in after["challenges"]
    assert after["provenance"]["edited"]["strengths"] == ["Mine"]


def test_one_card_changes_nothing_beside_it() -> None:
    document = family()["account"]
    _, data = written(document, strengths=["New"])
    request = GenerationRequest("account", {}, only="strengths", current=document["data"])
    # Meanwhile another tab has changed another card.
    now = document | {"name": "Renamed", "data": document["data"] | {"challenges": ["Theirs"]}}
    after = apply_changes(now, rewritten_changes(ACCOUNT, request, data, now))
    assert after["data"]["strengths"] == ["New"]
    assert after["data"]["challenges"] == ["Theirs"]
    assert (after["name"], after["inputs"]) == (now["name"], now["inputs"])
