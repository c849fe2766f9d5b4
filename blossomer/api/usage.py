"""What a signed-in user has used, and what is left."""

# No postponed annotations here: FastAPI reads the dependencies from them.

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from blossomer.api.errors import ErrorAnswer
from blossomer.api.identity import required_identity
from blossomer.api.rate_headers import PLAIN_HEADERS, of_generations
from blossomer.db.outage import database_unavailable
from blossomer.db.usage import usage_by_day
from blossomer.services.identity.model import Identity
from blossomer.services.limits import user_key
from blossomer.services.runtime import get_runtime

MOST_DAYS = 366


class UsedOfOneModel(BaseModel):
    """What one model, or basic analysis, wrote on one day."""

    day: date = Field(description="In UTC, by the beginning of each generation.")
    model: str = Field(
        description="In LiteLLM's notation, or `basic analysis`; empty for what nobody finished."
    )
    completed: int = Field(description="Generations with a result.")
    not_completed: int = Field(description="Those that failed, were cancelled or interrupted.")
    input_tokens: int
    output_tokens: int
    cost_usd: float = Field(description="In US dollars, as far as prices are known.")


class UsedInAll(BaseModel):
    """All days and models together."""

    completed: int
    not_completed: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


class LeftNow(BaseModel):
    """What may still be generated in this hour."""

    limit: int = Field(description="Generations an hour, by the tier.")
    left: int
    resets_in_seconds: int = Field(description="Until one more is free; 0 when all are.")


class UsageAnswer(BaseModel):
    """The answer."""

    since: date = Field(description="The first day that is counted, in UTC.")
    tier: str
    generations: LeftNow
    total: UsedInAll
    days: list[UsedOfOneModel] = Field(description="The newest first; days without use are not.")


_EXAMPLE = {
    "since": "2026-10-27",
    "tier": "free",
    "generations": {"limit": 10, "left": 8, "resets_in_seconds": 3240},
    "total": {
        "completed": 2,
        "not_completed": 0,
        "input_tokens": 31_204,
        "output_tokens": 5_120,
        "cost_usd": 0.0207,
    },
    "days": [
        {
            "day": "2026-11-25",
            "model": "openai/gpt-4.1-mini",
            "completed": 2,
            "not_completed": 0,
            "input_tokens": 31_204,
            "output_tokens": 5_120,
            "cost_usd": 0.0207,
        }
    ],
}


def usage_router() -> APIRouter:
    """``/api/usage``."""
    router = APIRouter(tags=["Account"])

    @router.get(
        "/api/usage",
        summary="What you have used, and what is left",
        description="Your generations by day and model, with tokens and price, and how many you "
        "may still start in this hour. By the cookie of a browser, or by an access token.",
        response_model=UsageAnswer,
        responses={
            200: {
                "description": "Your use.",
                "headers": PLAIN_HEADERS,
                "content": {"application/json": {"example": _EXAMPLE}},
            },
            401: {"model": ErrorAnswer, "description": "Nobody is signed in."},
            422: {
                "model": ErrorAnswer,
                "description": "`invalid_input`: `days` is no such number.",
            },
            429: {"model": ErrorAnswer, "description": "`too_many_requests`."},
            503: {
                "model": ErrorAnswer,
                "description": "`database_unavailable`, `limits_unavailable` or "
                "`identity_unavailable`.",
            },
        },
    )
    async def usage(
        identity: Annotated[Identity, Depends(required_identity)],
        days: Annotated[
            int, Query(ge=1, le=MOST_DAYS, description="How many days, today among them.")
        ] = 30,
    ) -> JSONResponse:
        runtime = get_runtime()
        if runtime.workspace is None:
            raise database_unavailable()
        remaining = await runtime.limits.remaining(user_key(identity.user_id, identity.tier))
        first = datetime.now(UTC).date() - timedelta(days=days - 1)
        since = datetime.combine(first, time.min, UTC)
        used = await usage_by_day(runtime.workspace.store(identity.user_id), since)
        answer = UsageAnswer(
            since=first,
            tier=identity.tier,
            generations=LeftNow(
                limit=remaining.limit,
                left=remaining.left,
                resets_in_seconds=remaining.resets_in_seconds,
            ),
            total=UsedInAll(
                completed=sum(each.completed for each in used),
                not_completed=sum(each.not_completed for each in used),
                input_tokens=sum(each.input_tokens for each in used),
                output_tokens=sum(each.output_tokens for each in used),
                cost_usd=round(sum(each.cost_usd for each in used), 6),
            ),
            days=[
                UsedOfOneModel(
                    day=each.day,
                    model=each.model,
                    completed=each.completed,
                    not_completed=each.not_completed,
                    input_tokens=each.input_tokens,
                    output_tokens=each.output_tokens,
                    cost_usd=round(each.cost_usd, 6),
                )
                for each in used
            ],
        )
        headers = {**of_generations(remaining), "Cache-Control": "no-store"}
        return JSONResponse(answer.model_dump(mode="json"), headers=headers)

    return router
