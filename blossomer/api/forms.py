"""Forms as browsers send them without a script: ``application/x-www-form-urlencoded``."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from blossomer.errors import UserError

MOST_FIELDS = 30
LONGEST_FORM = 40_000


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a form; of a field that stands there twice, the last.

    Raises:
        UserError: ``invalid_form`` (422): another encoding, too much, or no text.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind == "application/x-www-form-urlencoded" and len(body) <= LONGEST_FORM:
        try:
            pairs = parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                max_num_fields=MOST_FIELDS,
                errors="strict",
            )
        except ValueError:
            pass
        else:
            return dict(pairs)
    raise UserError(
        "invalid_form",
        "The form could not be read.",
        "Send it as application/x-www-form-urlencoded, from the page that has it.",
        status=422,
    )
