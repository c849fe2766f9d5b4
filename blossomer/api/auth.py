"""Signing in and out over HTTP, and who is signed in: the addresses and their documentation.

They belong to the API and not to the pages, since only it can set a cookie that scripts cannot
read. What they do is in ``auth_flow.py``.
"""

# No postponed annotations here: FastAPI reads the limits, which are made inside of a function.

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from blossomer.api.auth_flow import CALLBACK_PATH, ERROR_PATH, KEEP_PATH, AuthFlow
from blossomer.api.client import attempt_limit
from blossomer.api.errors import ErrorAnswer
from blossomer.api.identity import caller_identity
from blossomer.services.identity.model import Identity
from blossomer.settings import PROVIDERS, Settings

ATTEMPTS_PER_MINUTE = 20

_FAILURES = {"model": ErrorAnswer}


class SessionUser(BaseModel):
    """The person who is signed in."""

    id: str = Field(description="The identity provider's id.")
    email: str | None = Field(description="E-mail address, if the provider gives one.")
    name: str | None = Field(description="Name, if the provider gives one.")
    tier: str = Field(description="free, paid or enterprise.")


class SessionAnswer(BaseModel):
    """Whether somebody is signed in, and who."""

    signed_in: bool
    user: SessionUser | None = Field(description="null when nobody is signed in.")


def auth_router(settings: Settings) -> APIRouter:
    """The addresses under ``/auth/``, and the one to which the provider returns."""
    router = APIRouter(tags=["Identity"])
    flow = AuthFlow(settings)
    begin_limit = attempt_limit(settings, per_minute=ATTEMPTS_PER_MINUTE, of="sign-in")
    end_limit = attempt_limit(settings, per_minute=ATTEMPTS_PER_MINUTE, of="sign-in answer")
    to_error = (
        f"When it fails the redirect leads to `{ERROR_PATH}`, which says why, and how to go on."
    )

    @router.get(
        "/auth/login/{provider}",
        summary="Begin to sign in",
        description="For browsers: a link leads here. Redirects to the provider, and keeps in a "
        "cookie what binds its answer to this browser. In the query may stand `mode` (`signin` or "
        f"`signup`) and `next`, a path of ours to come back to. {to_error} One address may try "
        f"{ATTEMPTS_PER_MINUTE} times a minute.",
        status_code=303,
        response_class=RedirectResponse,
        responses={303: {"description": f"To the provider, or to `{ERROR_PATH}`."}},
        openapi_extra={
            "parameters": [
                _parameter("provider", "path", f"One of {', '.join(PROVIDERS)}."),
                _parameter("mode", "query", "`signin` or `signup`."),
                _parameter("next", "query", "A path of ours to come back to."),
            ]
        },
    )
    async def login(request: Request, allowed: Annotated[bool, Depends(begin_limit)]) -> Response:
        return flow.login(request, allowed=allowed)

    @router.get(
        CALLBACK_PATH,
        summary="The provider's answer",
        description="For browsers, sent by the provider with `code` and `state`, or with an error. "
        f"Sets the session's cookie. {to_error}",
        status_code=303,
        response_class=RedirectResponse,
        responses={303: {"description": f"To `{KEEP_PATH}`, or to `{ERROR_PATH}`."}},
    )
    async def callback(request: Request, allowed: Annotated[bool, Depends(end_limit)]) -> Response:
        return await flow.callback(request, allowed=allowed)

    @router.post(
        "/auth/logout",
        summary="Sign out",
        description="For browsers: a form of a page of this site leads here. Ends the session, in "
        "every tab and at the provider, and removes the cookie.",
        status_code=303,
        response_class=RedirectResponse,
        responses={
            303: {"description": "To the start page."},
            403: {**_FAILURES, "description": "`foreign_origin`: another site's page asked."},
        },
    )
    async def logout(request: Request) -> Response:
        return await flow.logout(request)

    @router.post(
        "/auth/delete-account",
        summary="Delete the account",
        description="For browsers: a form of a page of this site leads here, with the field "
        "`confirm` set to `delete`. Deletes everything that belongs to the account and ends all "
        f"its sessions. A browser is led to `{ERROR_PATH}` when it fails.",
        status_code=303,
        response_class=RedirectResponse,
        responses={
            303: {"description": f"To the start page, or to `{ERROR_PATH}`."},
            401: {**_FAILURES, "description": "`sign_in_required`."},
            403: {**_FAILURES, "description": "`foreign_origin`: another site's page asked."},
            422: {**_FAILURES, "description": "`confirmation_missing`, or `invalid_form`."},
            503: {**_FAILURES, "description": "`database_unavailable`: nothing was deleted."},
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object",
                            "required": ["confirm"],
                            "properties": {"confirm": {"type": "string", "const": "delete"}},
                        }
                    }
                },
            }
        },
    )
    async def delete_account(request: Request) -> Response:
        return await flow.delete_account(request)

    @router.get(
        "/auth/session",
        summary="Who is signed in",
        description="By the cookie of a browser, or by an access token of the identity provider in "
        "`Authorization: Bearer`. Without either nobody is, which is no failure.",
        response_model=SessionAnswer,
        responses={
            200: {
                "description": "Who it is, or that it is nobody.",
                "content": {
                    "application/json": {
                        "example": {
                            "signed_in": True,
                            "user": {
                                "id": "6d3a2f0e-3c9b-5b5e-8a53-0a3d5d1f2c11",
                                "email": "ada@example.com",
                                "name": "Ada",
                                "tier": "free",
                            },
                        }
                    }
                },
            },
            401: {
                **_FAILURES,
                "description": "`invalid_token`, `token_expired` or `account_restricted`.",
            },
            503: {
                **_FAILURES,
                "description": "`identity_unavailable` or `database_unavailable`: it cannot be "
                "known right now. Come back after `Retry-After` seconds.",
            },
        },
    )
    async def session(
        identity: Annotated[Identity | None, Depends(caller_identity)],
    ) -> JSONResponse:
        return JSONResponse(session_answer(identity))

    return router


def _parameter(name: str, place: str, description: str) -> dict[str, Any]:
    """A parameter for the documentation only: whatever is sent, it is never a failure of form."""
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": description,
        "schema": {"type": "string"},
    }


def session_answer(identity: Identity | None) -> dict[str, Any]:
    """The JSON of ``SessionAnswer``."""
    if identity is None:
        return {"signed_in": False, "user": None}
    user = SessionUser(
        id=identity.user_id, email=identity.email, name=identity.name, tier=identity.tier
    )
    return {"signed_in": True, "user": user.model_dump()}
