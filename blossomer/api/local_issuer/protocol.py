"""What programs call of the local issuer, as Stack Auth answers it: same paths, same errors."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from blossomer.api.forms import form_fields
from blossomer.api.local_issuer.accounts import ACCESS_SECONDS, LocalAccounts, LocalSession
from blossomer.errors import UserError
from blossomer.services.identity import LOCAL_PROJECT_ID
from blossomer.services.identity.stack import NO_KEY
from blossomer.settings import Settings
from blossomer.web_origins import is_own_origin


def known_error(status: int, code: str, message: str) -> Response:
    """A failure in Stack Auth's form."""
    return JSONResponse(
        {"code": code, "error": message},
        status_code=status,
        headers={"X-Stack-Known-Error": code, "Cache-Control": "no-store"},
    )


def is_client(client_id: str, client_secret: str, settings: Settings) -> bool:
    """Whether somebody names the one project there is, with its public key."""
    key = settings.stack_publishable_client_key
    expected = f"{LOCAL_PROJECT_ID} {key.get_secret_value() if key else NO_KEY}"
    return hmac.compare_digest(f"{client_id} {client_secret}".encode(), expected.encode())


def is_reached_by_a_name_of_ours(request: Request, settings: Settings) -> bool:
    """Whether the request was sent to this machine by a name that can mean no other.

    A foreign page can make its own name point to this machine, and would then read what is
    answered here: a code or a token for anybody.
    """
    host = request.headers.get("host", "")
    return host == "localhost" or is_own_origin(settings, f"{request.url.scheme}://{host}", host)


def protocol_routes(accounts: LocalAccounts, settings: Settings) -> list[Route]:
    """Tokens, keys, users and sessions."""
    endpoints = _Endpoints(accounts, settings)
    paths: tuple[tuple[str, str, Callable[..., Any]], ...] = (
        ("GET", f"/projects/{LOCAL_PROJECT_ID}/.well-known/jwks.json", endpoints.keys),
        ("POST", "/auth/oauth/token", endpoints.token),
        ("POST", "/auth/sessions/current/refresh", endpoints.refresh),
        ("DELETE", "/auth/sessions/current", endpoints.sign_out),
        ("GET", "/users/me", endpoints.current_user),
        ("DELETE", "/users/me", endpoints.delete_user),
    )
    return [Route(f"/api/v1{path}", call, methods=[method]) for method, path, call in paths]


class _Endpoints:
    def __init__(self, accounts: LocalAccounts, settings: Settings) -> None:
        self._accounts = accounts
        self._settings = settings

    async def keys(self, _request: Request) -> Response:
        return JSONResponse(
            self._accounts.key_set, headers={"Cache-Control": "public, max-age=3600"}
        )

    async def token(self, request: Request) -> Response:
        if not is_reached_by_a_name_of_ours(request, self._settings):
            return _foreign_host()
        try:
            form = await form_fields(request)
        except UserError as error:
            return known_error(400, "BODY_PARSING_ERROR", error.message)
        if not is_client(form.get("client_id", ""), form.get("client_secret", ""), self._settings):
            return known_error(
                400, "INVALID_OAUTH_CLIENT_ID_OR_SECRET", "The client is not the one there is."
            )
        match form.get("grant_type"):
            case "authorization_code":
                return await self._for_code(form)
            case "refresh_token":
                session = self._accounts.session_of(form.get("refresh_token", ""))
                return self._tokens(session) if session else _no_refresh_token()
        return known_error(400, "SCHEMA_ERROR", "grant_type is not one of the two there are.")

    async def _for_code(self, form: dict[str, str]) -> Response:
        person = await self._accounts.redeem(
            form.get("code", ""),
            redirect_uri=form.get("redirect_uri", ""),
            code_verifier=form.get("code_verifier", ""),
        )
        if person is None:
            return known_error(
                400, "INVALID_AUTHORIZATION_CODE", "The given authorization code is invalid."
            )
        return self._tokens(self._accounts.new_session(person))

    def _tokens(self, session: LocalSession) -> Response:
        content = {
            "access_token": self._accounts.access_token(session),
            "refresh_token": self._accounts.refresh_token(session),
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "scope": "legacy",
        }
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def refresh(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        session = self._accounts.session_of(request.headers.get("x-stack-refresh-token", ""))
        if session is None:
            return _no_refresh_token()
        return JSONResponse({"access_token": self._accounts.access_token(session)})

    async def current_user(self, request: Request) -> Response:
        claims = self._claims(request)
        if isinstance(claims, Response):
            return claims
        return JSONResponse(
            {
                "id": claims["sub"],
                "primary_email": claims["email"],
                "primary_email_verified": True,
                "display_name": claims["name"],
                "profile_image_url": None,
                "signed_up_at_millis": int(claims["signed_up_at"] * 1000),
                "is_anonymous": False,
                "is_restricted": False,
                "selected_team": None,
                "selected_team_id": None,
                "client_metadata": None,
                "client_read_only_metadata": None,
            }
        )

    async def delete_user(self, request: Request) -> Response:
        claims = self._claims(request)
        if isinstance(claims, Response):
            return claims
        self._accounts.delete_person(claims["sub"])
        return JSONResponse({"success": True})

    async def sign_out(self, request: Request) -> Response:
        claims = self._claims(request)
        if isinstance(claims, Response):
            return claims
        self._accounts.end_session(claims["refresh_token_id"])
        return JSONResponse({"success": True})

    def _claims(self, request: Request) -> dict[str, Any] | Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        token = request.headers.get("x-stack-access-token")
        if token is None:
            return known_error(401, "USER_AUTHENTICATION_REQUIRED", "There is no access token.")
        claims = self._accounts.claims_of(token)
        if claims is None:
            return known_error(401, "UNPARSABLE_ACCESS_TOKEN", "The access token is not valid.")
        return claims

    def _refusal(self, request: Request) -> Response | None:
        """What is wrong with the headers that every call but OAuth's own has, if anything."""
        if not is_reached_by_a_name_of_ours(request, self._settings):
            return _foreign_host()
        if not request.headers.get("x-stack-access-type"):
            return known_error(400, "ACCESS_TYPE_REQUIRED", "There is no x-stack-access-type.")
        if request.headers.get("x-stack-project-id") != LOCAL_PROJECT_ID:
            return known_error(400, "CURRENT_PROJECT_NOT_FOUND", "There is no such project.")
        return None


def _no_refresh_token() -> Response:
    return known_error(
        401, "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED", "Refresh token not found or expired."
    )


def _foreign_host() -> Response:
    return PlainTextResponse("This server does not go by that name.", status_code=400)
