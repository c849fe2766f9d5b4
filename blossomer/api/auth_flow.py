"""What the addresses of ``auth.py`` do: redirects, and cookies that scripts cannot read.

What a sign-in is made of is in ``services/identity``; the words of its failures are in
``causes.py`` there.
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from blossomer.api.csrf import require_same_origin
from blossomer.api.errors import error_response
from blossomer.api.forms import form_fields
from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.guards import HOME, safe_return_path
from blossomer.services.identity import causes
from blossomer.services.identity.cookies import Cookies
from blossomer.services.identity.model import Mode
from blossomer.services.identity.sessions import ABSOLUTE, SessionService
from blossomer.services.identity.sign_in import SIGN_IN_SECONDS, SignIn
from blossomer.services.runtime import get_runtime
from blossomer.settings import Settings
from blossomer.web_origins import own_origin

log = get_logger(__name__)

CALLBACK_PATH = "/handler/oauth-callback"
KEEP_PATH = "/handler/keep"
ERROR_PATH = "/handler/error"

_COOKIE_SECONDS = SIGN_IN_SECONDS * 2
"""Longer than the sign-in itself, so that who is too late is told that, and not that there was
none."""
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""An address with a code in it is nobody else's business."""
_REPEATED = frozenset(
    {"sign_in_not_started", "sign_in_mismatch", "sign_in_expired", "sign_in_code_refused"}
)
"""What the second load of the same address ends with."""


class AuthFlow:
    """What the addresses of ``auth.py`` do.

    Args:
        settings: For cookies and origins.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cookies = Cookies(settings)

    def login(self, request: Request, *, allowed: bool) -> Response:
        """Send the browser to the provider."""
        provider = str(request.path_params["provider"])
        wanted = request.query_params.get("next", "")
        sign_in = get_runtime().sign_in
        if sign_in is None:
            return _to_error(causes.sign_in_unavailable(), wanted)
        if not allowed:
            return _to_error(causes.too_many_attempts(), wanted)
        if provider not in self._settings.providers:
            return _to_error(causes.unknown_provider(), wanted)
        mode: Mode = "signup" if request.query_params.get("mode") == "signup" else "signin"
        origin = own_origin(self._settings, request.url.scheme, request.headers.get("host", ""))
        url, cookie = sign_in.begin(
            provider,
            mode=mode,
            wanted=wanted,
            redirect_uri=f"{origin}{CALLBACK_PATH}",
            cookie=self._read(request, self._cookies.sign_in),
        )
        answer = _redirect(url)
        self._set(answer, self._cookies.sign_in, cookie, _COOKIE_SECONDS)
        return answer

    async def callback(self, request: Request, *, allowed: bool) -> Response:
        """Sign in whoever comes back from the provider."""
        runtime = get_runtime()
        if runtime.sign_in is None or runtime.sessions is None:
            return _to_error(causes.sign_in_unavailable())
        if not allowed:
            return _to_error(causes.too_many_attempts())
        query = request.query_params
        failure = query.get("errorCode") or query.get("error")
        if failure:
            log.info("identity.provider_said_no", code=failure[:80])
            wanted = runtime.sign_in.wanted(self._read(request, self._cookies.sign_in))
            return _to_error(causes.provider_failure(failure), wanted)
        return await self._complete(request, runtime.sign_in, runtime.sessions)

    async def _complete(
        self, request: Request, sign_in: SignIn, sessions: SessionService
    ) -> Response:
        cookie = self._read(request, self._cookies.sign_in)
        query = request.query_params
        wanted = ""
        try:
            attempt, others = await sign_in.accept(cookie, query.get("state", ""))
            cookie, wanted = others, attempt.return_path
            tokens = await sign_in.finish(attempt, query.get("code", ""))
            secret, _, _ = await sessions.begin(tokens)
        except UserError as error:
            log.info("identity.sign_in_failed", code=error.code)
            repeated = error.code in _REPEATED and await self._is_signed_in(request, sessions)
            answer = _redirect(HOME) if repeated else _to_error(error, wanted)
        else:
            # Whoever's session this browser had, or was made to have, ends here.
            await sessions.end(request.headers.get("cookie"))
            answer = _redirect(f"{KEEP_PATH}?{urlencode({'next': wanted})}")
            self._set(answer, self._cookies.session, secret, int(ABSOLUTE.total_seconds()))
        if wanted:
            self._set(answer, self._cookies.sign_in, cookie, _COOKIE_SECONDS)
        return answer

    async def _is_signed_in(self, request: Request, sessions: SessionService) -> bool:
        try:
            return await sessions.identify(request.headers.get("cookie")) is not None
        except UserError:
            return False

    async def logout(self, request: Request) -> Response:
        """Sign out; the cookie is gone afterwards whatever else happens."""
        require_same_origin(request, self._settings)
        sessions = get_runtime().sessions
        if sessions is not None:
            await sessions.end(request.headers.get("cookie"))
        return self._leaving()

    async def delete_account(self, request: Request) -> Response:
        """Delete the account of whoever is signed in."""
        require_same_origin(request, self._settings)
        form = await form_fields(request)
        try:
            sessions = get_runtime().sessions
            if sessions is None:
                raise causes.sign_in_unavailable()
            identity = await sessions.identify(request.headers.get("cookie"))
            if identity is None:
                raise causes.sign_in_required()
            if form.get("confirm") != "delete":
                raise causes.confirmation_missing()
            await sessions.delete_account(identity)
        except UserError as error:
            if "text/html" in request.headers.get("accept", ""):
                return _to_error(error)
            return error_response(error)
        return self._leaving()

    def _leaving(self) -> Response:
        answer = _redirect("/")
        self._set(answer, self._cookies.session, "", 0)
        self._set(answer, self._cookies.sign_in, "", 0)
        return answer

    def _read(self, request: Request, name: str) -> str:
        return self._cookies.read(request.headers.get("cookie"), name)

    def _set(self, answer: Response, name: str, value: str, seconds: int) -> None:
        answer.headers.append("Set-Cookie", self._cookies.set(name, value, seconds))


def _redirect(url: str) -> Response:
    return RedirectResponse(url, status_code=303, headers=_PRIVATE)


def _to_error(error: UserError, wanted: str = "") -> Response:
    """The page that says why, and from which one can try again with the same aim."""
    query = {"cause": error.code}
    if safe_return_path(wanted, default=""):
        query["next"] = wanted
    return _redirect(f"{ERROR_PATH}?{urlencode(query)}")
