"""The target persona: a person in a target account who buys, uses, or stands in the way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from blossomer.entities.base import GeneratedEntity, ItemText
from blossomer.entities.config import (
    Card,
    EmptyState,
    EntityConfig,
    FormField,
    GenerationForm,
    Parent,
    Stage,
    Suggestions,
)
from blossomer.entities.exchange import Column, Exchange, ToolTable
from blossomer.entities.forms import INHERITED
from blossomer.entities.signals import BuyingSignal, signals_card

Items = Annotated[list[ItemText], Field(min_length=1, max_length=12)]
Values = Annotated[list[str], Field(max_length=20)]

Seniority = Literal[
    "Entry", "Manager", "Senior Manager", "Director", "VP", "C-Suite", "Founder/CEO"
]
BuyingRole = Literal[
    "Technical Buyer",
    "Economic Buyer",
    "Decision Maker",
    "Champion",
    "End User",
    "Blocker",
    "Executive Sponsor",
    "Legal and Compliance",
    "Budget Holder",
]


class Demographics(BaseModel):
    """By what such people are found."""

    job_titles: Values = Field(title="Job titles", description="2 to 4 titles as people bear them")
    departments: Values = Field(title="Departments")
    seniority: Annotated[list[Seniority], Field(max_length=7)] = Field(title="Seniority")
    buying_roles: Annotated[list[BuyingRole], Field(max_length=9)] = Field(title="Buying roles")
    job_description_keywords: Values = Field(
        title="Words of their job description", description="3 to 5, what they do every day"
    )


class UseCase(BaseModel):
    """A chain: work, what hurts there, what the product does about it, and what comes of it."""

    use_case: str = Field(min_length=1, max_length=150, title="Use case")
    pain_point: str = Field(max_length=500, title="Pain point")
    capability: str = Field(max_length=500, title="Capability")
    desired_outcome: str = Field(
        max_length=500, title="Desired outcome", description="What can be measured afterwards"
    )


class TargetPersona(GeneratedEntity):
    """A person, never a company."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=2_000)
    persona_insights: Items
    pain_points: Items
    motivations: Items
    communication_style: Items
    decision_factors: Items
    demographics: Demographics
    use_cases: Annotated[list[UseCase], Field(min_length=1, max_length=12)]
    buying_signals: Annotated[list[BuyingSignal], Field(min_length=1, max_length=12)]
    objections: Items
    purchase_journey: Items


APOLLO_SENIORITY = (
    ("Entry", "entry"),
    ("Manager", "manager"),
    ("Senior Manager", "manager"),
    ("Director", "director"),
    ("VP", "vp"),
    ("C-Suite", "c_suite"),
    ("Founder/CEO", "founder"),
)
"""Levels of ``person_seniorities`` in Apollo's People Search (docs.apollo.io)."""

EXCHANGE = Exchange(
    tables=(
        ToolTable(
            "apollo",
            (
                Column("Search name", ("name",)),
                Column("Job Titles", ("demographics", "job_titles")),
                Column("Departments", ("demographics", "departments")),
                Column("Seniority", ("demographics", "seniority"), words=APOLLO_SENIORITY),
                Column("Keywords", ("demographics", "job_description_keywords")),
                Column("Buying roles", ("demographics", "buying_roles")),
            ),
        ),
        ToolTable(
            "hubspot",
            # HubSpot imports people only with an e-mail address; these are filters of a list.
            (
                Column("List name", ("name",)),
                Column("Job title", ("demographics", "job_titles")),
                Column("Department", ("demographics", "departments")),
                Column("Seniority", ("demographics", "seniority")),
                Column("Buying role", ("demographics", "buying_roles")),
            ),
        ),
    )
)

CONFIG = EntityConfig(
    entity="persona",
    label="Persona",
    label_plural="Personas",
    path="personas",
    route="personas",
    icon="user-round-search",
    schema=TargetPersona,
    name_field="name",
    table="target_personas",
    data_column="persona_data",
    parents=(Parent("account", column="target_account_id"),),
    is_nested=True,
    prompt="persona",
    cards=(
        Card(
            key="persona_insights",
            label="Who they are",
            subtitle="What they answer for and how they are measured.",
            icon="id-card",
            empty="What do they answer for?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="pain_points",
            label="Pain points",
            subtitle="What costs them time, money or sleep.",
            icon="cloud-lightning",
            empty="What costs them time, money or sleep?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="motivations",
            label="Motivations",
            subtitle="What they want to reach, for the company and for themselves.",
            icon="flame",
            empty="What do they want to reach?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="communication_style",
            label="Communication style",
            subtitle="Where they read, what they answer to, which words they use.",
            icon="message-circle",
            empty="How do they like to be spoken to?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="decision_factors",
            label="Decision factors",
            subtitle="What must be true before they say yes.",
            icon="scale",
            empty="What must be true before they say yes?",
            min_items=3,
            max_items=6,
        ),
        Card(
            key="objections",
            label="Objections",
            subtitle="What this person would hold against it.",
            icon="shield-question",
            empty="What would this person hold against it?",
            min_items=3,
            max_items=3,
        ),
        Card(
            key="purchase_journey",
            label="Purchase journey",
            subtitle="From the first doubt to the signature, in order.",
            icon="route",
            empty="Which steps lead to the signature?",
            min_items=3,
            max_items=6,
        ),
        Card(
            key="demographics",
            label="Demographics",
            subtitle="By what such people are found.",
            icon="filter",
            empty="By which titles and roles are they found?",
            shape="record",
            record=Demographics,
        ),
        Card(
            key="use_cases",
            label="Use cases",
            subtitle="Work, what hurts there, what helps, and what comes of it.",
            icon="workflow",
            empty="For what would this person use it?",
            min_items=3,
            max_items=4,
            shape="records",
            record=UseCase,
        ),
        signals_card("What shows from outside that this person is looking for a solution."),
    ),
    stages=(
        Stage("read", "Reading the website"),
        Stage("assess", "Weighing what is known"),
        Stage("write", "Writing the persona"),
        Stage("verify", "Checking every quote"),
    ),
    form=GenerationForm(
        title="Describe a persona",
        subtitle="A person in a target account. Leave the name empty to have one found.",
        button="Write persona",
        fields=(
            *INHERITED,
            FormField(
                name="name",
                label="Name",
                kind="text",
                placeholder="Head of dispatch",
                help="Your words are kept as they are.",
                max_length=200,
            ),
            FormField(
                name="hypothesis",
                label="Why this person?",
                kind="textarea",
                placeholder="They are called when a delivery is late.",
            ),
            FormField(
                name="additional_context",
                label="What else should we know?",
                kind="textarea",
                collapsed_under="Add context",
                max_length=4_000,
            ),
        ),
    ),
    empty=EmptyState(
        title="No personas yet",
        subtitle="Say who in a target account decides, or have some suggested for an account.",
        icon="user-round-search",
    ),
    suggestions=Suggestions(fewest=2, most=4, button="Suggest personas"),
    exchange=EXCHANGE,
)
