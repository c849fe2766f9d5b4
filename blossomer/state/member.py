"""Who is at a page: verified for every event from the cookie of its connection, never from state.

A visitor without an account works in the *playground*, a signed-in user in the *app*. All that a
page holds belongs to whom it was loaded for; when somebody else turns up it is forgotten.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
import structlog

from blossomer.db.outage import database_unavailable
from blossomer.errors import UserError
from blossomer.log import bind_user
from blossomer.services.client_address import anonymous_key
from blossomer.services.guards import redirect_for
from blossomer.services.identity.model import Identity
from blossomer.services.limits import user_key
from blossomer.services.runtime import Workspace, get_runtime
from blossomer.state.messages import Identifier
from blossomer.state.validation import validated
from blossomer.state.views import AccountView

log = structlog.get_logger(__name__)

NOBODY = ""
"""The owner of a page at which nobody is signed in."""


OUTAGE_NOTICE = database_unavailable().words
"""Goes away by itself once the database answers."""

TOO_FAST = (
    "That was too much at once: what you did last was not taken. Wait a moment, look whether it is "
    "there, and repeat it."
)


class MemberMixin(rx.State, mixin=True):
    """Knows whose page it is, and sends people to where they belong."""

    account: AccountView = AccountView()
    notice: str = ""

    _owner: str | None = None
    """User id of whom the page is for; ``NOBODY`` without an account; None before it is known."""
    _tier: str = ""

    @rx.event
    @validated
    async def greet(self) -> Any:
        """Show who is signed in, on a page that has no other work to do."""

    @rx.event
    @validated
    async def tell_failure(self, reference: Identifier) -> Any:
        """Say that something broke on our side, with the reference that is in the log."""
        self.notice = (
            "Something went wrong on our side. Nothing you saved is lost. Try again; if it happens "
            f"again, quote {reference}."
        )

    @rx.event
    @validated
    async def dismiss_notice(self) -> Any:
        """Close the notice."""
        self.notice = ""

    async def _admit(self, handler: str) -> Any:
        """Verify who sends this event; called before every handler.

        Args:
            handler: Name of the handler.

        Returns:
            None when the handler may act, else what to tell the page instead.
        """
        try:
            identity = await self._identify()
        except UserError as error:
            self._unreachable(handler, error)
            return rx.noop()
        if self.notice == OUTAGE_NOTICE:
            self.notice = ""
        owner = identity.user_id if identity else NOBODY
        bind_user(owner)
        known, changed = self._owner is not None, self._owner != owner
        if known and changed:
            log.info("page_changes_hands")
            self._forget(owner)
        self._owner = owner
        self._tier = identity.tier if identity else ""
        if changed:
            self.account = _view(identity)
            await get_runtime().tabs.note(self._tab, owner)
        if known and changed and handler not in ("load", "greet"):
            return rx.redirect(self._elsewhere() or "/", replace=True)
        return None

    def _keeps_up(self) -> bool:
        """Whether one more event of the user's is taken now; if not, the page says so."""
        if not self._owner or get_runtime().user_events.take(self._owner):
            return True
        self.notice = TOO_FAST
        return False

    def _unreachable(self, handler: str, error: UserError) -> None:
        """Say that it cannot be known right now who is there; nothing is done."""
        del handler
        self.notice = error.words

    def _forget(self, owner: str) -> None:
        """Drop everything that was shown to somebody else."""
        self.reset()  # type: ignore[no-untyped-call]
        self._owner = owner

    async def _leave_if_signed_out(self) -> None:
        """Forget everything when the session of this tab's connection is no more."""
        try:
            identity = await self._identify()
        except UserError:
            identity = None
        if (identity.user_id if identity else NOBODY) != self._owner:
            self._forget(NOBODY)

    async def _identify(self) -> Identity | None:
        sessions = get_runtime().sessions
        if sessions is None:
            return None
        return await sessions.identify(self.router.headers.cookie)

    def _elsewhere(self) -> str | None:
        """Where the person belongs instead of the page they are at, if anywhere else."""
        url = self.router.url
        return redirect_for(str(url.path), str(url.query), signed_in=bool(self._owner))

    @property
    def _place(self) -> str:
        """The part of the product the person works in, as it stands in addresses."""
        return "/app" if self._owner else "/playground"

    @property
    def _tab(self) -> str:
        """By what the server knows the tab."""
        return str(self.router.session.client_token)

    @property
    def _workspace(self) -> Workspace | None:
        """The signed-in user's side of the server; None without an account."""
        return get_runtime().workspace if self._owner else None

    @property
    def _limit_key(self) -> str:
        """The key under which this person's generations are counted."""
        if self._owner:
            return user_key(self._owner, self._tier)
        return anonymous_key(self.router.session.client_ip)


def _view(identity: Identity | None) -> AccountView:
    if identity is None:
        return AccountView()
    return AccountView(
        name=identity.name or identity.email or "Your account", email=identity.email or ""
    )
