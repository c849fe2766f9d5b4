"""Texts that mean harm, in a real browser: none runs, each is shown as it stands, none is changed.

Every field of every entity and kind has all of them, in the playground and in the app; so have a
model's answers and a website. Derived from the registry: a new entity is looked at as well.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Request, expect

from blossomer.components.place import APP, PLAYGROUND, Place
from blossomer.entities import ENTITIES, above
from blossomer.entities.addresses import document_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.listing import PAGE_ROWS
from tests.browser.conftest import EXPECT_MILLISECONDS
from tests.browser.document_page import DocumentPage
from tests.browser.held_model import HeldModel
from tests.browser.keeping import Keeping, keeping_of
from tests.browser.server import Server
from tests.support.fault_site import Answer, FaultSite
from tests.support.fixture_site import FixtureSite
from tests.support.hostile import (
    DOCUMENTS,
    TEXTS,
    hostile_document,
    kinds_of,
    leaves,
    site_page,
    texts_of,
)
from tests.support.hostile_answers import hostile_answer
from tests.support.structured import all_kinds, full_document

HOOK = """
window.__ran = (what) => window.__note(`ran ${what}`);
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (what) => { window.__note(`${name} ${what}`); return null; };
document.addEventListener("securitypolicyviolation", (event) =>
  window.__note(`policy ${event.violatedDirective} ${event.blockedURI}`));
"""

FOREIGN = """
() => [...document.querySelectorAll("body > div *, [role=dialog] *")].flatMap((element) => {
  const name = element.tagName.toLowerCase();
  const found = ["script", "iframe", "object", "embed", "base", "meta", "link", "style", "img",
    "video", "audio", "math", "marquee", "plaintext", "xmp", "noscript", "frame"].includes(name)
    ? [name] : [];
  for (const { name: attribute, value } of element.attributes) {
    if (attribute.startsWith("on")) found.push(`${name} ${attribute}`);
    if (["href", "src", "action", "formaction", "srcdoc", "xlink:href", "ping"].includes(attribute)
        && !/^(https?:\\/\\/(localhost|127\\.0\\.0\\.1|acme\\.example)|[/#?]|blob:)/.test(value))
      found.push(`${name} ${attribute}=${value.slice(0, 80)}`);
  }
  return found;
})
"""
"""Elements and attributes that no page of ours has."""

SHOWN = """
(part) => {
  const place = document.querySelector(part);
  if (!place) return "";
  const typed = [...place.querySelectorAll("input, textarea")].map((input) => input.value);
  return [place.textContent, ...typed].join("\\n");
}
"""
"""What stands in a part of a page, and what is typed into its inputs."""


class Watch:
    """Hears of everything that runs, is refused by the policy, or asks another server.

    Attributes:
        heard: All of it.
    """

    def __init__(self, server: Server) -> None:
        self.heard: list[str] = []
        self._own = (server.url, server.url.replace("http", "ws", 1), "data:", "blob:", "about:")

    async def over(self, context: BrowserContext) -> None:
        """Watch every page of a visitor."""
        await context.expose_binding("__note", lambda _, what: self.heard.append(what))
        await context.add_init_script(HOOK)
        context.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self._own):
            self.heard.append(f"asked {request.url}")

    async def look(self, page: Page) -> None:
        """Nothing has happened, and nothing on the page could."""
        assert await page.evaluate(FOREIGN) == []
        assert self.heard == []


@pytest.fixture
async def watch(server: Server, visitor: BrowserContext) -> Watch:
    watch = Watch(server)
    await watch.over(visitor)
    return watch


def in_one_line(text: str) -> str:
    """Without ends of lines, which inputs of one line drop and areas write in their own way."""
    return re.sub(r"[\r\n]", "", text)


async def shown(page: Page, part: str) -> str:
    return in_one_line(await page.evaluate(SHOWN, part))


def family(config: EntityConfig, kind: str, number: int) -> list[Document]:
    """A document with the texts everywhere, below others of the same sort."""
    found: list[Document] = []
    for one in (*above(config.entity), config):
        parents = {parent.entity: f"{parent.entity}{number}" for parent in one.parents}
        of_kind = kind if one is config else kinds_of(one)[0]
        key = f"{one.entity}{number}"
        found.append(hostile_document(one, of_kind, texts_of(number), key, parents))
    return found


KINDS = [pytest.param(config, kind, id=f"{config.entity}{kind}") for config, kind in all_kinds()]
PLACES = pytest.mark.parametrize("place", [PLAYGROUND, APP], ids=["playground", "app"])


@PLACES
@pytest.mark.parametrize(("config", "kind"), KINDS)
async def test_a_document_shows_them_as_texts(  # noqa: PLR0917
    visitor: BrowserContext,
    server: Server,
    watch: Watch,
    config: EntityConfig,
    kind: str,
    place: Place,
) -> None:
    keeping = await keeping_of(place, visitor, server)
    tab = DocumentPage(keeping.page, server.url, config, place)
    # The pages are the same in both places: in the app the kinds take turns.
    turn = [config for config, _ in all_kinds()].index(config) % DOCUMENTS
    for number in range(DOCUMENTS) if place is PLAYGROUND else [turn]:
        given = family(config, kind, number)
        await keeping.put(given)
        document = await kept(keeping, given[-1])
        await tab.open(document_address(place.root, config, document["id"], document["parents"]))
        await expect(tab.name).to_have_text(in_one_line(given[-1]["name"]))
        for card in config.cards_of(kind):
            there = await shown(tab.page, f'[data-card="{card.key}"]')
            expected = [text for _, text in leaves(card.value(given[-1]["data"]))]
            missing = [text for text in expected if not is_shown(text, there)]
            assert missing == [], card.key
        everything = await shown(tab.page, "main")
        assert [text for text in texts_of(number) if in_one_line(text) not in everything] == []
        await watch.look(tab.page)
        if place is PLAYGROUND:
            await look_into_the_editors(tab, watch, given[-1])
        after = await kept(keeping, given[-1])
        for part in ("name", "inputs", "data"):
            assert after[part] == given[-1][part]


def is_shown(text: str, there: str) -> bool:
    """Whether a value stands there; choices and ids are shown in other words."""
    return in_one_line(text) in there or not any(one in text for one in TEXTS)


LOOKED_INTO: set[Any] = set()
"""Kinds of editors that have been looked into: those of two cards of the same shape are alike."""


async def look_into_the_editors(tab: DocumentPage, watch: Watch, document: Document) -> None:
    """Open each kind of editor once; it holds what its card holds."""
    kind = tab.config.kind_of(document["data"])
    for card in tab.config.cards_of(kind):
        if (card.shape, card.record) in LOOKED_INTO:
            continue
        LOOKED_INTO.add((card.shape, card.record))
        await tab.edit(card.key)
        there = await shown(tab.page, "[role=dialog]")
        expected = [text for _, text in leaves(card.value(document["data"]))]
        assert [text for text in expected if not is_shown(text, there)] == [], card.key
        await watch.look(tab.page)
        await tab.page.keyboard.press("Escape")
        await expect(tab.modal).to_have_count(0)


async def kept(keeping: Keeping, given: Document) -> Document:
    """A document as it is kept: in the app it has got another id."""
    return (await keeping.all())[given["name"]]


CHOICES = 20
"""Names among which one can choose a document of an entity at the top: those of the newest."""


def named(config: EntityConfig, names: tuple[str, ...]) -> list[Document]:
    """Documents with these names, each below the first of its parents."""
    parents = {parent.entity: f"{parent.entity}-0" for parent in config.parents}
    found: list[Document] = []
    for number, name in enumerate(names):
        document = full_document(config, kinds_of(config)[0], records=1)
        document["data"][config.name_field] = name
        own = {"id": f"{config.entity}-{number}", "parents": parents, "name": name}
        found.append({**document, **own})
    return found


@PLACES
async def test_lists_show_them_as_names(
    visitor: BrowserContext, server: Server, watch: Watch, place: Place
) -> None:
    keeping = await keeping_of(place, visitor, server)
    tops = [config for config in ENTITIES.values() if not config.parents]
    lists = [config for config in ENTITIES.values() if config.parents]
    # Lists of the app are like those of the playground, so one of them is enough there.
    lists = lists if place is PLAYGROUND else lists[:1]
    for config in tops:
        for start in range(0, len(TEXTS) if place is PLAYGROUND else CHOICES, CHOICES):
            names = TEXTS[start : start + CHOICES]
            await keeping.put(named(config, names))
            tab = DocumentPage(keeping.page, server.url, config, place)
            await tab.open()
            choices = tab.page.get_by_label(re.compile("^Your ")).locator("option")
            await until_shown(choices, names)
            await watch.look(tab.page)
    # What they are below is there already, and is left alone; a file must name it.
    documents = [*(named(config, TEXTS[-CHOICES:])[0] for config in tops)]
    # One list to its end; of the others, which are made of the same, a page.
    names_of = {config.entity: TEXTS[: PAGE_ROWS + 1] for config in lists}
    names_of[lists[0].entity] = TEXTS
    for config in lists:
        documents += named(config, names_of[config.entity])
    await keeping.put(documents)
    for config in lists:
        tab = DocumentPage(keeping.page, server.url, config, place)
        await tab.open()
        names = names_of[config.entity]
        assert as_names(await names_on_all_pages(tab, watch, len(names))) == as_names(names)


async def until_shown(choices: Locator, names: Sequence[str]) -> None:
    """Wait until these are what can be chosen: as many others may still be there."""
    shown: list[str] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(EXPECT_MILLISECONDS / 1000):
            while shown != as_names(names):
                shown = as_names(await choices.all_text_contents())
    assert shown == as_names(names)


def as_names(names: Iterable[str]) -> list[str]:
    return sorted(map(in_one_line, names))


async def names_on_all_pages(tab: DocumentPage, watch: Watch, count: int) -> list[str]:
    """Go through a list of so many documents, and return the names in it."""
    seen: list[str] = []
    last = -(-count // PAGE_ROWS)
    for number in range(1, last + 1):
        # In exact words: the button and the rows change together with them.
        await expect(tab.page.get_by_text(f"Page {number} of {last}", exact=True)).to_be_visible()
        on_this = min(PAGE_ROWS, count - len(seen))
        await expect(tab.names).to_have_count(on_this)
        seen += await tab.names.all_text_contents()
        await watch.look(tab.page)
        if number < last:
            await tab.page.get_by_role("button", name="Next page").click()
    return seen


@pytest.mark.parametrize(("config", "kind"), KINDS)
async def test_what_a_model_writes_is_shown_as_text(  # noqa: PLR0917
    visitor: BrowserContext,
    server: Server,
    model: HeldModel,
    watch: Watch,
    website: FixtureSite,
    config: EntityConfig,
    kind: str,
) -> None:
    keeping = await keeping_of(PLAYGROUND, visitor, server)
    tab = DocumentPage(keeping.page, server.url, config, PLAYGROUND)
    parents = {parent.entity: f"{parent.entity}0" for parent in config.parents}
    known = family(config, kind, 0)[:-1]
    for document in known:
        if url_field := ENTITIES[document["entity"]].url_field:
            document["data"][url_field] = website.base_url
            document["inputs"] = {"website_url": website.base_url}
    await keeping.put(known)
    # Another name than those above it have.
    answer = hostile_answer(config, kind, shift=len(ENTITIES))
    model.replacements |= {name: answer[name] for name in answer if name in config.own_fields}
    model.replacements |= {"assumptions": answer["assumptions"]}
    await tab.begin_below(parents)
    await tab.fill(website.base_url, answers={config.kind_field: kind} if kind else {})
    await tab.send()
    await tab.wait_written()
    (written,) = [
        d for d in (await keeping.all()).values() if d["id"] not in {k["id"] for k in known}
    ]
    for card in config.cards_of(kind):
        there = await shown(tab.page, f'[data-card="{card.key}"]')
        expected = [text for _, text in leaves(card.value(written["data"]))]
        assert any(text in TEXTS for text in expected), card.key
        assert [text for text in expected if not is_shown(text, there)] == [], card.key
    await watch.look(tab.page)


@pytest.mark.parametrize("number", range(DOCUMENTS))
async def test_what_a_website_says_is_shown_as_text(
    visit: Any, basic_server: Server, broken_website: FaultSite, number: int
) -> None:
    visitor = await visit()
    watch = Watch(basic_server)
    await watch.over(visitor)
    broken_website.pages[f"/harm-{number}"] = Answer(site_page(texts_of(number)))
    config = next(config for config in ENTITIES.values() if not config.parents)
    tab = DocumentPage(await visitor.new_page(), basic_server.url, config, PLAYGROUND)
    await tab.open()
    await tab.fill(f"{broken_website.base_url}/harm-{number}")
    await tab.send()
    await tab.wait_written()
    await watch.look(tab.page)
    assert await tab.page.locator("[data-card] li").count() > 0


async def test_the_hook_hears_what_it_is_there_for(
    visitor: BrowserContext, server: Server, watch: Watch, complaints: Any
) -> None:
    """The other way round: what would run is noticed, and the policy stops what comes as markup."""
    complaints.expect("Content Security Policy|status of 404")
    page = await visitor.new_page()
    await page.goto(server.url)
    await expect(page.get_by_role("button", name="Start free")).to_be_enabled()
    await page.evaluate("() => { alert(1); window.__ran(2); }")
    await page.evaluate(
        "() => { const place = document.querySelector('main');"
        " place.insertAdjacentHTML('beforeend', '<img src=x onerror=__ran(3)>'"
        " + '<img src=https://evil.example/x.png><a href=javascript:__ran(4)>x</a>'); }"
    )
    await page.wait_for_function("() => document.querySelector('main img').complete")
    assert {"alert 1", "ran 2"} <= set(watch.heard)
    assert "ran 3" not in watch.heard
    assert [what for what in watch.heard if what.startswith("policy script-src")]
    assert [what for what in watch.heard if what.startswith("policy img-src")]
    assert {"img", "a href=javascript:__ran(4)"} <= set(await page.evaluate(FOREIGN))
