"""Every prompt as it is sent, kept as a file, and what holds for all of them.

``python -m tests.support.prompt_cases`` writes the files anew; read the difference.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.entities import ENTITIES
from blossomer.entities.items import item_lines
from tests.support.prompt_cases import CASES, CODE, FOLDER, SITE, WIZARD, rendered, text_of

NAMES = pytest.mark.parametrize("name", CASES)
EMAILS = [name for name in CASES if name.startswith("campaign-email")]


def without_schema(name: str) -> str:
    return text_of(rendered(name)).rstrip().rpartition("\n")[0]


@NAMES
def test_the_prompt_is_the_one_that_is_kept(name: str) -> None:
    kept = FOLDER / f"{name}.txt"
    assert text_of(rendered(name)) == kept.read_text("utf-8"), (
        "python -m tests.support.prompt_cases writes it anew"
    )


def test_no_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(CASES)


@NAMES
def test_nothing_is_unrendered_escaped_or_raw(name: str) -> None:
    text = without_schema(name)
    assert json.loads(rendered(name).user.splitlines()[-1])["type"] == "object"
    plain = text.replace("{{first_name}}", "").replace("{{company_name}}", "")
    for sign in ("{{", "}}", "{%", "%}", "{#", "#}", "&amp;", "&#", "&lt;", "&quot;", "Undefined"):
        assert sign not in plain
    assert not re.search(r"\{'|\['|\(\"|\bNone\b|\bTrue\b|\bFalse\b|Card\(|Attribute\(", plain)
    assert "{'" not in plain
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]$", text, re.M)


@NAMES
def test_each_block_is_there_once_and_closed(name: str) -> None:
    user = rendered(name).user
    begun = re.findall(rf"^\[\[BEGIN (\w+) {CODE}\]\]$", user, re.M)
    ended = re.findall(rf"^\[\[END (\w+) {CODE}\]\]$", user, re.M)
    assert begun == ended
    assert len(begun) == len(set(begun))
    order = ["person", "choices", "company", "account", "persona", "website"]
    places = [order.index(block) for block in begun if block in order]
    assert places == sorted(places), "the person's words, then what is above, then the site"


@NAMES
def test_the_website_is_there_as_it_is(name: str) -> None:
    has_none = name in ("mend", "account-without-website")
    assert (SITE in rendered(name).user) is not has_none


@NAMES
def test_what_is_above_is_there_word_for_word(name: str) -> None:
    user = rendered(name).user
    begun = re.findall(rf"^\[\[BEGIN (\w+) {CODE}\]\]$", user, re.M)
    for entity in ("company", "account", "persona"):
        if entity not in begun:
            continue
        config, data = ENTITIES[entity], RESULT_EXAMPLES[entity]
        assert data[config.name_field] in user
        assert data["description"] in user
        for card in config.cards:
            lines = list(item_lines(card, card.value(data)))
            assert lines
            assert all(f"- {line}\n" in user for line in lines), card.key


def test_which_entities_are_told_what() -> None:
    for name in CASES:
        begun = set(re.findall(rf"^\[\[BEGIN (\w+) {CODE}\]\]$", rendered(name).user, re.M))
        above = begun & {"company", "account", "persona"}
        first = name.partition("-")[0]
        if first in ("account", "persona", "campaign"):
            assert (
                above
                == {
                    "account": {"company"},
                    "persona": {"company", "account"},
                    "campaign": {"company", "account", "persona"},
                }[first]
            )


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("campaign")])
def test_a_campaign_is_told_every_choice_of_the_wizard(name: str) -> None:
    user = rendered(name).user
    for field in ("campaign_type", "emphasis", "call_to_action"):
        form_field = ENTITIES["campaign"].form.field(field)
        assert re.search(rf"^{re.escape(form_field.label)}\n(.+)$", user, re.M)
    for field in ("use_case", "social_proof", "instructions"):
        label = ENTITIES["campaign"].form.field(field).label
        has_choice = name != "campaign-email-not-personalised"
        assert (f"{label}\n{WIZARD[field]}" in user) is has_choice
    has_signal = not re.search("not-personalised|research|ad$", name)
    assert (f"Which signal?\n{WIZARD['buying_signal']}" in user) is has_signal
    assert ("It is not personalised" in user) is ("not-personalised" in name)


def test_only_the_content_of_its_channel_is_asked_for() -> None:
    campaign = ENTITIES["campaign"]
    for kind, name in {
        "email": "campaign-email",
        "linkedin": "campaign-linkedin",
        "cold_call": "campaign-cold-call",
        "ad": "campaign-ad",
    }.items():
        prompt = rendered(name)
        fields = json.loads(prompt.user.splitlines()[-1])["properties"]
        for each in campaign.kinds:
            assert (each.content in fields) is (each.value == kind)
            assert (each.content in without_schema(name)) is (each.value == kind)
        assert "campaign_type" not in fields


@NAMES
def test_attributes_options_and_limits_come_from_the_configuration(name: str) -> None:
    fields = json.loads(rendered(name).user.splitlines()[-1])["properties"]
    text = without_schema(name)
    for config in ENTITIES.values():
        for card in config.cards:
            if card.at[0] not in fields or (card.key not in fields and not card.path):
                continue
            for attribute in card.attributes:
                assert f"- {attribute.name}:" in text
                assert not attribute.options or " | ".join(attribute.options) in text
                if attribute.limit and attribute.limit.words:
                    assert f"At most {attribute.limit.words} words." in text


def example_email() -> str:
    found = re.search(
        r"\[\[EXAMPLE\]\]\n(.*?)\n\[\[END EXAMPLE\]\]", without_schema(EMAILS[0]), re.S
    )
    assert found
    return found.group(1)


def test_the_example_breaks_none_of_the_rules_it_teaches() -> None:
    email = example_email()
    assert 50 <= len(email.split()) <= 100
    assert email.count("?") == 1
    assert "—" not in email and "!" not in email and "http" not in email
    assert set(re.findall(r"\{\{.*?\}\}", email)) == {"{{first_name}}", "{{company_name}}"}
    lower = email.lower()
    never = re.search(r"Never write (.*?)\. No em-dash", without_schema(EMAILS[0]))
    assert never
    for phrase in re.findall(r'"(.*?)"', never.group(1)):
        assert phrase.lower() not in lower
    first = email.split("\n\n")[1]
    assert not re.match(r"(I|We|Our)\b", first)
    you, we = (len(re.findall(p, lower)) for p in (r"\byou(r|rs)?\b", r"\b(we|our|us|i)\b"))
    assert you > we
    for sentence in re.split(r"[.?]\s", email.replace("\n", " ")):
        assert len(sentence.split()) <= 20, sentence


def test_every_email_prompt_names_the_two_tokens() -> None:
    for name in EMAILS:
        text = without_schema(name)
        assert "{{first_name}}" in text and "{{company_name}}" in text
    assert "{{" not in without_schema("campaign-ad")


def test_templates_use_no_dash_they_forbid() -> None:
    for path in (Path(__file__).parents[2] / "prompts").rglob("*.j2"):
        assert "—" not in path.read_text("utf-8"), path
