"""Who somebody is: the small values that the parts of identity hand to each other. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tier = Literal["free", "paid", "enterprise"]
Mode = Literal["signin", "signup"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A person whom this server has verified.

    Args:
        user_id: The identity provider's id, which is the key of the person's rows.
        email: Their address, if the provider knows one.
        name: What they are called, if the provider knows it.
        tier: What they may use; from our database, never from a token.
    """

    user_id: str
    email: str | None
    name: str | None
    tier: Tier


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser in which somebody is signed in.

    Args:
        session_id: Id of the row in ``sessions``; it gives no access to anything.
        identity: The person.
    """

    session_id: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified access token says.

    Args:
        user_id: The ``sub``.
        email: The person's address, or None.
        name: The person's name, or None.
        issued_at: When the token was made.
        expires_at: When it ends.
    """

    user_id: str
    email: str | None
    name: str | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What the provider gives for a code. Not shown by ``repr``: whoever has it is the person.

    Args:
        access: Proves for some minutes who somebody is.
        refresh: Gets new access tokens, for a year.
    """

    access: str
    refresh: str
