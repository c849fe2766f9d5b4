"""What the local issuer remembers: its key, codes for a minute, and which sessions have ended.

There is no list of people: whoever names an e-mail address is that person, and the id is made from
it. What must survive a restart is in one folder, which the workers of a server share. A code
carries what it stands for, encrypted, so that any worker can take it. No HTTP here.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import ECAlgorithm

from blossomer.services.identity import LOCAL_API_URL, LOCAL_PROJECT_ID
from blossomer.services.identity.cipher import Cipher, write_private
from blossomer.services.identity.sign_in import challenge_of

ISSUER = f"{LOCAL_API_URL}/api/v1/projects/{LOCAL_PROJECT_ID}"
ACCESS_SECONDS = 600
REFRESH_SECONDS = 365 * 24 * 3600
CODE_SECONDS = 60
MOST_CODES = 1_000
"""Used codes that are remembered here; they are good for a minute."""

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve's group (SEC 2, section 2.4.2)."""

_PEOPLE = uuid5(NAMESPACE_DNS, "local-issuer.blossomer")


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever has named an e-mail address.

    Args:
        email: In lower case.
        name: What they want to be called.
    """

    email: str
    name: str

    @property
    def id(self) -> str:
        """Always the same for the same address."""
        return str(uuid5(_PEOPLE, self.email))


@dataclass(frozen=True, slots=True)
class LocalSession:
    """What a refresh token says.

    Args:
        id: Of the session.
        person: Whose it is.
        began: Seconds since the epoch.
    """

    id: str
    person: Person
    began: float


First = Callable[[str, float], Awaitable[bool | None]]
"""Whether nobody else has done what has this name within so many seconds; None: not known."""


class LocalAccounts:
    """Codes, tokens, and their ends.

    Args:
        folder: For the key and the list of what has ended; made when it is needed.
        now: Seconds since the epoch.
        secret: From which the key is made, so that several servers have the same; without it, one
            is made at random and kept in the folder.
        first: Whether a code is used for the first time on any worker.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], float] = time.time,
        *,
        secret: str = "",
        first: First | None = None,
    ) -> None:
        self._folder = folder
        self._now = now
        self._server_secret = secret
        self._first = first
        self._used: dict[str, float] = {}
        self._ends_read_at = -1
        self._ends_as_read: dict[str, dict[str, float]] = {"sessions": {}, "people": {}}

    def new_code(self, person: Person, *, redirect_uri: str, challenge: str) -> str:
        """A code that can be changed into tokens once, within a minute."""
        content = {
            "person": asdict(person),
            "redirect_uri": redirect_uri,
            "challenge": challenge,
            "made_at": self._now(),
        }
        return self._code_cipher.seal(json.dumps(content))

    async def redeem(self, code: str, *, redirect_uri: str, code_verifier: str) -> Person | None:
        """The person a code was made for; None when anything is not as it was. It is used up."""
        opened = self._code_cipher.open(code)
        kept = json.loads(opened) if opened is not None else None
        if kept is None or self._now() - kept["made_at"] > CODE_SECONDS:
            return None
        if await self._was_used(hashlib.sha256(code.encode()).hexdigest()):
            return None
        same_address = hmac.compare_digest(kept["redirect_uri"].encode(), redirect_uri.encode())
        is_verifier = 43 <= len(code_verifier) <= 128 and code_verifier.isascii()
        given = challenge_of(code_verifier) if is_verifier else ""
        same_browser = hmac.compare_digest(kept["challenge"].encode(), given.encode())
        return Person(**kept["person"]) if same_address and same_browser else None

    async def _was_used(self, name: str) -> bool:
        if (
            self._first is not None
            and await self._first(f"local-code:{name}", CODE_SECONDS) is False
        ):
            return True
        now = self._now()
        for old in [key for key, when in self._used.items() if now - when > CODE_SECONDS]:
            del self._used[old]
        while len(self._used) >= MOST_CODES:
            del self._used[next(iter(self._used))]
        if name in self._used:
            return True
        self._used[name] = now
        return False

    def new_session(self, person: Person) -> LocalSession:
        """A session that has just begun."""
        return LocalSession(secrets.token_hex(16), person, round(self._now(), 3))

    def refresh_token(self, session: LocalSession) -> str:
        """The token that stands for a session."""
        return self._cipher.seal(json.dumps(asdict(session)))

    def session_of(self, refresh_token: str) -> LocalSession | None:
        """The session that a refresh token stands for, unless it has ended."""
        opened = self._cipher.open(refresh_token)
        if opened is None:
            return None
        content = json.loads(opened)
        session = LocalSession(content["id"], Person(**content["person"]), content["began"])
        return None if self._has_ended(session) else session

    def access_token(self, session: LocalSession) -> str:
        """A token with the claims that Stack Auth gives."""
        now = int(self._now())
        person = session.person
        claims = {
            "sub": person.id,
            "iss": ISSUER,
            "aud": LOCAL_PROJECT_ID,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "project_id": LOCAL_PROJECT_ID,
            "branch_id": "main",
            "refresh_token_id": session.id,
            "role": "authenticated",
            "name": person.name,
            "email": person.email,
            "email_verified": True,
            "selected_team_id": None,
            "signed_up_at": session.began,
            "is_anonymous": False,
            "is_restricted": False,
            "restricted_reason": None,
            "requires_totp_mfa": False,
        }
        return jwt.encode(claims, self._key, "ES256", headers={"kid": self._key_id})

    def claims_of(self, access_token: str) -> dict[str, Any] | None:
        """What a token of ours says, if it is valid and its session has not ended."""
        try:
            claims: dict[str, Any] = jwt.decode(
                access_token,
                self._key.public_key(),
                algorithms=["ES256"],
                audience=LOCAL_PROJECT_ID,
                issuer=ISSUER,
                options={"require": ["exp", "sub", "refresh_token_id"]},
            )
        except Exception:
            return None  # whatever it was, it was none of ours
        person = Person(claims["email"], claims["name"])
        session = LocalSession(claims["refresh_token_id"], person, claims["signed_up_at"])
        return None if self._has_ended(session) else claims

    def end_session(self, session_id: str) -> None:
        """The refresh token of that session is worth nothing from now on."""
        self._write_end("sessions", session_id)

    def delete_person(self, person_id: str) -> None:
        """All refresh tokens of that person are worth nothing; signing in again is possible."""
        self._write_end("people", person_id)

    @cached_property
    def key_set(self) -> dict[str, Any]:
        """The public key, as RFC 7517 has it."""
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self._key_id, "use": "sig", "alg": "ES256"}]}

    def seal_form(self, content: dict[str, str]) -> str:
        """What a form carries that nobody may change."""
        return self._form_cipher.seal(json.dumps(content))

    def open_form(self, sealed: str) -> dict[str, str] | None:
        """What a form has carried, or None when it was not made here."""
        opened = self._form_cipher.open(sealed)
        return json.loads(opened) if opened is not None else None

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        if self._server_secret:
            # 48 bytes for a number of 32: what is left of the division is as good as random
            # (FIPS 186-5, appendix A.2.1).
            hkdf = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"blossomer local issuer")
            number = int.from_bytes(hkdf.derive(self._server_secret.encode()), "big")
            return ec.derive_private_key(number % (P256_ORDER - 1) + 1, ec.SECP256R1())
        file = self._folder / "key.pem"
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            key = ec.generate_private_key(ec.SECP256R1())
            pem = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            write_private(file, pem.decode(), replace=False)
        loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{file} holds a key of another kind: remove it")
        return loaded

    @cached_property
    def _key_id(self) -> str:
        return f"{self._key.public_key().public_numbers().x:064x}"[:12]

    @cached_property
    def _secret(self) -> str:
        """For the ciphers: text that only the holder of the key can know."""
        return f"{self._key.private_numbers().private_value:064x}"

    @cached_property
    def _cipher(self) -> Cipher:
        return Cipher(self._secret, "local refresh tokens")

    @cached_property
    def _code_cipher(self) -> Cipher:
        return Cipher(self._secret, "local sign-in code")

    @cached_property
    def _form_cipher(self) -> Cipher:
        return Cipher(self._secret, "local sign-in form")

    @property
    def _ends_file(self) -> Path:
        return self._folder / "ended.json"

    @property
    def _ends(self) -> dict[str, dict[str, float]]:
        """When sessions and people have ended, by id; another worker may have written it."""
        try:
            changed_at = self._ends_file.stat().st_mtime_ns
        except FileNotFoundError:
            return self._ends_as_read
        if changed_at != self._ends_read_at:
            self._ends_as_read = json.loads(self._ends_file.read_text())
            self._ends_read_at = changed_at
        return self._ends_as_read

    def _has_ended(self, session: LocalSession) -> bool:
        return (
            self._now() - session.began > REFRESH_SECONDS
            or session.id in self._ends["sessions"]
            or session.began <= self._ends["people"].get(session.person.id, float("-inf"))
        )

    def _write_end(self, kind: str, ended: str) -> None:
        now = self._now()
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # until it is closed
            ends = self._ends
            for each in ends.values():
                for old in [name for name, when in each.items() if now - when > REFRESH_SECONDS]:
                    del each[old]
            ends[kind][ended] = now
            write_private(self._ends_file, json.dumps(ends))
        finally:
            os.close(folder)
