"""The one place that decides whether an access token is good.

Stack Auth's tokens, as its source has them: ES256, ``iss`` is the API's address and the project,
``aud`` the project. Those of anonymous and of restricted users have another ``iss`` and ``aud``,
so demanding the exact ones refuses both; the claims that say so are looked at as well.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt

from blossomer.errors import UserError
from blossomer.log import get_logger
from blossomer.services.identity import causes
from blossomer.services.identity.keys import KeySet
from blossomer.services.identity.model import Claims

log = get_logger(__name__)

ALGORITHM = "ES256"
LEEWAY_SECONDS = 30
"""Clocks of two servers that are kept by NTP differ by far less."""
LONGEST_TOKEN = 8_192
LONGEST_VALIDITY = timedelta(hours=24)
_REQUIRED = ["exp", "iat", "sub", "iss", "aud"]
_KEY_ID = re.compile(r"[\x21-\x7e]{1,200}")
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@|-]{0,127}")
LONGEST_TEXT = 320
"""Of an e-mail address, by RFC 3696; enough for a name too."""


class TokenVerifier:
    """Verifies access tokens of one project.

    Args:
        project_id: The project, which is the only audience.
        api_urls: Addresses of the API that may stand in ``iss``; the first one has the keys.
        http: With which the keys are fetched.
        clock: For the age of the keys.
    """

    def __init__(
        self,
        project_id: str,
        api_urls: Sequence[str],
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._audience = project_id
        self._issuers = [f"{url}/api/v1/projects/{project_id}" for url in api_urls]
        self._keys = KeySet(f"{self._issuers[0]}/.well-known/jwks.json", http, clock)

    async def verify(self, token: str) -> Claims:
        """What a token says, if it is good.

        Raises:
            UserError: ``invalid_token``, ``token_expired`` or ``account_restricted`` (401);
                ``identity_unavailable`` (503) when the keys cannot be had.
        """
        key = await self._keys.key(_key_id(token))
        try:
            payload = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuers,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED, "strict_aud": True},
            )
            _refuse_limited_users(payload)
            return _claims(payload)
        except jwt.ExpiredSignatureError:
            raise causes.token_expired() from None
        except (jwt.InvalidIssuerError, jwt.InvalidAudienceError) as error:
            log.info("identity.token_refused", reason=type(error).__name__)
            raise _words_for_foreign(token) from None
        except UserError:
            raise
        except Exception as error:
            # Whatever is wrong with what somebody sends, it is no token.
            log.info("identity.token_refused", reason=type(error).__name__)
            raise causes.invalid_token() from None

    async def close(self) -> None:
        """End what is under way."""
        await self._keys.close()


def _key_id(token: str) -> str:
    """The id of the key that a token claims to be signed with; refuses every other algorithm."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise causes.invalid_token()
    try:
        header = jwt.get_unverified_header(token)
    except Exception:
        # Also a header of ten thousand brackets, for which the parser has an error of its own.
        raise causes.invalid_token() from None
    key_id = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
        raise causes.invalid_token()
    if not _KEY_ID.fullmatch(key_id):
        raise causes.invalid_token()
    return key_id


def _refuse_limited_users(payload: dict[str, Any]) -> None:
    # Anything but a plain "no" counts: an unknown form must not let somebody in.
    if payload.get("is_anonymous", False) not in (False, None):
        raise causes.invalid_token()
    if payload.get("is_restricted", False) not in (False, None):
        raise causes.account_restricted()


def _words_for_foreign(token: str) -> UserError:
    """Why a properly signed token of another kind is refused. Decides nothing but the words."""
    payload = jwt.decode(token, options={"verify_signature": False})
    if payload.get("is_restricted") is True and payload.get("is_anonymous") is not True:
        return causes.account_restricted()
    return causes.invalid_token()


def _claims(payload: dict[str, Any]) -> Claims:
    user_id = payload["sub"]
    if not _USER_ID.fullmatch(user_id):
        raise causes.invalid_token()
    # A moment that no calendar has must not break what reckons with it.
    latest = datetime.now(UTC) + LONGEST_VALIDITY
    return Claims(
        user_id=user_id,
        email=_text(payload.get("email")),
        name=_text(payload.get("name")),
        issued_at=datetime.fromtimestamp(int(payload["iat"]), UTC),
        expires_at=datetime.fromtimestamp(min(int(payload["exp"]), int(latest.timestamp())), UTC),
    )


def _text(value: Any) -> str | None:
    """A text that can be stored and shown: one line, not endless."""
    if not isinstance(value, str):
        return None
    return "".join(c for c in value if c.isprintable()).strip()[:LONGEST_TEXT] or None
