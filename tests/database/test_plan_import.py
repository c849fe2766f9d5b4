"""A plan goes into the database and comes out of it as the same plan."""

from __future__ import annotations

from typing import Any

from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.export.gather import documents_below
from blossomer.services.export.markdown import markdown
from blossomer.services.export.portable import portable, read_plan
from tests.support.plans import HOSTILE, plan


def content(documents: list[Document]) -> list[tuple[str, Any]]:
    return [(document["entity"], document["data"]) for document in documents]


async def test_a_plan_in_and_out(store: DatabaseStore) -> None:
    documents = plan()
    kept = (await store.import_all(read_plan(portable(documents)))).kept
    assert content(list(kept)) == content(documents)
    company = kept[0]["id"]
    found = await documents_below(store, ENTITIES["company"], company)
    assert {d["id"] for d in found} == {d["id"] for d in kept}
    assert [d["entity"] for d in found] == [d["entity"] for d in documents]
    again = [document for _, document in read_plan(portable(found))]
    assert again == found
    assert markdown(found).count("\n#### Campaign: ") == 4
    # What was exported can be imported a second time, as a plan beside the first.
    assert len((await store.import_all(read_plan(portable(found)))).kept) == len(documents)


async def test_what_is_above_comes_along(store: DatabaseStore) -> None:
    kept = (await store.import_all(read_plan(portable(plan())))).kept
    campaign = next(d for d in kept if d["entity"] == "campaign")
    found = await documents_below(store, ENTITIES["campaign"], campaign["id"], with_above=True)
    assert [d["entity"] for d in found] == ["company", "account", "persona", "campaign"]
    assert [d for _, d in read_plan(portable(found))] == found


async def test_hostile_texts_are_kept(store: DatabaseStore) -> None:
    for text in HOSTILE:
        for config, document in read_plan(portable(plan(text))):
            document["id"] = f"{document['id']}-{HOSTILE.index(text)}"
            document["parents"] = {
                e: f"{key}-{HOSTILE.index(text)}" for e, key in document["parents"].items()
            }
            (kept,) = (await store.import_all([(config, document)])).kept or (None,)
            assert kept is not None
