"""Stack Auth over its wire protocol: the calls that sign somebody in, keep them in, and out.

The protocol as its servers speak it in 2026 (also under the name Hexclave): OAuth 2.0 with PKCE,
access tokens of ten minutes, refresh tokens of a year that are not replaced. Verifying a token is
in ``verifier.py``; nothing here decides who somebody is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode

import httpx

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.identity import causes
from blossomer.services.identity.model import Mode, Tokens
from blossomer.settings import Settings

log = get_logger(__name__)

ANSWER_SECONDS = 8.0
"""For a whole answer; a person waits for it."""
MOST_BYTES = 100_000
LONGEST_TOKEN = 8_192
NO_KEY = "__stack_public_client__"
"""What a project without a publishable key is given in the place of one."""
LONGEST_WAIT = 300

_OURS_TO_MEND = frozenset(
    {
        "ACCESS_TYPE_REQUIRED",
        "ACCESS_TYPE_WITHOUT_PROJECT_ID",
        "CLIENT_AUTHENTICATION_REQUIRED",
        "CURRENT_PROJECT_NOT_FOUND",
        "INVALID_OAUTH_CLIENT_ID_OR_SECRET",
        "INVALID_PUBLISHABLE_CLIENT_KEY",
        "PROJECT_NOT_FOUND",
        "PUBLISHABLE_CLIENT_KEY_REQUIRED_FOR_PROJECT",
        "REDIRECT_URL_NOT_WHITELISTED",
        "SCHEMA_ERROR",
    }
)
"""Known errors that say that this server, not the person, does something wrong."""


class StackClient:
    """Calls the API of one project.

    Args:
        http: Its connections; not closed here.
        settings: The project and its key.
        api_url: Where the API is called.
        browser_url: Where a browser finds the same API; in general the same address.
        project_id: The project.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: Settings,
        *,
        api_url: str,
        browser_url: str,
        project_id: str,
    ) -> None:
        self._http = http
        self._base = f"{api_url}/api/v1"
        self._browser_base = f"{browser_url}/api/v1"
        self._project_id = project_id
        key = settings.stack_publishable_client_key
        self._key = key.get_secret_value() if key else ""

    def authorize_url(
        self, provider: str, *, redirect_uri: str, state: str, challenge: str, mode: Mode
    ) -> str:
        """Where the browser goes to sign in.

        Args:
            provider: Such as ``google``.
            redirect_uri: Where it comes back to, with ``code`` and ``state``, or with an error.
            state: Returned as it is.
            challenge: The S256 challenge of RFC 7636.
            mode: Not part of the protocol, which signs up whoever is new; the local issuer's form
                says "sign in" or "sign up" by it.
        """
        query = {
            "client_id": self._project_id,
            "client_secret": self._key or NO_KEY,
            "redirect_uri": redirect_uri,
            "scope": "legacy",  # the only one there is
            "state": state,
            "grant_type": "authorization_code",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "response_type": "code",
            "type": "authenticate",
            "error_redirect_uri": redirect_uri,
        }
        if self._browser_base.startswith("/"):
            query["mode"] = mode
        path = f"/auth/oauth/authorize/{quote(provider, safe='')}"
        return f"{self._browser_base}{path}?{urlencode(query)}"

    async def exchange(self, code: str, *, redirect_uri: str, code_verifier: str) -> Tokens:
        """The tokens for a code.

        Args:
            code: From the redirect.
            redirect_uri: The same as in ``authorize_url``.
            code_verifier: What the challenge was made from.

        Raises:
            UserError: ``sign_in_code_refused`` and other causes of a refusal, or ``identity_…``
                when there is no proper answer.
        """
        answer = await self._token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=code_verifier,
        )
        return Tokens(
            access=_token(answer, "access_token"), refresh=_token(answer, "refresh_token")
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """A new access token; with the same refresh token, unless the provider gives another.

        Raises:
            UserError: ``session_ended`` (401) when the provider refuses, else ``identity_…``.
        """
        answer = await self._token(grant_type="refresh_token", refresh_token=refresh_token)
        access = _token(answer, "access_token")
        newer = answer.get("refresh_token")
        return Tokens(access=access, refresh=newer if _is_token(newer) else refresh_token)

    async def current_user(self, access_token: str) -> dict[str, Any]:
        """What the provider knows of the person, for example ``id`` and ``primary_email``.

        Raises:
            UserError: The token is refused, or there is no proper answer.
        """
        return await self._call("GET", "/users/me", access_token=access_token)

    async def sign_out(self, access_token: str) -> None:
        """End the session that the token belongs to: its refresh token is worth nothing any more.

        Raises:
            UserError: The token is refused, or there is no proper answer.
        """
        await self._call("DELETE", "/auth/sessions/current", access_token=access_token)

    async def delete_user(self, access_token: str) -> None:
        """Delete the person's account at the provider, if the project lets people do that.

        Raises:
            UserError: It does not, the token is refused, or there is no proper answer.
        """
        await self._call("DELETE", "/users/me", access_token=access_token)

    async def _token(self, **form: str) -> dict[str, Any]:
        client = {"client_id": self._project_id, "client_secret": self._key or NO_KEY}
        return await self._call("POST", "/auth/oauth/token", form={**form, **client})

    async def _call(
        self,
        method: str,
        path: str,
        *,
        access_token: str | None = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        headers = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "x-stack-project-id": self._project_id,
            "x-stack-access-type": "client",
        }
        if self._key:
            headers["x-stack-publishable-client-key"] = self._key
        if access_token is not None:
            headers["x-stack-access-token"] = access_token
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream(
                    method,
                    f"{self._base}{path}",
                    headers=headers,
                    data=form,
                    follow_redirects=False,
                    timeout=ANSWER_SECONDS,
                ) as answer,
            ):
                body = await _bounded(answer)
        except (TimeoutError, httpx.TimeoutException):
            log.warning("identity.provider_slow", path=path)
            raise causes.identity_timeout() from None
        except httpx.HTTPError as error:
            log.warning("identity.provider_unreachable", path=path, reason=type(error).__name__)
            raise causes.identity_unavailable() from None
        return _content(path, answer, body)


async def _bounded(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_bytes(8_192):
        body += chunk
        if len(body) > MOST_BYTES:
            log.warning("identity.provider_nonsense", reason="too large")
            raise causes.identity_error()
    return body


def _content(path: str, answer: httpx.Response, body: bytes) -> dict[str, Any]:
    """The JSON object of a good answer; the words for any other."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if answer.is_success and isinstance(content, dict):
        return content
    code = _known_error(answer, content)
    log.warning("identity.provider_refused", path=path, status=answer.status_code, code=code)
    raise _failure(answer, code)


def _known_error(answer: httpx.Response, content: Any) -> str:
    """The name of a failure: Stack's own, or OAuth's (RFC 6749, section 5.2)."""
    named = answer.headers.get("x-stack-known-error", "")
    if not named and isinstance(content, dict):
        first = content.get("code") or content.get("error")
        named = first if isinstance(first, str) else ""
    return str(named)[:80]


def _failure(answer: httpx.Response, code: str) -> UserError:
    if answer.status_code == 429:
        return causes.identity_unavailable(retry_after=_wait(answer))
    if answer.status_code == 503:
        return causes.identity_unavailable()
    if not answer.is_client_error or not code:
        return causes.identity_error()
    if code in _OURS_TO_MEND:
        return causes.identity_misconfigured()
    return causes.provider_failure(code)


def _wait(answer: httpx.Response) -> int:
    given = answer.headers.get("retry-after", "")
    return min(max(1, int(given)), LONGEST_WAIT) if given.isdecimal() else 30


def _is_token(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii()


def _token(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not _is_token(value):
        log.warning("identity.provider_nonsense", reason=f"no {name}")
        raise causes.identity_error()
    return value
