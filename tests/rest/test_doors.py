"""Who may ask, how, and what is said to everybody else: at every path of the document."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from blossomer.api.middleware import MAX_BODY_BYTES
from blossomer.entities import ENTITIES
from tests.rest.conftest import ORIGIN, Rest, good, refused

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def filled(path: str) -> str:
    """A path with something in the place of its parameters."""
    return path.replace("{document_id}", str(uuid4())).replace("{field}", "name")


async def described(rest: Rest) -> dict[str, dict[str, Any]]:
    async with rest.client() as client:
        paths = good(await client.get("/openapi.json"))["paths"]
    return {path: methods for path, methods in paths.items() if path.startswith("/api/")}


async def test_nobody_gets_in_without_saying_who_it_is(rest: Rest) -> None:
    async with rest.client() as nobody, rest.client({"Authorization": "Bearer x"}) as eve:
        for path, methods in (await described(rest)).items():
            for method in methods:
                answer = await nobody.request(method, filled(path), json={})
                refused(answer, 401, "sign_in_required")
                assert answer.headers["www-authenticate"] == "Bearer"
                refused(await eve.request(method, filled(path), json={}), 401, "invalid_token")


async def test_methods_that_a_path_does_not_take(rest: Rest, ada: httpx.AsyncClient) -> None:
    for path, methods in (await described(rest)).items():
        address = filled(path)
        taken = {method.upper() for method in methods}
        for method in {*METHODS, "TRACE", "FOO"} - taken:
            answer = await ada.request(method, address)
            refused(answer, 405, "method_not_allowed")
            assert set(answer.headers["allow"].split(", ")) == taken, (method, path)


async def test_another_site_can_do_nothing_with_a_browser_s_cookie(rest: Rest) -> None:
    ada = await rest.somebody()
    async with rest.client({"Cookie": ada.cookie}) as browser:
        for path, methods in (await described(rest)).items():
            for method in {m.upper() for m in methods} - {"GET"}:
                for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
                    answer = await browser.request(method, filled(path), json={}, headers=origin)
                    refused(answer, 403, "foreign_origin")
        # Reading changes nothing, and another site cannot see the answer.
        good(await browser.get("/api/companies"))
        made = {"json": {"name": "Acme"}, "headers": {"Origin": ORIGIN}}
        good(await browser.post("/api/companies", **made), 201)
        assert good(await browser.get("/api/companies"))["total"] == 1
    # A token counts before a cookie, and is not sent by browsers by themselves.
    async with rest.client({**ada.bearer, "Cookie": ada.cookie}) as program:
        foreign = {"Origin": "https://evil.example"}
        good(await program.post("/api/companies", json={"name": "B"}, headers=foreign), 201)


async def test_a_session_that_has_ended_opens_nothing(rest: Rest) -> None:
    ada = await rest.somebody()
    assert rest.runtime.sessions is not None
    await rest.runtime.sessions.end(ada.cookie)
    async with rest.client(ada.browser) as browser:
        refused(await browser.get("/api/companies"), 401, "sign_in_required")


async def test_bodies_that_are_none(rest: Rest, ada: httpx.AsyncClient) -> None:
    as_json = {"Content-Type": "application/json"}
    for path, methods in (await described(rest)).items():
        for method, operation in methods.items():
            if "requestBody" not in operation or path == "/api/import":
                continue
            address = filled(path)
            for content in (b"{", b"nonsense", b"\xff\xfe", b"[" * 20_000, b'{"a":' * 20_000):
                answer = await ada.request(method, address, content=content, headers=as_json)
                refused(answer, 400, "invalid_json")
            for content in (b"[]", b"null", b'"x"', b"5", b'{"surname": 1}'):
                answer = await ada.request(method, address, content=content, headers=as_json)
                refused(answer, 422, "invalid_input")
            answer = await ada.request(method, address, content=b"{}")
            refused(answer, 415, "unsupported_media_type")
            answer = await ada.request(method, address, data={"name": "x"})
            refused(answer, 415, "unsupported_media_type")
            too_much = b"[" + b" " * MAX_BODY_BYTES
            answer = await ada.request(method, address, content=too_much, headers=as_json)
            refused(answer, 413, "body_too_large")
            answer = await ada.request(method, address, json={}, headers={"Accept": "text/html"})
            refused(answer, 406, "not_acceptable")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "\ud800"},
        {"name": "a\x00b", "data": {"description": "\x00"}},
        {"data": {"description": "\ud83d"}},
        {"data": {"capabilities": ["\udc00 x"]}},
    ],
)
async def test_characters_that_are_none(ada: httpx.AsyncClient, body: dict[str, Any]) -> None:
    made = good(await ada.post("/api/companies", json={"name": "Acme"}), 201)
    url = f"/api/companies/{made['id']}"
    as_json = {"Content-Type": "application/json"}
    answer = await ada.patch(url, content=json.dumps(body).encode(), headers=as_json)
    assert answer.status_code in (200, 422), answer.text
    kept = good(await ada.get(url))
    assert "\x00" not in json.dumps(kept)


async def test_merge_patch_is_json_too(ada: httpx.AsyncClient) -> None:
    made = good(await ada.post("/api/companies", json={"name": "Acme"}), 201)
    kind = {"Content-Type": "application/merge-patch+json"}
    url = f"/api/companies/{made['id']}"
    assert good(await ada.patch(url, content=b'{"name":"B"}', headers=kind))["name"] == "B"


async def test_addresses_that_do_not_exist(ada: httpx.AsyncClient) -> None:
    for path in ("/api/", "/api/spaceships", "/api/company", f"/api/companies/{uuid4()}/x",
                 "/api/companies/", "/api/campaigns/x/suggest"):  # fmt: skip
        refused(await ada.get(path), 404, "not_found")
        refused(await ada.post(path, json={}), 404, "not_found")


async def test_a_very_long_id_is_refused_before_anything_is_asked(ada: httpx.AsyncClient) -> None:
    refused(await ada.get(f"/api/companies/{'x' * 65}"), 422, "invalid_input")


async def test_the_document_describes_everything(rest: Rest) -> None:
    async with rest.client() as client:
        document = good(await client.get("/openapi.json"))
    names = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["operationId"] not in names, where
            names.add(operation["operationId"])
            assert operation["summary"], where
            assert operation["description"], where
            for parameter in operation.get("parameters", ()):
                if path.startswith("/api/"):
                    assert parameter.get("description"), (where, parameter)
            for status, response in operation["responses"].items():
                assert response["description"], (where, status)
                content = response.get("content", {}).get("application/json", {})
                if status[0] in "45":
                    shape = content["schema"]["$ref"]
                    # That of /health/ready has more in it.
                    assert shape.endswith(("/ErrorAnswer", "/NotReadyAnswer")), (where, status)
                    assert content["example"]["error"]["code"], (where, status)
                elif content and not path.endswith("/export"):
                    assert content.get("example") is not None, (where, status)
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                schema = body["schema"]
                if "$ref" in schema:
                    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
                assert schema.get("examples") or body.get("example"), where
            if path.startswith("/api/"):
                assert operation["security"] == [{"bearer": []}, {"cookie": []}], where
                assert {"401", "429", "500", "503"} <= set(operation["responses"]), where
    paths = set(document["paths"])
    for config in ENTITIES.values():
        for rest_of_it in ("", "/generate-ai", "/{document_id}", "/{document_id}/relations"):
            assert f"/api/{config.path}{rest_of_it}" in paths
    assert "HTTPValidationError" not in json.dumps(document)


async def test_examples_of_bodies_are_accepted(rest: Rest, ada: httpx.AsyncClient) -> None:
    """By their shape; what they are about need not exist."""
    async with rest.client() as client:
        document = good(await client.get("/openapi.json"))
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not body or not path.startswith("/api/") or "$ref" not in body["schema"]:
                continue
            for example in schemas[body["schema"]["$ref"].rpartition("/")[2]]["examples"]:
                if (
                    "generate-ai" in path
                    and "{document_id}" not in path
                    and not (example.get("parents"))
                ):
                    continue  # would be written
                answer = await ada.request(method, filled(path), json=example)
                assert answer.status_code in (201, 404), (path, example, answer.text)
