"""Files out of the browser's drafts, and back into them."""

from __future__ import annotations

import json

import pytest

from blossomer.entities import ENTITIES, PERSONA
from blossomer.entities.document import Document
from blossomer.services.export.formats import FORMATS
from blossomer.services.export.portable import portable
from blossomer.services.runtime import Runtime
from tests.support.documents import entity_document
from tests.unit.state.visitor import Visitor

Family = dict[str, Document]


def documents_in(file: tuple[str, bytes]) -> list[Document]:
    return list(json.loads(file[1])["documents"])


async def test_one_document_goes_out_with_what_is_above_it(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go(f"/playground/accounts/{family['account']['id']}")
    await visitor.call("export", form="json")
    (file,) = visitor.files
    assert file[0].endswith(".json")
    assert documents_in(file) == [family["company"], family["account"]]


async def test_the_whole_plan_is_collected_from_the_browser(
    visitor: Visitor, family: Family
) -> None:
    account = family["account"]["id"]
    more = [entity_document(PERSONA, f"P{n}", {"account": account}) for n in range(5)]
    visitor.browser.put(*more)
    await visitor.go("/playground/company")
    await visitor.call("export", form="json", whole=True)
    (file,) = visitor.files
    assert {d["id"] for d in documents_in(file)} == {d["id"] for d in (*family.values(), *more)}
    assert visitor.state.name == "The company"


async def test_what_is_there_but_cannot_be_sent_in_one_answer_comes_in_several(
    visitor: Visitor, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = visitor.browser.read

    def one_at_a_time(request: dict) -> dict:  # type: ignore[type-arg]
        answer = read(request)
        return answer | {"documents": answer["documents"][:1]}

    monkeypatch.setattr(visitor.browser, "read", one_at_a_time)
    await visitor.go("/playground/company")
    await visitor.call("export", form="json", whole=True)
    assert len(documents_in(visitor.files[0])) == len(ENTITIES)


@pytest.mark.parametrize("form", FORMATS)
async def test_every_format_is_handed_out_or_said_not_to_fit(
    visitor: Visitor, family: Family, form: str
) -> None:
    await visitor.go("/playground/company")
    await visitor.call("export", form=form, whole=True)
    assert len(visitor.files) == 1
    assert visitor.files[0][1]
    assert visitor.state.notice == ""


async def test_drafts_that_cannot_be_read_are_told_and_no_half_file_is_made(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go("/playground/company")
    key = f"draft_campaign_{family['campaign']['id']}"
    del visitor.browser.drafts[key]
    await visitor.call("export", form="json", whole=True)
    assert visitor.files == []
    assert "could not be read" in visitor.state.notice
    await visitor.call("export", form="markdown")
    assert len(visitor.files) == 1


async def test_another_page_is_not_left_waiting_for_an_answer_that_a_file_took(
    visitor: Visitor, family: Family
) -> None:
    await visitor.go("/playground/company")
    await visitor.only_call("export", form="json", whole=True)
    await visitor.go("/playground/personas")
    assert visitor.names() == ["The persona"]
    assert visitor.files == []
    assert visitor.state.notice == ""


@pytest.mark.parametrize("form", ["", "exe", "../json"])
async def test_unknown_formats_are_nothing(visitor: Visitor, family: Family, form: str) -> None:
    await visitor.go("/playground/company")
    await visitor.call("export", form=form)
    assert visitor.files == []


def chosen(text: str, *, fits: bool = True) -> dict[str, object]:
    return {"name": "plan.json", "text": text, "fits": fits}


async def test_a_plan_comes_back_into_another_browser(runtime: Runtime, family: Family) -> None:
    visitor = await Visitor.on()
    await visitor.go("/playground/accounts")
    await visitor.call("import_plan", message=chosen(portable(list(family.values()))))
    assert visitor.state.notice == f"Imported: {len(family)}."
    assert visitor.state.name == "The company"
    for entity, document in family.items():
        assert visitor.kept(entity) == [document | {"status": "saved"}]
    await visitor.go("/playground/campaigns")
    await visitor.call("import_plan", message=chosen(portable(list(family.values()))))
    assert visitor.state.notice == f"Imported: 0. There already: {len(family)}."


@pytest.mark.parametrize("text", ["", "{", "[]", '{"documents": [1]}', "null", "[" * 10_000])
async def test_what_is_no_plan_changes_nothing(visitor: Visitor, text: str) -> None:
    before = dict(visitor.browser.drafts)
    await visitor.go("/playground/accounts")
    await visitor.call("import_plan", message=chosen(text))
    assert visitor.state.notice
    assert visitor.browser.drafts == before


async def test_a_file_that_is_too_large_is_told(visitor: Visitor) -> None:
    await visitor.go("/playground/accounts")
    await visitor.call("import_plan", message=chosen("", fits=False))
    assert "more than a page takes" in visitor.state.notice


async def test_a_list_goes_out_as_it_is_filtered_from_all_its_pages(
    visitor: Visitor, family: Family
) -> None:
    account = family["account"]["id"]
    found = [entity_document(PERSONA, f"Found {n}", {"account": account}) for n in range(30)]
    visitor.browser.put(*found, entity_document(PERSONA, "Other", {"account": account}))
    await visitor.go("/playground/personas?q=found&sort=name")
    await visitor.call("export_list", form="markdown")
    (file,) = visitor.files
    text = file[1].decode()
    assert [name for name in ("Found 0", "Found 29") if name not in text] == []
    assert "Other" not in text
    await visitor.call("export_list", form="json")  # a part of a plan cannot be read back
    assert len(visitor.files) == 1
