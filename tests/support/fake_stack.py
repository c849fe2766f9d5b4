"""Stack Auth on loopback, able to fail in the ways the real one does.

Speaks over real HTTP what its source has in 2026: OAuth with PKCE, ES256 tokens and their keys,
sessions, users, known errors. The person who signs in is whoever ``person`` says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

PROJECT = "4c0e6b0a-1111-4222-8333-444455556666"
PUBLIC_CLIENT = "__stack_public_client__"


@dataclass
class Key:
    """A signing key and its id."""

    kid: str = field(default_factory=lambda: secrets.token_hex(6))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@dataclass
class Person:
    """Somebody with an account at the provider."""

    id: str = field(default_factory=lambda: str(uuid4()))
    email: str | None = "ada@example.com"
    name: str | None = "Ada"
    restricted: bool = False
    anonymous: bool = False


@dataclass
class _Grant:
    person: Person
    redirect_uri: str
    challenge: str


class FakeStack:
    """One project of Stack Auth. Use it as a context manager.

    Attributes:
        person: Who signs in next.
        keys: The first one signs; all are published.
        access_seconds: How long access tokens last.
        denies: The person says no to the provider; or the name of another known error.
        down: Connections are closed without an answer.
        hang: Nothing is answered.
        status: Every answer has this status and ``body``; None for proper ones.
        body: See ``status``.
        jwks: Sent instead of the keys.
        deletes: Whether people may delete their accounts.
        asked: Method and path of all requests, in order.
        headers: Headers of the last request, names in lower case.
        sessions: Refresh tokens that are good, and whose they are.
        deleted: Ids of people who have deleted their accounts.
    """

    def __init__(self) -> None:
        self.person = Person()
        self.keys = [Key(), Key()]
        self.access_seconds = 600
        self.denies = ""
        self.down = False
        self.hang = False
        self.status: int | None = None
        self.body = b"{}"
        self.answer_headers: dict[str, str] = {}
        self.jwks: Any = None
        self.deletes = True
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self.sessions: dict[str, Person] = {}
        self.deleted: list[str] = []
        self._codes: dict[str, _Grant] = {}
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        """For STACK_API_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def issuer(self) -> str:
        return f"{self.url}/api/v1/projects/{PROJECT}"

    @property
    def settings(self) -> dict[str, Any]:
        """What a server is told to use it."""
        return {"stack_project_id": PROJECT, "stack_api_url": self.url}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def recover(self) -> None:
        """Answer properly from now on."""
        self.down = self.hang = False
        self.status = None
        self.jwks = None
        self.denies = ""
        self.answer_headers = {}

    def claims(self, person: Person | None = None, **other: Any) -> dict[str, Any]:
        """The claims of an access token; ``None`` removes one."""
        person = person or self.person
        now = int(time.time())
        iss, aud = self.issuer, PROJECT
        if person.anonymous:
            iss, aud = iss.replace("/projects/", "/projects-anonymous-users/"), f"{PROJECT}:anon"
        elif person.restricted:
            iss = iss.replace("/projects/", "/projects-restricted-users/")
            aud = f"{PROJECT}:restricted"
        claims = {
            "sub": person.id,
            "iss": iss,
            "aud": aud,
            "iat": now,
            "exp": now + self.access_seconds,
            "project_id": PROJECT,
            "branch_id": "main",
            "refresh_token_id": str(uuid4()),
            "role": "authenticated",
            "name": person.name,
            "email": person.email,
            "email_verified": True,
            "selected_team_id": None,
            "signed_up_at": now - 86_400,
            "is_anonymous": person.anonymous,
            "is_restricted": person.restricted or person.anonymous,
            "restricted_reason": {"type": "email_not_verified"} if person.restricted else None,
            "requires_totp_mfa": False,
        }
        claims.update(other)
        return {name: value for name, value in claims.items() if value is not Missing}

    def token(self, person: Person | None = None, *, key: Key | None = None, **claims: Any) -> str:
        """An access token, signed by the first key unless another is given."""
        key = key or self.keys[0]
        # Not jwt.encode, which refuses to make some of the tokens that a verifier must refuse.
        payload = json.dumps(self.claims(person, **claims)).encode()
        return jwt.PyJWS().encode(payload, key.private, "ES256", headers={"kid": key.kid})

    def new_session(self, person: Person | None = None) -> str:
        """A refresh token."""
        token = secrets.token_urlsafe(24)
        self.sessions[token] = person or replace(self.person)
        return token

    def grant(self, *, redirect_uri: str, challenge: str) -> str:
        """A code for the person who signs in."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Grant(replace(self.person), redirect_uri, challenge)
        return code

    def answer(
        self, method: str, path: str, query: dict[str, str], form: dict[str, str]
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON (or text), and headers."""
        match method, path.removeprefix("/api/v1"):
            case "GET", p if p == f"/projects/{PROJECT}/.well-known/jwks.json":
                return 200, self.jwks if self.jwks is not None else self._jwks(), {}
            case "GET", p if p.startswith("/auth/oauth/authorize/"):
                return self._authorize(query)
            case "POST", "/auth/oauth/token":
                return self._token(form)
            case "DELETE", "/auth/sessions/current":
                return self._with_user(self._sign_out)
            case "GET", "/users/me":
                return self._with_user(self._me)
            case "DELETE", "/users/me":
                return self._with_user(self._delete)
        return 404, "404 — this page does not exist in Stack Auth's API.", {}

    def _jwks(self) -> dict[str, Any]:
        return {
            "keys": [
                {
                    **ECAlgorithm.to_jwk(key.private.public_key(), as_dict=True),
                    "kid": key.kid,
                    "alg": "ES256",
                    "use": "sig",
                }
                for key in self.keys
            ]
        }

    def _authorize(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        required = {
            "client_id": PROJECT,
            "client_secret": PUBLIC_CLIENT,
            "scope": "legacy",
            "grant_type": "authorization_code",
            "code_challenge_method": "S256",
            "response_type": "code",
        }
        for name, value in required.items():
            if query.get(name) != value:
                return _known(400, "SCHEMA_ERROR", f"{name} is {query.get(name)!r}")
        if self.denies:
            back = {
                "error": "server_error",
                "error_description": "no",
                "errorCode": self.denies,
                "message": "no",
                "details": "{}",
            }
            return 307, "", {"Location": f"{query['error_redirect_uri']}?{urlencode(back)}"}
        code = self.grant(redirect_uri=query["redirect_uri"], challenge=query["code_challenge"])
        back = {"code": code, "state": query["state"]}
        return 303, "", {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}

    def _token(self, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if form.get("client_id") != PROJECT or form.get("client_secret") != PUBLIC_CLIENT:
            return _known(400, "INVALID_OAUTH_CLIENT_ID_OR_SECRET", "wrong client")
        if form.get("grant_type") == "refresh_token":
            person = self.sessions.get(form.get("refresh_token", ""))
            if person is None:
                return _known(401, "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED", "no such refresh token")
            return 200, self._tokens(person, form["refresh_token"]), {}
        grant = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if grant is None or grant.challenge != challenge:
            return _known(400, "INVALID_AUTHORIZATION_CODE", "no such code")
        if grant.redirect_uri != form.get("redirect_uri"):
            return 400, "Invalid redirect URI.", {}
        return 200, self._tokens(grant.person, self.new_session(grant.person)), {}

    def _tokens(self, person: Person, refresh_token: str) -> dict[str, Any]:
        return {
            "access_token": self.token(person, refresh_token_id=refresh_token),
            "refresh_token": refresh_token,
            "token_type": "Bearer",
            "is_new_user": False,
            "scope": "legacy",
        }

    def _with_user(self, call: Any) -> tuple[int, Any, dict[str, str]]:
        if self.headers.get("x-stack-project-id") != PROJECT:
            return _known(400, "CURRENT_PROJECT_NOT_FOUND", "no such project")
        if self.headers.get("x-stack-access-type") != "client":
            return _known(400, "ACCESS_TYPE_REQUIRED", "no access type")
        token = self.headers.get("x-stack-access-token", "")
        try:
            claims = jwt.decode(
                token,
                self.keys[0].public_pem,
                algorithms=["ES256"],
                audience=PROJECT,
                issuer=self.issuer,
            )
        except jwt.PyJWTError:
            return _known(401, "UNPARSABLE_ACCESS_TOKEN", "not a token")
        return call(claims)

    def _sign_out(self, claims: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if self.sessions.pop(claims["refresh_token_id"], None) is None:
            return _known(401, "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED", "no such session")
        return 200, {"success": True}, {}

    def _me(self, claims: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        content = {"id": claims["sub"], "primary_email": "a@b.c", "display_name": "Ada"}
        return 200, content, {}

    def _delete(self, claims: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if not self.deletes:
            return 400, "Client user deletion is not enabled for this project", {}
        self.deleted.append(claims["sub"])
        for token in [t for t, person in self.sessions.items() if person.id == claims["sub"]]:
            del self.sessions[token]
        return 200, {"success": True}, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                fake.asked.append(f"{self.command} {parts.path}")
                fake.headers = {name.lower(): value for name, value in self.headers.items()}
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                if fake.hang:
                    fake._released.wait()
                    return
                if fake.down:
                    self.close_connection = True
                    return
                status, content, headers = fake.answer(
                    self.command, parts.path, _flat(parts.query), _flat(body)
                )
                if fake.status is not None:
                    status, raw, headers = fake.status, fake.body, fake.answer_headers
                else:
                    raw = (content if isinstance(content, str) else json.dumps(content)).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if not any(name.lower() == "content-type" for name in headers):
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler


Missing = object()
"""As the value of a claim: leave it out."""


def _known(status: int, code: str, message: str) -> tuple[int, Any, dict[str, str]]:
    return status, {"code": code, "error": message}, {"X-Stack-Known-Error": code}


def _flat(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded).items()}
