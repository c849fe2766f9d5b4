"""The page of the local issuer: who would you like to be? It works without a script."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from blossomer.api.csrf import require_same_origin
from blossomer.api.forms import form_fields
from blossomer.api.local_issuer.accounts import LocalAccounts, Person
from blossomer.api.local_issuer.protocol import (
    is_client,
    is_reached_by_a_name_of_ours,
    known_error,
)
from blossomer.errors import UserError
from blossomer.production import LOOPBACK
from blossomer.services.identity import LOCAL_ISSUER_PATH
from blossomer.settings import PROVIDERS, Settings
from blossomer.web_origins import is_own_origin

CALLBACK_PATH = "/handler/oauth-callback"
COOKIE = "blossomer-local-issuer"
FORM_SECONDS = 600
LONGEST_NAME = 100

_EMAIL = re.compile(r"[^\s@\"<>,;:\\()\[\]]{1,64}@[^\s@\"<>,;:\\()\[\]]{1,253}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_STYLES = Path(__file__).resolve().parents[3] / "assets" / "styles.css"
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def form_routes(accounts: LocalAccounts, settings: Settings) -> list[Route]:
    """Showing the form, and what comes of it."""
    form = _Form(accounts, settings)
    path = "/api/v1/auth/oauth/authorize/{provider}"
    return [
        Route(path, form.show, methods=["GET"]),
        Route(path, form.submit, methods=["POST"]),
    ]


class _Form:
    def __init__(self, accounts: LocalAccounts, settings: Settings) -> None:
        self._accounts = accounts
        self._settings = settings

    async def show(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        query = request.query_params
        browser = request.cookies.get(COOKIE, "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", browser):
            browser = secrets.token_urlsafe(32)
        content = {
            "redirect_uri": query["redirect_uri"],
            "state": query["state"],
            "challenge": query["code_challenge"],
            "mode": "signup" if query.get("mode") == "signup" else "signin",
            "browser": _digest(browser),
            "ends": str(int(time.time()) + FORM_SECONDS),
        }
        answer = self._page(content)
        answer.set_cookie(
            COOKIE,
            browser,
            path=LOCAL_ISSUER_PATH,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    async def submit(self, request: Request) -> Response:
        try:
            require_same_origin(request, self._settings)
            form = await form_fields(request)
        except UserError as error:
            return _start_again(error.message, status=error.status)
        content = self._accounts.open_form(form.get("form", ""))
        browser = request.cookies.get(COOKIE, "")
        if content is None or not hmac.compare_digest(content["browser"], _digest(browser)):
            return _start_again("This form was not opened in this browser.")
        if int(content["ends"]) < time.time():
            return _start_again("This form was open for too long.")
        if form.get("answer") == "cancel":
            return _back(
                content,
                error="server_error",
                error_description="The user denied access.",
                errorCode="OAUTH_PROVIDER_ACCESS_DENIED",
                message="The user denied access.",
                details="{}",
            )
        email = form.get("email", "").strip().lower()
        name = " ".join("".join(c for c in form.get("name", "") if c.isprintable()).split())
        problem = _problem(email, name)
        if problem:
            return self._page(content, email=email[:300], name=name[:300], problem=problem)
        code = self._accounts.new_code(
            Person(email, name or email.partition("@")[0]),
            redirect_uri=content["redirect_uri"],
            challenge=content["challenge"],
        )
        return _back(content, code=code, state=content["state"])

    def _refusal(self, request: Request) -> Response | None:
        """What is wrong with a request to sign in, if anything: nothing is redirected then."""
        query = request.query_params
        if not is_reached_by_a_name_of_ours(request, self._settings):
            return PlainTextResponse("This server does not go by that name.", status_code=400)
        if request.path_params["provider"] not in PROVIDERS:
            return known_error(
                400, "OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED", "There is no such provider."
            )
        if not is_client(
            query.get("client_id", ""), query.get("client_secret", ""), self._settings
        ):
            return known_error(
                400, "INVALID_OAUTH_CLIENT_ID_OR_SECRET", "The client is not the one there is."
            )
        if not self._is_ours(query.get("redirect_uri", ""), request.headers.get("host", "")):
            return known_error(
                400, "REDIRECT_URL_NOT_WHITELISTED", "The redirect address is not one of ours."
            )
        expected = {
            "scope": "legacy",
            "grant_type": "authorization_code",
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in expected.items() if query.get(name) != value]
        if not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            wrong.append("code_challenge")
        if not 0 < len(query.get("state", "")) <= 500:
            wrong.append("state")
        if wrong:
            return known_error(400, "SCHEMA_ERROR", f"Not as it must be: {', '.join(wrong)}.")
        return None

    def _is_ours(self, redirect_uri: str, host: str) -> bool:
        try:
            parts = urlsplit(redirect_uri)
        except ValueError:
            return False
        origin = f"{parts.scheme}://{parts.netloc}"
        return redirect_uri == f"{origin}{CALLBACK_PATH}" and is_own_origin(
            self._settings, origin, host
        )

    def _page(
        self, content: dict[str, str], *, email: str = "", name: str = "", problem: str = ""
    ) -> HTMLResponse:
        text = _TEMPLATES.get_template("local_sign_in.html").render(
            tokens=_design_tokens(),
            form=self._accounts.seal_form(content),
            is_new=content["mode"] == "signup",
            is_open=self._settings.host not in LOOPBACK,
            email=email,
            name=name,
            problem=problem,
        )
        return HTMLResponse(text, status_code=422 if problem else 200, headers=_HEADERS)


_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}


def _problem(email: str, name: str) -> str:
    if not _EMAIL.fullmatch(email):
        return "Enter an e-mail address, such as ada@example.com. Nothing is sent to it."
    if len(name) > LONGEST_NAME:
        return f"A name may have {LONGEST_NAME} characters."
    return ""


def _back(content: dict[str, str], **query: str) -> Response:
    return RedirectResponse(
        f"{content['redirect_uri']}?{urlencode(query)}",
        status_code=303,
        headers={**_HEADERS, "Referrer-Policy": "no-referrer"},
    )


def _start_again(reason: str, status: int = 400) -> Response:
    text = _TEMPLATES.get_template("local_sign_in_over.html").render(
        tokens=_design_tokens(), reason=reason
    )
    return HTMLResponse(text, status_code=status, headers=_HEADERS)


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


@lru_cache(maxsize=1)
def _design_tokens() -> Markup:
    """The product's colours and fonts, from its stylesheet, for both colour schemes."""
    text = _STYLES.read_text(encoding="utf-8")
    light, dark = (
        re.search(rf"^{re.escape(name)} \{{(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
        for name in (":root", ".dark")
    )
    if light is None or dark is None:
        return Markup("")
    # Our own file, no input of anybody.
    return Markup(  # noqa: S704
        f":root {{{light[1]}}} @media (prefers-color-scheme: dark) {{ :root {{{dark[1]}}} }}"
    )
