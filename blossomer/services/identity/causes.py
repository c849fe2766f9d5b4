"""Why somebody is not signed in, in words. One function for each cause, one table of all.

The page of a failed sign-in and the API show the same words. Who finds out is elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from blossomer.db.outage import database_unavailable
from blossomer.errors import UserError

_AGAIN = "Start the sign-in again."


def invalid_token() -> UserError:
    """It is no token, or not one for this product."""
    return UserError(
        "invalid_token",
        "That proof of who you are is not valid here.",
        "Sign in again, or get a new access token.",
        status=401,
    )


def token_expired() -> UserError:
    """It was valid once."""
    return UserError(
        "token_expired",
        "That proof of who you are has expired.",
        "Sign in again, or get a new access token.",
        status=401,
    )


def account_restricted() -> UserError:
    """The provider lets this person do less than sign in."""
    return UserError(
        "account_restricted",
        "This account may not sign in yet.",
        "Confirm your e-mail address with the provider you sign in with, or ask the administrator "
        "of this site.",
        status=401,
    )


def sign_in_required() -> UserError:
    """Nobody is signed in where somebody must be."""
    return UserError(
        "sign_in_required",
        "You are not signed in.",
        "Sign in, or send an access token as `Authorization: Bearer`.",
        status=401,
    )


def identity_unavailable(retry_after: int = 30) -> UserError:
    """The provider cannot be reached, or is too busy.

    Args:
        retry_after: Seconds until trying again makes sense.
    """
    return UserError(
        "identity_unavailable",
        "The sign-in service cannot be reached right now.",
        "Nothing is lost. Try again in a moment.",
        status=503,
        retry_after=retry_after,
    )


def identity_timeout() -> UserError:
    """The provider takes too long."""
    return UserError(
        "identity_timeout",
        "The sign-in service took too long to answer.",
        "Nothing is lost. Try again in a moment.",
        status=504,
        retry_after=30,
    )


def identity_error() -> UserError:
    """The provider answers with an error of its own, or with something that is no answer."""
    return UserError(
        "identity_error",
        "The sign-in service gave an answer that makes no sense.",
        "Try again in some minutes. If it stays, tell the administrator of this site.",
        status=502,
        retry_after=60,
    )


def identity_misconfigured() -> UserError:
    """The provider does not accept this server: a wrong project, key or redirect address."""
    return UserError(
        "identity_misconfigured",
        "Sign-in is not set up correctly on this site.",
        "Tell the administrator of this site; the log of the server says what is wrong.",
        status=502,
    )


def session_ended() -> UserError:
    """The provider does not renew this session."""
    return UserError(
        "session_ended",
        "Your session has ended.",
        "Sign in again; everything that was saved is there.",
        status=401,
    )


def state_missing() -> UserError:
    """The browser that comes back is not one that went."""
    return UserError(
        "sign_in_not_started",
        "This sign-in was not started in this browser.",
        f"{_AGAIN} If it happens again, allow cookies for this site.",
    )


def state_expired() -> UserError:
    """It took too long."""
    return UserError(
        "sign_in_expired",
        "This sign-in took longer than ten minutes.",
        _AGAIN,
    )


def state_mismatch() -> UserError:
    """The answer belongs to another sign-in than the ones of this browser."""
    return UserError(
        "sign_in_mismatch",
        "This answer belongs to another sign-in, or to one that is already complete.",
        _AGAIN,
    )


def sign_in_cancelled() -> UserError:
    """The person said no."""
    return UserError(
        "sign_in_cancelled",
        "You cancelled the sign-in, or the account was not shared with this site.",
        "Start again whenever you like.",
    )


def code_refused() -> UserError:
    """The provider does not take the code: used, expired, or not for this browser's secret."""
    return UserError(
        "sign_in_code_refused",
        "The sign-in service did not accept this sign-in; perhaps it was used before.",
        _AGAIN,
    )


def email_taken() -> UserError:
    """Another account of the provider's project has the address."""
    return UserError(
        "sign_in_email_taken",
        "There already is an account with this e-mail address, with another way to sign in.",
        "Sign in the way you did the first time.",
        status=409,
    )


def sign_up_closed() -> UserError:
    """The project takes no new people."""
    return UserError(
        "sign_up_closed",
        "This site does not take new accounts right now.",
        "If you have an account, sign in with the one you used before.",
        status=403,
    )


def more_proof_needed() -> UserError:
    """The account has a second factor, for which the provider has a page of its own only."""
    return UserError(
        "sign_in_needs_second_factor",
        "This account is protected by a second factor, which cannot be asked for here.",
        "Sign in with another account, or remove the second factor from this one.",
        status=403,
    )


def sign_in_failed() -> UserError:
    """Something else at the provider."""
    return UserError(
        "sign_in_failed",
        "The sign-in service did not sign you in.",
        f"{_AGAIN} If it happens again, tell the administrator of this site.",
    )


def unknown_provider() -> UserError:
    """No button leads there."""
    return UserError(
        "unknown_provider",
        "This site does not offer that way to sign in.",
        "Choose one of the ways on the sign-in page.",
        status=404,
    )


def too_many_attempts() -> UserError:
    """One address tries again and again."""
    return UserError(
        "too_many_sign_ins",
        "Too many sign-ins from this address.",
        "Wait a minute and try again.",
        status=429,
        retry_after=60,
    )


def sign_in_unavailable() -> UserError:
    """The server runs without a database."""
    return UserError(
        "sign_in_unavailable",
        "This server has no accounts.",
        "The playground works without one.",
        status=503,
    )


def confirmation_missing() -> UserError:
    """What cannot be undone needs a second word."""
    return UserError(
        "confirmation_missing",
        "The account was not deleted, since that was not confirmed.",
        "Confirm it on the page of your account.",
        status=422,
    )


_ALL: tuple[Callable[[], UserError], ...] = (
    invalid_token,
    token_expired,
    account_restricted,
    sign_in_required,
    identity_unavailable,
    identity_timeout,
    identity_error,
    identity_misconfigured,
    session_ended,
    state_missing,
    state_expired,
    state_mismatch,
    sign_in_cancelled,
    code_refused,
    email_taken,
    sign_up_closed,
    more_proof_needed,
    sign_in_failed,
    unknown_provider,
    too_many_attempts,
    database_unavailable,
    sign_in_unavailable,
    confirmation_missing,
)

CAUSES: dict[str, UserError] = {error.code: error for error in (make() for make in _ALL)}
"""By code: what the page of a failed sign-in says."""

_OF_THE_PROVIDER: dict[str, Callable[[], UserError]] = {
    "access_denied": sign_in_cancelled,
    "OAUTH_PROVIDER_ACCESS_DENIED": sign_in_cancelled,
    "OAUTH_PROVIDER_TEMPORARILY_UNAVAILABLE": identity_unavailable,
    "temporarily_unavailable": identity_unavailable,
    "OUTER_OAUTH_TIMEOUT": state_expired,
    "SIGN_UP_NOT_ENABLED": sign_up_closed,
    "SIGN_UP_REJECTED": sign_up_closed,
    "CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE": email_taken,
    "OAUTH_CONNECTION_ALREADY_CONNECTED_TO_ANOTHER_USER": email_taken,
    "USER_EMAIL_ALREADY_EXISTS": email_taken,
    "RESTRICTED_USER_NOT_ALLOWED": account_restricted,
    "MULTI_FACTOR_AUTHENTICATION_REQUIRED": more_proof_needed,
    "INVALID_AUTHORIZATION_CODE": code_refused,
    "REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED": session_ended,
    "REFRESH_TOKEN_ERROR": session_ended,
    "USER_NOT_FOUND": session_ended,
    "USER_ID_DOES_NOT_EXIST": session_ended,
    "OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED": unknown_provider,
}
"""Codes of Stack Auth and of OAuth (RFC 6749, section 4.1.2.1), as far as a person can act on
them."""


def cause_of(code: str) -> UserError:
    """The words for a cause; general ones when it is unknown."""
    return CAUSES.get(code) or sign_in_failed()


def provider_failure(code: str) -> UserError:
    """The words for a failure that the provider names.

    Args:
        code: Its ``errorCode``, known error, or OAuth ``error``.
    """
    return _OF_THE_PROVIDER.get(code, sign_in_failed)()
