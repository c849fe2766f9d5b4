"""What a monitor and a developer get."""

import re
from html.parser import HTMLParser

import pytest

from blossomer.api.demo import checked_context
from blossomer.api.derived_examples import derived_body, derived_result
from blossomer.api.examples import BODY_EXAMPLES, RESULT_EXAMPLES
from blossomer.entities import ENTITIES, above
from blossomer.entities.config import EntityConfig
from blossomer.services.inputs import checked_inputs
from tests.api.conftest import Api


async def test_openapi_describes_every_entity_with_every_failure(api: Api) -> None:
    async with api.client() as client:
        document = (await client.get("/openapi.json")).json()
    for config in ENTITIES.values():
        operation = document["paths"][f"/demo/{config.path}/generate-ai"]["post"]
        assert {"200", "400", "413", "422", "429", "500", "502", "503", "504"} <= set(
            operation["responses"]
        )
        for status, response in operation["responses"].items():
            assert response["description"]
            if status != "200":
                schema = response["content"]["application/json"]["schema"]
                assert schema["$ref"].endswith("/ErrorAnswer")
        body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        model = document["components"]["schemas"][body.rpartition("/")[2]]
        assert set(model["properties"]) == {
            *(field.name for field in config.form.fields),
            *(parent.entity for parent in above(config.entity)),
        }
        assert model["examples"]
        assert model["additionalProperties"] is False
    assert "HTTPValidationError" not in str(document["paths"])


@pytest.mark.parametrize("is_derived", [False, True], ids=["written", "derived"])
@pytest.mark.parametrize("config", ENTITIES.values(), ids=lambda config: config.entity)
def test_examples_are_what_they_are_examples_of(config: EntityConfig, is_derived: bool) -> None:
    result = derived_result(config) if is_derived else RESULT_EXAMPLES[config.entity]
    body = dict(derived_body(config) if is_derived else BODY_EXAMPLES[config.entity])
    assert config.data_model.model_validate(result).model_dump(mode="json") == result
    context = checked_context(config, body)
    assert checked_inputs(config, {k: v for k, v in body.items() if k not in context})
    for card in config.cards_of(config.kind_of(result)):
        value = card.value(result)
        if card.shape == "record":
            assert set(value) == {attribute.name for attribute in card.attributes}
        else:
            assert card.min_items <= len(value) <= card.max_items


class Page(HTMLParser):
    """Collects what a page loads and what it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.anchors: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if tag in ("script", "link", "img", "iframe") or "src" in values:
            self.loads.append(f"{tag} {values}")
        if values.get("id"):
            self.ids.add(str(values["id"]))
        if str(values.get("href", "")).startswith("#"):
            self.anchors.add(str(values["href"])[1:])

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_the_documentation_needs_no_script_and_no_other_server(api: Api) -> None:
    async with api.client() as client:
        answer = await client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = Page()
    page.feed(answer.text)
    assert page.loads == []
    assert not re.search(r"https?://(?!acme\.example|localhost)", answer.text)
    assert page.anchors == page.ids
    for words in ("/demo/companies/generate-ai", "/health", "website_url", "text/event-stream",
                  "rate_limited", "curl", "evidence"):  # fmt: skip
        assert words in page.text


async def test_the_documentation_escapes_what_it_shows(api: Api) -> None:
    from blossomer.api.docs_page import render_docs

    hostile = "<script>alert(1)</script>"
    operation = {"summary": hostile, "responses": {"200": {"description": hostile}}}
    page = render_docs(
        {
            "info": {"title": hostile, "version": "1", "description": hostile},
            "paths": {"/x": {"get": operation}},
        }
    )
    assert hostile not in page


async def test_the_documentation_tells_what_a_path_takes(api: Api) -> None:
    async with api.client() as client:
        page = (await client.get("/docs")).text
    for words in (
        "<code>If-Match</code>",
        "<code>Idempotency-Key</code>",
        "<code>cursor</code>",
        "<code>document_id</code>",
        "<code>data.firmographics.employees</code>",
        "<code>data.email_content.segments</code>",
        "Authorization: Bearer $TOKEN",
        "in the query",
    ):
        assert words in page
    assert len(page) < 2_000_000
