"""What a user's generations have taken, by day and by who wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, Table, cast, func, select
from sqlmodel import SQLModel

from blossomer.db.store import DatabaseStore
from blossomer.db.tables import Generation

_generations: Table = SQLModel.metadata.tables[str(Generation.__tablename__)]


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """The generations of one day that one writer wrote.

    Args:
        day: Of their beginning, in UTC.
        model: In LiteLLM's notation; ``basic analysis``, or empty for those that nobody finished.
        completed: How many have a result.
        not_completed: How many failed, or were cancelled or interrupted.
        input_tokens: Tokens that the model has read.
        output_tokens: Tokens that it has written.
        cost_usd: What is known of their price.
    """

    day: date
    model: str
    completed: int
    not_completed: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


async def usage_by_day(store: DatabaseStore, since: datetime) -> list[DayOfUse]:
    """Every day on which something was generated, the newest first, with one entry a writer.

    Args:
        store: Whose generations; raises ``database_unavailable`` like it.
        since: A moment with its time zone.
    """
    columns = _generations.c
    day = cast(func.timezone("UTC", columns.started_at), Date).label("day")
    model = func.coalesce(func.nullif(columns.model, ""), columns.writer).label("model")
    done = columns.status == "completed"
    query = (
        select(
            day,
            model,
            func.count().filter(done),
            func.count().filter(~done & (columns.status != "running")),
            func.coalesce(func.sum(columns.input_tokens), 0),
            func.coalesce(func.sum(columns.output_tokens), 0),
            func.coalesce(func.sum(columns.cost_usd), 0),
        )
        .where(columns.user_id == store.user_id, columns.started_at >= since)
        .group_by(day, model)
        .order_by(day.desc(), model)
    )
    async with store.transaction() as session:
        rows = (await session.execute(query)).all()
    return [
        DayOfUse(row[0], row[1], int(row[2]), int(row[3]), int(row[4]), int(row[5]), float(row[6]))
        for row in rows
    ]
