"""CSV for other tools: their columns, their tokens, and no formula in any cell."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.entities.exchange import Target
from blossomer.errors import UserError
from blossomer.services.export.messages import instantly_campaigns, instantly_json, with_tokens
from blossomer.services.export.tables import (
    SEQUENCE_HEADERS,
    TARGETS,
    csv_files,
    csv_text,
    has_table,
    safe_cell,
)
from blossomer.services.export.text import plain
from tests.support.plans import HOSTILE, TEXTS, any_plan, plan

COMPANY, ACCOUNT, PERSONA, CAMPAIGN = (
    ENTITIES[e] for e in ("company", "account", "persona", "campaign")
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def account(**firmographics: Any) -> Document:
    document = plan()[1]
    document["data"]["firmographics"] |= firmographics
    return document


def email(**content: Any) -> Document:
    document = next(d for d in plan() if d["data"].get("campaign_type") == "email")
    document["data"]["email_content"] |= {
        "subject": "Late vans at {{company_name}}",
        "segments": [
            {"id": "1", "type": "greeting", "text": "Hi {{first_name}},"},
            {"id": "2", "type": "intro", "text": "Vans are late.\nWe plan <b> & more."},
        ],
        "variant": {"subject": "Other", "body": "Hello {{ First_Name }}"},
        "follow_ups": [
            {"subject": "", "body": "Second", "wait_days": 3},
            {"subject": "Third one", "body": "Third", "wait_days": 5},
        ],
        **content,
    }
    return document


def test_a_company_for_hubspot_and_apollo() -> None:
    assert rows(csv_text(COMPANY, [plan()[0]], "hubspot")) == [
        {
            "Name": "Company company-1",
            "Company domain name": "acme.example",
            "Website URL": "https://www.acme.example/",
            "Description": "What Company company-1 is.",
        }
    ]
    (found,) = rows(csv_text(COMPANY, [plan()[0]], "apollo"))
    assert (found["Account Name"], found["Account Website (Domain)"]) == (
        "Company company-1",
        "acme.example",
    )


def test_accounts_for_hubspot() -> None:
    document = account(industry=["Logistics", "Food; drink"], geography=["Germany", "Austria"])
    (found,) = rows(csv_text(ACCOUNT, [document], "hubspot"))
    assert list(found)[:3] == ["Name", "Description", "Industry"]
    assert found["Industry"] == "Logistics"
    assert found["Industries"] == "Logistics;Food, drink"
    assert found["Country/Region"] == "Germany;Austria"


@pytest.mark.parametrize(
    ("employees", "least", "most"),
    [
        ("50-500", "50", "500"),
        ("50 – 500 employees", "50", "500"),
        ("1,000 to 5,000", "1000", "5000"),
        ("1.000-5.000", "1000", "5000"),
        ("5k to 10k", "5000", "10000"),
        ("200+", "200", ""),
        ("more than 200", "200", ""),
        ("up to 50", "", "50"),
        ("<50", "", "50"),
        ("200", "200", "200"),
        ("any", "", ""),
        ("", "", ""),
    ],
)
def test_ranges_of_employees_for_apollo(employees: str, least: str, most: str) -> None:
    (found,) = rows(csv_text(ACCOUNT, [account(employees=employees)], "apollo"))
    assert (found["# Employees (min)"], found["# Employees (max)"]) == (least, most)


def test_personas_for_apollo_use_its_levels() -> None:
    document = plan()[2]
    levels = ["Manager", "Senior Manager", "VP", "C-Suite", "Founder/CEO"]
    document["data"]["demographics"]["seniority"] = levels
    (found,) = rows(csv_text(PERSONA, [document], "apollo"))
    assert found["Seniority"] == "manager;vp;c_suite;founder"
    assert found["Job Titles"] == "Job titles;job_titles again"
    assert found["Departments"]
    assert not any("mail" in header.lower() for header in found)


@pytest.mark.parametrize(
    ("target", "first_name", "company"),
    [
        ("instantly", "{{firstName}}", "{{companyName}}"),
        ("hubspot", "{{contact.firstname}}", "{{contact.company}}"),
        ("apollo", "{{first_name}}", "{{company}}"),
    ],
)
def test_messages_with_the_tool_s_tokens(target: Target, first_name: str, company: str) -> None:
    text = csv_text(CAMPAIGN, [email()], target)
    found = [list(row.values())[1:] for row in rows(text)]
    body = f"Hi {first_name},\n\nVans are late.\nWe plan <b> & more."
    assert found == [
        ["1", "0", "A", f"Late vans at {company}", body],
        ["1", "0", "B", "Other", f"Hello {first_name}"],
        ["2", "3", "A", "", "Second"],
        ["3", "5", "A", "Third one", "Third"],
    ]
    assert text.startswith(",".join(f'"{h}"' for h in SEQUENCE_HEADERS) + "\r\n")


def test_unknown_tokens_stay_and_are_visible() -> None:
    assert with_tokens("{{signal}} {first_name} {{ company_name }}", "instantly") == (
        "{{signal}} {first_name} {{companyName}}"
    )


def test_what_has_no_words_is_no_message() -> None:
    nothing = [{"subject": "x", "body": "", "wait_days": 4}]
    document = email(variant={"subject": "x", "body": " "}, follow_ups=nothing)
    assert [row["Step"] for row in rows(csv_text(CAMPAIGN, [document], "instantly"))] == ["1"]


def test_instantly_waits_after_a_step_and_not_before() -> None:
    (campaign,) = instantly_campaigns([*plan()[:3], email()])
    steps = campaign["sequences"][0]["steps"]
    assert [(s["type"], s["delay"], s["delay_unit"]) for s in steps] == [
        ("email", 3, "days"),
        ("email", 5, "days"),
        ("email", 0, "days"),
    ]
    assert [len(s["variants"]) for s in steps] == [2, 1, 1]
    assert steps[0]["variants"][0] == {
        "subject": "Late vans at {{companyName}}",
        "body": "<div>Hi {{firstName}},</div><div><br /></div><div>Vans are late.</div>"
        "<div>We plan &lt;b&gt; &amp; more.</div>",
    }


def test_one_campaign_by_itself_and_several_as_a_list() -> None:
    one = json.loads(instantly_json([email()]))
    assert one["name"] == "Campaign campaign-1"
    assert json.loads(instantly_json([email(), email()])) == [one, one]


def test_other_campaigns_are_no_messages() -> None:
    others = [d for d in plan() if d["data"].get("campaign_type", "email") != "email"]
    assert len(others) == 3
    assert instantly_campaigns(others) == []
    assert [csv_files(others, target) for target in TARGETS] == [[], [], []]
    assert not has_table(CAMPAIGN, "instantly", "ad")
    assert has_table(CAMPAIGN, "instantly", "email")


def test_one_file_for_each_entity_that_the_tool_takes() -> None:
    def entities(target: Target) -> list[str]:
        return [config.entity for config, _ in csv_files(plan(), target)]

    assert entities("hubspot") == ["company", "account", "persona", "campaign"]
    assert entities("apollo") == ["company", "account", "persona", "campaign"]
    assert entities("instantly") == ["campaign"]


def test_a_tool_that_takes_nothing_of_an_entity() -> None:
    with pytest.raises(UserError, match="Instantly takes no companies"):
        csv_text(COMPANY, [plan()[0]], "instantly")


def test_a_byte_order_mark_only_where_excel_needs_it() -> None:
    document = plan()[0]
    assert not csv_text(COMPANY, [document], "hubspot").startswith("\ufeff")
    document["data"]["description"] = "Größe"
    text = csv_text(COMPANY, [document], "hubspot")
    assert text.startswith('\ufeff"Name"')
    assert rows(text)[0]["Description"] == "Größe"


@pytest.mark.parametrize(
    "number", ["0", "42", "-5", "+3", "1,000", "1.5", "-1,234.50", "10.000", "2026"]
)
def test_true_numbers_stay(number: str) -> None:
    assert safe_cell(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1",
        "\u200b=1", '"=1', "'=1", "“=1", ' " =1', "＝1", "＋1", "－1", "＠x", "﹣1", "|x", "%x",
        "-", "=", "--5", "-5-", "+", "\x00=1", "\u202e=1",
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{plain(text)}"


@given(TEXTS | st.text("=+-@\t\r\n \"'＝＋－＠\u200b0A1", max_size=8))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = safe_cell(text)
    start = unicodedata.normalize("NFKC", cell.lstrip(' \t\r\n"\u200b\u00a0\ufeff'))[:1]
    try:
        float(cell.replace(",", ""))
    except ValueError:
        assert start not in ("=", "+", "-", "@")
    assert safe_cell(cell) in (cell, f"'{cell}")


def test_values_of_a_list_are_safe_one_by_one() -> None:
    document = account(industry=["one", "=1+1", "a;=2"])
    (found,) = rows(csv_text(ACCOUNT, [document], "hubspot"))
    assert found["Industries"] == "one;'=1+1;a,=2"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("target", TARGETS)
def test_hostile_text_keeps_rows_and_columns(text: str, target: Target) -> None:
    harmless = {config.entity: rows(t) for config, t in csv_files(plan(), target)}
    for config, written in csv_files(plan(text, name=f"n{text}"[:200]), target):
        found = rows(written)
        assert {tuple(row) for row in found} == {tuple(harmless[config.entity][0])}
        assert all(None not in row.values() for row in found)
        if plain(text):
            assert len(found) == len(harmless[config.entity])
        for cell in (cell for row in found for cell in row.values()):
            assert not cell.lstrip(' "\u200b').startswith(("=", "@")), cell
            assert "\r" not in cell
            assert "\x00" not in cell


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_plan())
def test_any_plan_can_be_written_and_parsed(documents: list[Document]) -> None:
    for target in TARGETS:
        for config, text in csv_files(documents, target):
            found = rows(text)
            if config.entity != "campaign":
                assert len(found) == len([d for d in documents if d["entity"] == config.entity])
    json.loads(instantly_json(documents))
