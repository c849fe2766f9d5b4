"""Signs people in on this machine, without a password, where no Stack Auth project is configured.

It speaks the wire protocol of Stack Auth, so that the very same client signs people in with either.
Never in production: there is no project to be without. ``accounts.py`` has what it remembers,
``protocol.py`` what programs call, ``form.py`` what a person sees.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from blossomer.api.local_issuer.accounts import LocalAccounts
from blossomer.api.local_issuer.form import form_routes
from blossomer.api.local_issuer.protocol import protocol_routes
from blossomer.log import get_logger
from blossomer.services.runtime import get_runtime
from blossomer.settings import Settings, get_settings

log = get_logger(__name__)


def create_local_issuer(settings: Settings | None = None) -> Starlette | None:
    """The issuer, to be mounted at ``LOCAL_ISSUER_PATH``; None where there must be none.

    Touches no file until it is asked for something.

    Args:
        settings: Those of the process by default.
    """
    settings = settings or get_settings()
    if not settings.uses_local_issuer:
        return None
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    accounts = LocalAccounts(
        settings.data_dir / "local-issuer",
        secret=secret,
        first=_is_first,
    )
    return Starlette(
        routes=[*protocol_routes(accounts, settings), *form_routes(accounts, settings)],
        exception_handlers={Exception: _broke},
    )


async def _is_first(name: str, seconds: float) -> bool | None:
    return await get_runtime().bus.first(name, seconds)


async def _broke(_request: Request, error: Exception) -> Response:
    log.error("local_issuer.broke", exc_info=error)
    return PlainTextResponse("Internal Server Error", status_code=500)
