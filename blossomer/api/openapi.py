"""The OpenAPI document made complete: who may call, and every failure that a path can answer with.

The paths describe what is theirs. What holds for all of them, or for all with a body, is added
here, so that nobody has to remember it; and each failure gets an example of its shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from blossomer.api import rate_headers
from blossomer.api.client import UNLIMITED
from blossomer.api.plan_export import IMPORT_PATH
from blossomer.services.identity.cookies import Cookies
from blossomer.settings import Settings

SIGNED_IN = ("/api/", "/auth/export")
"""Paths for which somebody must be signed in."""

ASKS_WHO = ("/auth/session",)
"""Paths that somebody may be signed in for."""

_METHODS = ("get", "post", "put", "patch", "delete")
_CODE = re.compile(r"`([a-z_]+)`")
_REQUEST_ID = "0f8c2d4e6a1b4c3d9e7f5a6b7c8d9e0f"

_WORDS = {
    "400": ("The body is not valid JSON.", "Send a JSON object; see /docs."),
    "401": ("You are not signed in.", "Sign in, or send an access token."),
    "403": ("That request did not come from a page of this site.", "Load the page again."),
    "404": ("There is nothing with this id.", "List what there is."),
    "406": ("This address does not answer with that.", "Send Accept: application/json."),
    "408": ("The request did not arrive in time.", "Send it again."),
    "409": ("It is being done already.", "Wait until it is done, then try again."),
    "412": ("It has changed since you read it.", "Read it again and decide anew."),
    "413": ("The request is too large.", "Send less."),
    "415": ("The body is not sent as JSON.", "Send Content-Type: application/json."),
    "422": ("“name” cannot be empty.", "Correct it and send it again. Nothing was changed."),
    "429": ("You have used all generations of this hour.", "The next one is free in 12 minutes."),
    "500": ("Something went wrong on our side.", "Try again; if it stays, tell us the request_id."),
    "502": ("The website answered with an error.", "Try again in some minutes."),
    "503": ("The database cannot be reached right now.", "Nothing is lost; try again in a moment."),
    "504": ("The website did not answer in time.", "Try again, or paste a description."),
}

_EVERYWHERE = {
    "429": "`too_many_requests`: come back after `Retry-After` seconds.",
    "500": "`internal_error`: a bug; `request_id` finds it in the log.",
}
_WITH_BODY = {
    "400": "`invalid_json`: the body is not JSON.",
    "408": "`body_too_slow`: the body did not arrive within 20 seconds.",
    "413": "`body_too_large`: more than the path takes, which is 200 KB for most.",
}
_OF_SIGNED_IN = {
    "401": "`sign_in_required`, `invalid_token`, `token_expired` or `account_restricted`.",
    "503": "`database_unavailable` or `identity_unavailable`: come back after `Retry-After` "
    "seconds.",
}
_BY_COOKIE = {"403": "`foreign_origin`: a page of another site asked with your cookie."}


def install_openapi(app: FastAPI, settings: Settings) -> None:
    """Have the application answer with the complete document.

    Args:
        app: The application.
        settings: For the name of the cookie.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            app.openapi_schema = completed(document, Cookies(settings).session)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def completed(document: dict[str, Any], cookie: str) -> dict[str, Any]:
    """Add to a document what holds for several paths.

    Args:
        document: As FastAPI makes it; it is changed.
        cookie: Name of the session's cookie.
    """
    document.setdefault("components", {})["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the identity provider.",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "The session of a browser. What changes something must come from a page "
            "of this site, as its `Origin` says.",
        },
    }
    for path, method, operation in _operations(document):
        needs = path.startswith(SIGNED_IN)
        if needs:
            operation["security"] = [{"bearer": []}, {"cookie": []}]
        elif path in ASKS_WHO:
            operation["security"] = [{}, {"bearer": []}, {"cookie": []}]
        responses = operation["responses"]
        for status, words in _failures(path, method, operation, needs=needs):
            known = responses.get(status)
            if known is None or _is_fastapis_own(known):
                responses[status] = {
                    "description": words,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}
                    },
                }
        for status, response in responses.items():
            _add_example(status, response)
        operation["responses"] = dict(sorted(responses.items()))
    rate_headers.describe(document, UNLIMITED)
    schemas = document["components"].get("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield path, method, operation


def _failures(
    path: str, method: str, operation: dict[str, Any], *, needs: bool
) -> Iterator[tuple[str, str]]:
    yield from _EVERYWHERE.items()
    if "requestBody" in operation:
        yield from _WITH_BODY.items()
    if needs:
        yield from _OF_SIGNED_IN.items()
        if method != "get":
            yield from _BY_COOKIE.items()
    if path.startswith(("/api/", "/demo/")):
        is_file = path.endswith("/export")
        if not is_file:
            yield "406", "`not_acceptable`: the request accepts nothing that this answers with."
        if method in ("post", "patch") and path != IMPORT_PATH:
            yield "415", "`unsupported_media_type`: the body is not sent as JSON."
        if "requestBody" in operation or operation.get("parameters"):
            yield "422", "`invalid_input`: the message names what is wrong, and its place."


def _is_fastapis_own(response: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith("/HTTPValidationError")


def _add_example(status: str, response: dict[str, Any]) -> None:
    """An example of a failure, with the first code that its description names."""
    content = response.get("content", {}).get("application/json", {})
    if not str(content.get("schema", {}).get("$ref", "")).endswith("/ErrorAnswer"):
        return
    message, action = _WORDS.get(status, ("It could not be done.", "See the description."))
    code = _CODE.search(response.get("description", ""))
    content.setdefault(
        "example",
        {
            "error": {
                "code": code[1] if code else "http_error",
                "message": message,
                "action": action,
                "request_id": _REQUEST_ID,
            }
        },
    )
