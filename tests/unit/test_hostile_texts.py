"""Texts that mean harm, in every field, website, answer and form: they stay what they are, texts.

What a browser makes of them is in ``tests/browser/test_hostile_texts.py``, what the database keeps
of them in ``tests/database/test_hostile_texts.py``.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from blossomer.entities import ENTITIES, above
from blossomer.entities.base import well_formed
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document, checked_document
from blossomer.services.events import Completed, Failed, GenerationRequest, Partial
from blossomer.services.export.docx import docx
from blossomer.services.export.markdown import markdown
from blossomer.services.export.messages import instantly_json
from blossomer.services.export.portable import portable, read_plan
from blossomer.services.export.printable import printable
from blossomer.services.export.tables import TARGETS, csv_files
from blossomer.services.export.text import one_line, plain
from blossomer.services.generation import Generator
from blossomer.services.prompts import render_prompt
from blossomer.services.website.extract import extract_page
from tests.support.fake_models import model_settings
from tests.support.hostile import (
    CALCULATED,
    DOCUMENTS,
    FORMULAS,
    MARKUP,
    TEXTS,
    UNSTORABLE,
    hostile_data,
    hostile_document,
    kinds_of,
    leaves,
    site_page,
    texts_of,
)
from tests.support.hostile_answers import hostile_answer
from tests.support.structured import all_kinds
from tests.unit.export import test_docx, test_markdown, test_printable
from tests.unit.export.test_tables import rows
from tests.unit.test_generation import PlayedReader, PlayedRouter, website

KINDS = [pytest.param(config, kind, id=f"{config.entity}{kind}") for config, kind in all_kinds()]
EACH_KIND = pytest.mark.parametrize(("config", "kind"), KINDS)
EACH_NUMBER = pytest.mark.parametrize("number", range(DOCUMENTS))


def test_there_are_enough_of_them_and_each_stands_once() -> None:
    assert len(MARKUP) >= 30
    assert len(TEXTS) == len(set(TEXTS)) >= 60


@EACH_KIND
def test_every_field_of_every_entity_gets_every_text(config: EntityConfig, kind: str) -> None:
    """What the other tests here rest on: nothing is left out, and no schema changes anything."""
    seen: dict[str, str] = {}
    for number in range(DOCUMENTS):
        data = hostile_data(config, kind, texts_of(number))
        for path, text in leaves({name: data[name] for name in config.own_fields if data[name]}):
            # The same field of all records of a list is one field.
            field = ".".join(part for part in path if not part.isdigit())
            seen[field] = seen.get(field, "") + "\n" + text
    names = {config.name_field, config.kind_field, config.url_field}
    fields = {field for field in seen if field.split(".")[-1] not in {*names, "id"}}
    assert len(fields) >= len(config.cards_of(kind))
    chosen = {field for field in fields if not any(text in seen[field] for text in TEXTS)}
    for field in fields - chosen:
        # A list within the records of a list has one of them in each, in turn.
        missing = [text for text in TEXTS if text not in seen[field]]
        assert missing == [], field
    # What is left are choices from a fixed list.
    assert all(len(set(seen[field].split("\n"))) <= 4 for field in chosen), chosen


# What a model is told


def prompt_of(config: EntityConfig, kind: str, texts: tuple[str, ...]) -> Any:
    """The prompt when everything that goes into one says this."""
    whole = "\n".join(texts)
    inputs = form_of(config, kind, whole)
    context = {
        one.entity: hostile_data(one, kinds_of(one)[0], texts) for one in above(config.entity)
    }
    return render_prompt(config, site_text=whole, inputs=inputs, context=context, kind=kind)


def form_of(config: EntityConfig, kind: str, text: str = "") -> dict[str, str]:
    """A form as far as it passes its own checks, with a text wherever any may be entered."""
    values = {"url": "https://quayline.example/"}
    found = {
        field.name: field.options[0].value
        if field.kind == "choice"
        else values.get(field.kind, (text or "Ledgerly")[: field.max_length])
        for field in config.form.fields
        if field.kind != "inherited" and (text or field.required or field.kind in values)
    }
    return found | ({config.kind_field: kind} if kind else {})


@EACH_KIND
def test_no_text_is_a_template_or_an_instruction(config: EntityConfig, kind: str) -> None:
    harmless = prompt_of(config, kind, ("We sell to dentists.",) * 4)
    for number in range(DOCUMENTS):
        prompt = prompt_of(config, kind, texts_of(number))
        assert prompt.system == harmless.system, "nothing of it is said by us"
        (code,) = set(re.findall(r"^\[\[BEGIN \w+ ([0-9a-f]{16})\]\]$", prompt.user, re.M))
        names = re.findall(rf"^\[\[BEGIN (\w+) {code}\]\]$", prompt.user, re.M)
        assert names == re.findall(rf"^\[\[END (\w+) {code}\]\]$", prompt.user, re.M)
        assert set(names) == set(
            re.findall(r"^\[\[BEGIN (\w+) [0-9a-f]{16}\]\]$", harmless.user, re.M)
        )
        fenced = re.search(
            rf"^\[\[BEGIN website {code}\]\]\n(.*?)\n\[\[END website {code}\]\]$",
            prompt.user,
            re.M | re.S,
        )
        assert fenced
        assert fenced[1] == "\n".join(texts_of(number))
        for text in texts_of(number):
            assert text in prompt.user
        assert [sign for sign in CALCULATED if sign in prompt.user] == []
        # What stands outside the blocks is ours alone.
        ours = re.sub(
            rf"^\[\[BEGIN (\w+) {code}\]\].*?^\[\[END \1 {code}\]\]$",
            "",
            prompt.user,
            flags=re.M | re.S,
        )
        assert [text for text in texts_of(number) if text in ours] == []


# What a model answers


class LargePieces(PlayedRouter):
    """Each piece is read as a part of an answer, which takes longer than all else here."""

    piece = 400


@EACH_KIND
async def test_an_answer_is_kept_as_it_is(config: EntityConfig, kind: str) -> None:
    inputs = form_of(config, kind)
    for shift in range(len(TEXTS)):
        answer = hostile_answer(config, kind, shift)
        context = {
            one.entity: hostile_data(one, kinds_of(one)[0], texts_of(0)) | _address(one)
            for one in above(config.entity)
        }
        made = Generator(model_settings(), PlayedReader(website()), LargePieces(answer))
        request = GenerationRequest(config.entity, inputs, context=context)
        events = [event async for event in made.generate(request)]
        done = events[-1]
        assert isinstance(done, Completed), done
        assert any(isinstance(event, Partial) for event in events)
        kept = dict(leaves(done.data))
        given = {
            path: text
            for path, text in leaves(answer)
            if path[0] in config.own_fields and path[0] not in {*inputs, config.url_field}
        }
        changed = {path: kept.get(path) for path, text in given.items() if kept.get(path) != text}
        # Ids of segments are given anew.
        assert {path: text for path, text in changed.items() if path[-1] != "id"} == {}


def _address(config: EntityConfig) -> dict[str, str]:
    return {config.url_field: "https://quayline.example/"} if config.url_field else {}


# What a website says


def squashed(text: str) -> str:
    """Letters and digits alone: what is left when blanks and invisible characters are tidied."""
    return "".join(character for character in text if character.isalnum())


@EACH_NUMBER
async def test_a_website_is_read_as_text(number: int) -> None:
    texts = texts_of(number)
    page = extract_page(site_page(texts), "https://quayline.example/", kind="home")
    seen = squashed(page.visible_text)
    assert [text for text in texts if squashed(text) not in seen] == []
    read = website()
    object.__setattr__(read, "pages", (page,))
    for config, kind in all_kinds():
        inputs = form_of(config, kind)
        context = {
            one.entity: hostile_data(one, kinds_of(one)[0], texts) | _address(one)
            for one in above(config.entity)
        }
        # Without a model basic analysis writes from the same page.
        made = Generator(model_settings(), PlayedReader(read), PlayedRouter(None))
        request = GenerationRequest(config.entity, inputs, context=context)
        last = [event async for event in made.generate(request)][-1]
        assert isinstance(last, Completed | Failed)
        if isinstance(last, Completed):
            assert not any(sign in str(last.data) for sign in CALCULATED[:1])
            config.data_model.model_validate(last.data)


# What goes out as a file


@cache
def hostile_plan(number: int) -> tuple[Document, ...]:
    """A document of each entity and kind, each below the first of its parents."""
    found: list[Document] = []
    for config in ENTITIES.values():
        parents = {parent.entity: f"{parent.entity}-1" for parent in config.parents}
        for place, kind in enumerate(kinds_of(config), start=1):
            key = f"{config.entity}-{place}"
            raw = hostile_document(config, kind, texts_of(number), key, parents)
            found.append(checked_document(config, raw))
    return tuple(found)


@EACH_NUMBER
def test_json_gives_back_what_it_was_given(number: int) -> None:
    documents = list(hostile_plan(number))
    assert [document for _, document in read_plan(portable(documents))] == documents


@EACH_NUMBER
def test_a_page_for_printing_has_nothing_but_our_elements(number: int) -> None:
    found = test_printable.page(list(hostile_plan(number)))
    forbidden = {
        "script",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "svg",
        "math",
        "input",
    }
    assert found.tags.keys() & forbidden == set()
    assert [name for _, name, _ in found.attributes if name.startswith("on")] == []
    links = [
        v for v in found.values("a", "href") if not v.startswith(("#", "https://acme.example/"))
    ]
    assert links == []
    assert [text for text in texts_of(number) if one_line(text) not in found.text] == []


@EACH_NUMBER
def test_markdown_has_nothing_but_our_marks(number: int) -> None:
    found = list(test_markdown.tokens(markdown(list(hostile_plan(number)))))
    assert {token.type for token in found} & test_markdown.DANGEROUS == set()
    links = [str(token.attrGet("href")) for token in found if token.type == "link_open"]
    assert [link for link in links if not link.startswith("https://acme.example/")] == []


@EACH_NUMBER
def test_a_word_document_has_nothing_but_text(number: int) -> None:
    word = test_docx.opened(list(hostile_plan(number)))
    targets = [r.target_ref for r in word.part.rels.values() if r.is_external]
    assert [target for target in targets if not target.startswith("https://acme.example/")] == []
    said = " ".join(test_docx.words(word).split())
    assert [text for text in texts_of(number) if one_line(text) not in said] == []


@pytest.mark.parametrize("target", TARGETS)
def test_no_cell_of_a_table_is_a_formula(target: Any) -> None:
    for number in range(DOCUMENTS):
        for _, written in csv_files(list(hostile_plan(number)), target):
            for cell in (cell for row in rows(written) for cell in row.values()):
                assert not cell.lstrip(' "\u200b').startswith(("=", "@", "+", "\uff1d")), cell
        json.loads(instantly_json(list(hostile_plan(number))))
    # One by one, since several are one text above: each is marked, and nothing of it is lost.
    for text in FORMULAS:
        document = json.loads(json.dumps(hostile_plan(0)[0]))
        document["data"]["description"] = text
        for config, written in csv_files([document], target) if target != "instantly" else []:
            assert config.entity == "company"
            assert f"'{plain(text)}" in rows(written)[0].values()


@pytest.mark.parametrize("text", UNSTORABLE)
def test_what_no_file_can_hold_breaks_none(text: str) -> None:
    config = ENTITIES["company"]
    # Half of a surrogate pair gets into no document: see well_formed.
    raw = hostile_document(config, "", (well_formed(text),) * 4, "company-1", {})
    document = checked_document(config, raw)
    assert printable([document])
    assert markdown([document])
    assert docx([document])
    assert portable([document])
