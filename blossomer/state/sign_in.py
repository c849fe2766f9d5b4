"""The state of the pages around signing in: the ways in, and the words of what went wrong.

Signing in itself is not an event: only an answer over HTTP can set a cookie that scripts cannot
read, so the buttons are links to ``api/auth.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from blossomer.errors import UserError
from blossomer.services.guards import redirect_for, safe_return_path, sign_in_path
from blossomer.services.identity import causes
from blossomer.services.runtime import get_runtime
from blossomer.settings import Settings
from blossomer.state.validation import validated

NAMES = {"google": "Google", "github": "GitHub", "microsoft": "Microsoft"}


@dataclass
class WayIn:
    """A button to sign in: its words and where it leads."""

    label: str = ""
    href: str = ""


class SignInState(rx.State):
    """What the pages ``/auth`` and ``/handler/error`` show.

    Pages are built before anybody asks for them, so what depends on the settings or on the address
    comes with the first event.
    """

    notice: str = ""
    ready: bool = False
    is_local: bool = False
    is_new: bool = False
    """Whether the person means to create an account."""
    ways: list[WayIn] = []
    other_href: str = ""
    """The same page for who has an account already, or has none yet."""
    message: str = ""
    action: str = ""
    again_href: str = ""

    @rx.event
    @validated
    async def open_sign_in(self) -> Any:
        """Show the ways in, or go on when somebody is signed in already."""
        place = await self._elsewhere()
        if place is not None:
            return rx.redirect(place, replace=True)
        settings = get_runtime().settings
        query = self.router.url.query_parameters
        wanted = safe_return_path(query.get("next"), default="")
        self.is_new = query.get("mode") == "signup"
        self.is_local = settings.uses_local_issuer
        self.ways = ways_in(settings, is_new=self.is_new, wanted=wanted)
        self.other_href = sign_in_path(wanted, mode="signin" if self.is_new else "signup")
        self.ready = True
        return None

    @rx.event
    @validated
    async def open_failure(self) -> None:
        """Show why it did not work, and the way to try again."""
        query: Mapping[str, str] = self.router.url.query_parameters
        cause = causes.cause_of(str(query.get("cause", ""))[:100])
        self.message, self.action = cause.message, cause.action
        self.again_href = sign_in_path(safe_return_path(query.get("next"), default=""))
        self.ready = True

    async def _elsewhere(self) -> str | None:
        """Where whoever is signed in already wants to be."""
        sessions = get_runtime().sessions
        if sessions is None:
            return None
        try:
            identity = await sessions.identify(self.router.headers.cookie)
        except UserError:
            return None
        url = self.router.url
        return redirect_for(url.path, url.query, signed_in=identity is not None)


def ways_in(settings: Settings, *, is_new: bool, wanted: str) -> list[WayIn]:
    """The buttons of the sign-in page.

    Args:
        settings: Which providers there are, and whether people sign in on this machine.
        is_new: Whether the person means to create an account.
        wanted: Where they want to be afterwards, already checked; may be empty.
    """
    query = {"mode": "signup" if is_new else "signin"}
    if wanted:
        query["next"] = wanted
    providers = settings.providers[:1] if settings.uses_local_issuer else settings.providers
    return [
        WayIn(
            label="Continue on this machine"
            if settings.uses_local_issuer
            else f"Continue with {NAMES[provider]}",
            href=f"/auth/login/{provider}?{urlencode(query)}",
        )
        for provider in providers
    ]
