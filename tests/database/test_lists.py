"""Lists: what the database finds is what the rules in ``entities/listing.py`` say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from blossomer.db.store import DatabaseStore
from blossomer.entities import ENTITIES, entity_config
from blossomer.entities.lineage import basis_of
from blossomer.entities.listing import (
    ListPage,
    ListQuery,
    ListRow,
    overall_confidence,
    select_rows,
)
from blossomer.entities.merge import Change
from tests.database.rows import somebodys_store
from tests.support.documents import entity_document, keep_family

ACCOUNT, CAMPAIGN = entity_config("account"), entity_config("campaign")
LEVELS = st.dictionaries(
    st.sampled_from(["strengths", "challenges", "insights", "firmographics"]),
    st.sampled_from(["high", "medium", "low"]),
    max_size=4,
)


async def names(store: DatabaseStore, config, **query) -> list[str]:
    """Names of the first page, by name."""
    page = await store.search(config, ListQuery(sort="name", descending=False, **query))
    assert page.total == len(page.rows)
    return [row.name for row in page.rows]


async def an_account(store: DatabaseStore, name: str, **data) -> str:
    companies = await store.listed(ENTITIES["company"])
    company = (
        companies[0].id if companies else (await keep_family(store, "company"))["company"]["id"]
    )
    document = entity_document(ACCOUNT, name, {"company": company}, **data)
    return (await store.create(ACCOUNT, document))["id"]


async def test_a_row_says_what_a_list_shows(store):
    family = await keep_family(store, "campaign")
    kept = family["campaign"]
    basis = basis_of({"account": family["account"]["data"]})
    await store.patch(
        CAMPAIGN,
        kept["id"],
        [
            Change(path=("data", "confidence"), value={"insights": "high"}),
            Change(path=("data", "description"), value="d" * 500),
            Change(path=("data", "basis"), value=basis),
            Change(path=("status",), value="saved"),
        ],
    )
    kept = await store.get(CAMPAIGN, kept["id"])
    expected = ListRow(
        id=kept["id"],
        entity="campaign",
        name="The campaign",
        description="d" * 200,
        parents=kept["parents"],
        kind="email",
        status="saved",
        confidence="high",
        created_at=kept["created_at"],
        updated_at=kept["updated_at"],
        key=kept["updated_at"],
    )
    assert await store.search(CAMPAIGN, ListQuery()) == ListPage((expected,), 1)
    page = await store.search(CAMPAIGN, ListQuery(), with_basis=True)
    assert page.rows[0].basis == basis


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dispatch", True),
        ("DISPA", True),
        ("wholesalers dispatch", True),
        ("patch", False),  # beginnings of words only
        ("dispatch nowhere", False),
        ("cafe", True),
        ("CAFÉ", True),
        ("hauptstrasse", True),
        ("HAUPTSTRASSE", True),
        ("ключ", True),
        ("οδος", True),
        ("cost-effective", True),
        ("effective", True),
        ("50,000", True),
        ("example.com", True),
        ("quoted", False),  # evidence, provenance and what a document rests on are not searched
        ("written", False),
        ("digest", False),
        ("proposed", False),
        ("strengths", False),  # nor are names of fields
        ("medium", False),
    ],
)
async def test_words_are_found_by_their_beginning_without_case_and_accents(store, text, found):
    await an_account(
        store,
        "Dispatch teams at wholesalers",
        profile_insights=["A Café in the Hauptstraße", "Ключевой", "ΟΔΟΣ", "Cost-Effective"],
        challenges=["More than 50,000 deliveries, see www.example.com/x"],
        strengths=[],
        evidence=[{"field": "challenges", "text": "quoted", "quote": "quoted", "verified": True}],
        provenance={"note": "written"},
        confidence={"challenges": "medium"},
        basis={"company": {"x": "digest"}},
        proposals={"challenges": {"value": ["proposed"]}},
    )
    assert bool(await names(store, ACCOUNT, text=text)) is found


@pytest.mark.parametrize(
    "text",
    [
        "'",
        "%",
        "q:*",
        "!",
        "\x00",
        "\ud800",
        "x" * 5_000,
        "()&|!<->:*'\\",
        "' OR 1=1 --",
        "\\",
        "a" * 200,
    ],
)
async def test_hostile_searches_are_only_searches(store, text):
    await an_account(store, "Bakers")
    page = await store.search(ACCOUNT, ListQuery(text=text))
    # Without a single letter there is nothing to look for; otherwise nothing is found.
    assert page.total == (0 if any(each.isalnum() and each.isascii() for each in text) else 1)


async def test_only_punctuation_and_one_word_is_the_word(store):
    await an_account(store, "Bakers")
    await an_account(store, "Butchers")
    assert await names(store, ACCOUNT, text="%% (bak) :* '") == ["Bakers"]


async def test_a_change_is_found_and_what_it_replaced_is_not(store):
    key = await an_account(store, "Bakers", confidence={"strengths": "high"})
    changes = [
        Change(path=("name",), value="Millers"),
        Change(path=("data", "name"), value="Millers"),
        Change(path=("data", "description"), value="They grind."),
        Change(path=("data", "challenges"), value=["Flour dust"]),
        Change(path=("data", "confidence", "challenges"), value="low"),
    ]
    await store.patch(ACCOUNT, key, changes)
    assert await names(store, ACCOUNT, text="miller flour", confidence="low") == ["Millers"]
    assert await names(store, ACCOUNT, text="bakers") == []
    assert await names(store, ACCOUNT, confidence="high") == []


async def test_a_long_word_and_a_long_text_are_found(store):
    text = " ".join(f"word{number}" for number in range(3_000))
    await an_account(store, "x" * 200, challenges=[text[:2_000], "z" * 2_000, text[-2_000:]])
    assert len(await names(store, ACCOUNT, text="word2999 word1")) == 1
    assert len(await names(store, ACCOUNT, text="z" * 150)) == 1


async def test_other_users_are_neither_found_nor_a_filter(engine, store):
    theirs = await keep_family(await somebodys_store(engine), "campaign")
    for config in ENTITIES.values():
        assert await store.search(config, ListQuery(text="the")) == ListPage()
    await keep_family(store, "campaign")
    for entity in ("company", "account", "persona"):
        assert await names(store, CAMPAIGN, parents={entity: theirs[entity]["id"]}) == []


async def test_any_document_above_is_a_filter(store):
    families = [await keep_family(store, "campaign") for _ in range(2)]
    for family in families:
        for entity in ("company", "account", "persona"):
            query = ListQuery(parents={entity: family[entity]["id"]})
            page = await store.search(CAMPAIGN, query)
            assert [row.id for row in page.rows] == [family["campaign"]["id"]]
    mixed = {"company": families[0]["company"]["id"], "persona": families[1]["persona"]["id"]}
    assert await names(store, CAMPAIGN, parents=mixed) == []
    for wrong in ({"company": "nonsense"}, {"campaign": families[0]["campaign"]["id"]}, {"x": "y"}):
        assert await names(store, CAMPAIGN, parents=wrong) == []


async def test_a_page_beyond_the_end_still_says_how_many_there_are(store):
    await an_account(store, "Bakers")
    assert await store.search(ACCOUNT, ListQuery(offset=25)) == ListPage((), 1)


async def test_names_are_sorted_as_a_person_would(store):
    for name in ("zebra", "Über", "apple", "Banana", "uhu"):
        await an_account(store, name)
    assert await names(store, ACCOUNT) == ["apple", "Banana", "Über", "uhu", "zebra"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(levels=LEVELS, extra=st.sampled_from([{}, {"x": "none"}]))
async def test_the_database_has_the_same_overall_confidence(engine, levels, extra):
    data = cast(literal({"confidence": {**levels, **extra}}, JSONB), JSONB)
    async with engine.connect() as connection:
        found = await connection.scalar(select(func.overall_confidence(data)))
    assert found == overall_confidence(levels)


@pytest.mark.parametrize("data", ["null", "[]", "1", '{"confidence": []}', '{"confidence": null}'])
async def test_damaged_data_has_no_confidence_and_no_words(engine, data):
    async with engine.connect() as connection:
        row = (
            await connection.exec_driver_sql(
                "SELECT overall_confidence(%s::jsonb), words_of_document('One', %s::jsonb)::text",
                (data, data),
            )
        ).one()
    assert row == ("", "'one'")


TREE = st.lists(
    st.tuples(
        st.sampled_from(["a", "B", "b", "Zz", "same"]),
        LEVELS,
        st.sampled_from(["draft", "saved"]),
        st.sampled_from(["email", "linkedin", "ad"]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=6,
)
QUERIES = st.builds(
    dict,
    kind=st.sampled_from(["", "", "email", "ad", "other"]),
    status=st.sampled_from(["", "", "draft", "saved"]),
    confidence=st.sampled_from(["", "", "high", "medium", "low"]),
    sort=st.sampled_from(["updated", "created", "name"]),
    descending=st.booleans(),
    offset=st.integers(0, 3),
    limit=st.integers(0, 4),
    above=st.sampled_from([(), ("company",), ("account",), ("persona",), ("company", "persona")]),
    which=st.integers(0, 2),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREE, queries=st.lists(QUERIES, min_size=4, max_size=8))
async def test_the_database_lists_as_the_rules_say(engine, tree, queries):
    store = await somebodys_store(engine)
    families = [await keep_family(store, "persona") for _ in range(3)]
    for name, levels, status, kind, which in tree:
        parents = {entity: families[which][entity]["id"] for entity in ("account", "persona")}
        document = entity_document(CAMPAIGN, name, parents, kind, confidence=levels)
        await store.create(CAMPAIGN, {**document, "status": status, "created_at": ""})
    known = await all_rows(store)
    for given_query in queries:
        wanted = dict(given_query)
        family = families[wanted.pop("which")]
        parents = {entity: family[entity]["id"] for entity in wanted.pop("above")}
        for config in (CAMPAIGN, ENTITIES["persona"], ACCOUNT, ENTITIES["company"]):
            query = ListQuery(**wanted, parents=parents)
            assert await store.search(config, query) == select_rows(config, known, query)


async def all_rows(store: DatabaseStore) -> list[ListRow]:
    """Every row of the user, made of the documents themselves."""
    rows = []
    for config in ENTITIES.values():
        for entry in await store.listed(config):
            document = await store.get(config, entry.id)
            rows.append(
                ListRow(
                    id=document["id"],
                    entity=config.entity,
                    name=document["name"],
                    description=document["data"]["description"],
                    parents=document["parents"],
                    kind=config.kind_of(document["data"]),
                    status=document["status"],
                    confidence=overall_confidence(document["data"]["confidence"]),
                    created_at=document["created_at"],
                    updated_at=document["updated_at"],
                )
            )
    return rows
