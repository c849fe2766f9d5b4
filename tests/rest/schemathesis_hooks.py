"""What schemathesis does differently here; loaded by it, in its own process."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import schemathesis

KEY = "Idempotency-Key"

NO_FAULTS = {"model_needed", "generation_stopped"}
"""Codes of a 503 that say what this server is not made to do, and are no fault of it."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """A key that was used for another request is refused, as it should be: each gets its own.

    It is as long as the one that was made up; what is no key at all is left as it is.
    """
    del context, kwargs
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,255}", key):
        new = uuid4().hex
        case.headers[KEY] = new + key[len(new) :] if len(key) > len(new) else new


@schemathesis.check
def no_fault_of_ours(context: Any, response: Any, case: Any) -> None:
    """No answer from 500 on, but for those that are meant."""
    del context, case
    if response.status_code < 500:
        return
    code = json.loads(response.content)["error"]["code"]
    assert code in NO_FAULTS, f"{response.status_code} {code}"
