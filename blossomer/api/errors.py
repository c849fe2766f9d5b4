"""How a failure looks in an answer of the API: one shape, whatever went wrong.

``{"error": {"code", "message", "action", "request_id"}}``. The words come from ``UserError``; here
they are given a status and headers, and the framework's own errors are given words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from blossomer.errors import UserError
from blossomer.log import current_request_id, get_logger

log = get_logger(__name__)

API_PREFIXES = (
    "/demo/",
    "/api/",
    "/auth/",
    "/handler/oauth-callback",
    "/local-issuer/",
    "/health",
    "/metrics",
    "/docs",
    "/mcp",
    "/openapi.json",
)
"""Paths that belong to the API. Every other one is a page and is left to Reflex."""

PAGES_AMONG_THEM = frozenset({"/auth/"})
"""What begins like one of them and is a page: built pages have a slash at the end."""

NO_PATH_TAKES = "TRACE"
"""A method that is known and refused everywhere; unknown ones are refused like it."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", NO_PATH_TAKES)
"""Methods that the API answers, if only to say which ones an address takes."""


_PASSES = {429: 60, 503: 30}
"""Statuses with which an answer always says when to come back: the seconds where nobody knows."""


class ErrorBody(BaseModel):
    """What went wrong, for a program and for a person."""

    code: str = Field(description="Stable identifier in snake_case.")
    message: str = Field(description="What happened, one sentence.")
    action: str = Field(description="What to do next.")
    request_id: str = Field(description="Names this request in the server's log.")


class ErrorAnswer(BaseModel):
    """Every answer that is not a success has this shape."""

    error: ErrorBody


def is_api_path(path: str) -> bool:
    """Whether a path belongs to the API rather than to the pages."""
    return path not in PAGES_AMONG_THEM and any(
        path.startswith(prefix) if prefix.endswith("/") else path in (prefix, f"{prefix}/")
        for prefix in API_PREFIXES
    )


def error_content(error: UserError) -> dict[str, Any]:
    """The JSON of a failure."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "action": error.action,
            "request_id": current_request_id(),
        }
    }


def error_response(error: UserError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The whole answer of a failure, with ``Retry-After`` when the time is known."""
    all_headers = dict(headers or {})
    if error.status == 401:
        all_headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 15.5.2
    if error.retry_after is not None or error.status in _PASSES:
        all_headers["Retry-After"] = str(max(1, error.retry_after or _PASSES.get(error.status, 0)))
    return JSONResponse(error_content(error), status_code=error.status, headers=all_headers)


def not_found() -> UserError:
    """There is no such path."""
    return UserError(
        "not_found", "There is nothing at this address.", "See /docs for what there is.", status=404
    )


def method_not_allowed(allowed: Sequence[str]) -> UserError:
    """The path exists, the method does not."""
    return UserError(
        "method_not_allowed",
        "This address does not take that method.",
        f"Use {' or '.join(allowed)}; see /docs." if allowed else "See /docs.",
        status=405,
    )


def too_large(limit_bytes: int) -> UserError:
    """The body exceeds the cap."""
    return UserError(
        "body_too_large",
        "The request is too large.",
        f"Send at most {limit_bytes // 1000} KB. A pasted description may have 50,000 characters.",
        status=413,
    )


def too_slow() -> UserError:
    """The body did not come."""
    return UserError(
        "body_too_slow",
        "The request did not arrive in time.",
        "Check your connection and send it again.",
        status=408,
    )


def install_error_handlers(app: FastAPI) -> None:
    """Give every failure inside ``app`` the one shape."""

    @app.exception_handler(UserError)
    async def user_error(_request: Request, error: UserError) -> Response:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid_request(_request: Request, error: RequestValidationError) -> Response:
        return error_response(_validation_error(error))

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return error_response(not_found())
        if error.status_code == 405:
            headers = dict(error.headers or {})
            allowed = [m.strip() for m in headers.get("Allow", "").split(",") if m.strip()]
            return error_response(method_not_allowed(allowed), headers)
        if error.status_code == 400:
            return error_response(_not_json())
        words = UserError(
            "http_error",
            "The request could not be answered.",
            "Check it against /docs.",
            status=error.status_code,
        )
        return error_response(words, error.headers)

    @app.exception_handler(Exception)
    async def bug(request: Request, _error: Exception) -> Response:
        # The wrapper logs the stack with the request id.
        if not is_api_path(request.url.path):
            return PlainTextResponse("Internal Server Error", status_code=500)
        return error_response(internal_error())


def internal_error() -> UserError:
    """A bug. The stack is in the log under the request id."""
    return UserError(
        "internal_error",
        "Something went wrong on our side.",
        "Try again; if it stays, tell us the request_id.",
        status=500,
    )


def _not_json() -> UserError:
    return UserError(
        "invalid_json",
        "The body is not valid JSON.",
        "Send a JSON object with Content-Type: application/json; see /docs.",
        status=400,
    )


def _validation_error(error: RequestValidationError) -> UserError:
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return _not_json()
    first = problems[0]
    where = ".".join(str(part)[:50] for part in first["loc"] if part != "body")
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return _invalid(f"There is no input called {where!r}.")
    if not where:
        # Nothing at all, a list, or what curl sends without a header: a form.
        return _invalid(
            "The body is not a JSON object, or not sent as one.",
            "Send a JSON object with Content-Type: application/json; see /docs.",
        )
    return _invalid(f"{where}: {message[:1].lower()}{message[1:]}.".replace("..", "."))


def _invalid(message: str, action: str = "See /docs for what is expected.") -> UserError:
    return UserError("invalid_input", message, action, status=422)
