"""A sign-in under way: what binds the answer of the provider to the browser that asked.

State (RFC 6749, section 10.12) and PKCE (RFC 7636) are made here, and kept in an encrypted cookie
of the browser for ten minutes. Each serves once. Cookies and redirects themselves are set by
``api/auth.py``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from blossomer.services.bus import Bus
from blossomer.services.guards import safe_return_path
from blossomer.services.identity import causes
from blossomer.services.identity.cipher import Cipher
from blossomer.services.identity.model import Mode, Tokens
from blossomer.services.identity.stack import StackClient

SIGN_IN_SECONDS = 600
MOST_AT_ONCE = 3
"""Tabs of one browser that may be signing in. More would not fit the cookie: the oldest goes."""
MOST_REMEMBERED = 10_000
LONGEST_CODE = 2_000
LONGEST_STATE = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in that a browser has begun.

    Args:
        state: Comes back with the answer.
        verifier: The secret behind the PKCE challenge.
        redirect_uri: Where the answer goes; the provider wants to hear it again.
        return_path: Where the person wants to be afterwards.
        mode: ``signin`` or ``signup``.
        began: Seconds since the epoch.
    """

    state: str
    verifier: str
    redirect_uri: str
    return_path: str
    mode: Mode
    began: float


class SignIn:
    """Begins and ends sign-ins.

    Args:
        client: The provider.
        cipher: For the cookie.
        clock: Seconds since the epoch.
        bus: To other workers, where states may have been used; None when there are none.
    """

    def __init__(
        self,
        client: StackClient,
        cipher: Cipher,
        clock: Callable[[], float] = time.time,
        bus: Bus | None = None,
    ) -> None:
        self._client = client
        self._cipher = cipher
        self._clock = clock
        self._bus = bus or Bus()
        self._used: dict[str, float] = {}

    def begin(
        self, provider: str, *, mode: Mode, wanted: object, redirect_uri: str, cookie: str
    ) -> tuple[str, str]:
        """Begin a sign-in.

        Args:
            provider: Such as ``google``.
            mode: What the person means to do.
            wanted: Where they want to be afterwards; not trusted.
            redirect_uri: Our address for the answer.
            cookie: The browser's cookie of other sign-ins under way, or an empty string.

        Returns:
            The address at the provider, and the new value of the cookie.
        """
        attempt = Attempt(
            state=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
            return_path=safe_return_path(wanted),
            mode=mode,
            began=self._clock(),
        )
        url = self._client.authorize_url(
            provider,
            redirect_uri=redirect_uri,
            state=attempt.state,
            challenge=challenge_of(attempt.verifier),
            mode=mode,
        )
        others = [other for other in self._attempts(cookie) if not self._is_over(other)]
        return url, self._sealed([*others, attempt][-MOST_AT_ONCE:])

    async def accept(self, cookie: str, state: str) -> tuple[Attempt, str]:
        """The sign-in that an answer belongs to. It is used up by that, whatever comes next.

        Args:
            cookie: The browser's cookie, or an empty string.
            state: The ``state`` of the answer; not trusted.

        Returns:
            The sign-in, and the new value of the cookie, which is empty when no other is left.

        Raises:
            UserError: ``sign_in_not_started``, ``sign_in_mismatch`` or ``sign_in_expired``.
        """
        attempts = self._attempts(cookie)
        if not attempts:
            raise causes.state_missing()
        if len(state) > LONGEST_STATE:
            raise causes.state_mismatch()
        for attempt in attempts:
            if hmac.compare_digest(attempt.state.encode(), state.encode()):
                break
        else:
            raise causes.state_mismatch()
        if self._is_over(attempt):
            raise causes.state_expired()
        if await self._was_used(attempt.state):
            raise causes.state_mismatch()
        left = [other for other in attempts if other is not attempt]
        return attempt, self._sealed(left) if left else ""

    def wanted(self, cookie: str) -> str:
        """Where the person wanted to be who has begun last; empty when nobody knows.

        For answers that say no: they come without a state, so they cannot use anything up.
        """
        going_on = [attempt for attempt in self._attempts(cookie) if not self._is_over(attempt)]
        return going_on[-1].return_path if going_on else ""

    async def finish(self, attempt: Attempt, code: str) -> Tokens:
        """The tokens of whoever has signed in.

        Args:
            attempt: From ``accept``.
            code: The ``code`` of the answer; not trusted.

        Raises:
            UserError: The provider refuses or does not answer; see ``StackClient.exchange``.
        """
        if not 0 < len(code) <= LONGEST_CODE:
            raise causes.code_refused()
        return await self._client.exchange(
            code, redirect_uri=attempt.redirect_uri, code_verifier=attempt.verifier
        )

    def _is_over(self, attempt: Attempt) -> bool:
        return self._clock() - attempt.began > SIGN_IN_SECONDS

    async def _was_used(self, state: str) -> bool:
        """Whether it was used before; from now on it is. For a copied cookie: ours is replaced.

        Without Redis, or when it does not answer, each worker remembers its own; the provider's
        code still serves once.
        """
        name = hashlib.sha256(state.encode()).hexdigest()
        if await self._bus.first(f"sign-in:{name}", SIGN_IN_SECONDS) is False:
            return True
        now = self._clock()
        while self._used:
            oldest = next(iter(self._used))
            is_over = now - self._used[oldest] > SIGN_IN_SECONDS
            if not is_over and len(self._used) < MOST_REMEMBERED:
                break
            del self._used[oldest]
        if state in self._used:
            return True
        self._used[state] = now
        return False

    def _sealed(self, attempts: list[Attempt]) -> str:
        return self._cipher.seal(json.dumps([asdict(attempt) for attempt in attempts]))

    def _attempts(self, cookie: str) -> list[Attempt]:
        """What a cookie of ours says; nothing if it is not ours."""
        opened = self._cipher.open(cookie) if cookie else None
        if opened is None:
            return []
        entries: list[dict[str, Any]] = json.loads(opened)
        try:
            return [Attempt(**entry) for entry in entries]
        except TypeError:  # sealed by another version of this program
            return []


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
