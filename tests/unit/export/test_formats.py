"""The registry of formats: what is offered, and what the files are called."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.errors import UserError
from blossomer.services.export.formats import FORMATS, export, formats_of
from blossomer.services.export.portable import read_plan
from tests.support.plans import document_of, plan

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
COMPANY, CAMPAIGN = ENTITIES["company"], ENTITIES["campaign"]
ALWAYS = ["markdown", "docx", "print", "json"]


def keys(*args: object, **kwargs: object) -> list[str]:
    return [one.key for one in formats_of(*args, **kwargs)]  # type: ignore[arg-type]


def test_what_is_offered() -> None:
    assert keys(COMPANY) == [*ALWAYS, "csv-hubspot", "csv-apollo"]
    assert keys(COMPANY, is_plan=True) == list(FORMATS)
    assert keys(CAMPAIGN, "email") == list(FORMATS)
    assert keys(CAMPAIGN) == list(FORMATS)
    assert keys(CAMPAIGN, "ad") == ALWAYS
    assert all(one.label and one.media_type and one.ending[0] == "." for one in FORMATS.values())


@pytest.mark.parametrize("document", plan(), ids=lambda d: str(d["id"]))
def test_everything_that_is_offered_can_be_had(document: Document) -> None:
    config = ENTITIES[document["entity"]]
    offered = formats_of(config, config.kind_of(document["data"]))
    for one in offered:
        file = export(one.key, [document], at=AT)
        assert file.content
        assert file.name.startswith(f"blossomer-{config.label.lower().replace(' ', '-')}-")
        assert file.name.endswith(one.ending)
        assert file.media_type == one.media_type
    for key in FORMATS.keys() - {one.key for one in offered}:
        with pytest.raises(UserError) as caught:
            export(key, [document])
        assert (caught.value.code, caught.value.status) == ("invalid_input", 422)


@pytest.mark.parametrize("key", FORMATS)
def test_every_format_of_a_plan_is_the_same_each_time(key: str) -> None:
    first, second = export(key, plan(), at=AT), export(key, plan(), at=AT)
    assert first.name == second.name
    if key != "docx":  # its archive has the time of writing
        assert first.content == second.content


def test_several_tables_come_as_one_archive() -> None:
    file = export("csv-hubspot", plan(), at=AT)
    assert file.media_type == "application/zip"
    assert file.name == "blossomer-plan-company-company-1-csv-hubspot.zip"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.namelist() == [
            f"blossomer-plan-company-company-1-{part}.csv"
            for part in ("companies", "target-accounts", "personas", "campaigns")
        ]
        assert archive.read(archive.namelist()[0]).startswith(b'"Name",')


def test_one_table_comes_as_it_is() -> None:
    file = export("csv-instantly", plan(), at=AT)
    assert file.name == "blossomer-plan-company-company-1-csv-instantly.csv"
    assert file.media_type == "text/csv; charset=utf-8"


def test_only_the_page_is_opened_in_the_browser() -> None:
    ways = {key: export(key, plan(), at=AT).disposition.split(";")[0] for key in FORMATS}
    assert ways.pop("print") == "inline"
    assert set(ways.values()) == {"attachment"}


def test_lists_and_plans_are_called_what_they_are() -> None:
    two = [document_of(COMPANY, "a", name="A"), document_of(COMPANY, "b", name="B")]
    assert export("markdown", two).name == "blossomer-companies.md"
    assert export("json", plan()).name == "blossomer-plan-company-company-1.json"
    assert export("instantly", plan()).name == "blossomer-plan-company-company-1.instantly.json"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Acme, Inc.", "acme-inc"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\r\nSet-Cookie: x=1", "a-set-cookie-x-1"),
        ('x"; filename="evil.exe', "x-filename-evil-exe"),
        ("Größe & Söhne", "größe-söhne"),
        ("日本", "日本"),
        ("CON", "con"),
        ("x" * 200, "x" * 60),
        ("\u202egnp.exe", "gnp-exe"),
        ("🏴‍☠️", "company"),
        ("___", "company"),
    ],
)
def test_names_of_files_are_safe(name: str, stem: str) -> None:
    file = export("markdown", [document_of(COMPANY, "a", name=name)])
    expected = f"blossomer-company-{stem}.md" if stem != "company" else "blossomer-company.md"
    assert file.name == expected
    file.disposition.encode("ascii")
    assert not set("\r\n/\\") & set(file.disposition)
    assert file.disposition.count('"') == 2


def test_unknown_formats_and_no_documents_are_refused_in_words() -> None:
    with pytest.raises(UserError, match="There is no format 'pdf'"):
        export("pdf", plan())
    with pytest.raises(UserError, match="There is nothing here"):
        export("markdown", [])


def test_json_can_be_read_back() -> None:
    file = export("json", plan(), at=AT)
    assert [d for _, d in read_plan(file.content)] == plan()
    assert json.loads(file.content)["exported_at"] == "2026-11-25T12:00:00+00:00"
