"""The target account: a kind of company that would buy, why, and how to recognise it."""

from __future__ import annotations

from typing import Annotated

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


class Firmographics(BaseModel):
    """Filters by which such companies are found. A prospecting tool takes every value as it is."""

    industry: Values = Field(title="Industry", description="Names that prospecting tools know")
    employees: str = Field(max_length=60, title="Employees", description="A range such as 50-500")
    department_size: str = Field(max_length=100, title="Department size")
    revenue: str = Field(max_length=60, title="Revenue", description="A range such as $10M-$50M")
    geography: Values = Field(title="Geography", description="Countries or regions")
    business_model: Values = Field(title="Business model")
    funding_stage: Values = Field(title="Funding stage", description="Such as Series A")
    company_type: Values = Field(title="Company type", description="Such as Public or PE-backed")
    keywords: Values = Field(
        title="Keywords", description="3 to 5 words such companies use of themselves"
    )


class TargetAccount(GeneratedEntity):
    """A kind of company. It describes the customer, never the analysed company."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=2_000)
    profile_insights: Items
    strengths: Items
    challenges: Items
    opportunities: Items
    approach_strategy: Items
    disqualifiers: Items
    firmographics: Firmographics
    buying_signals: Annotated[list[BuyingSignal], Field(min_length=1, max_length=12)]


EXCHANGE = Exchange(
    tables=(
        ToolTable(
            "hubspot",
            (
                Column("Name", ("name",)),
                Column("Description", ("description",)),
                # HubSpot's own property takes one value, and only one of its list.
                Column("Industry", ("firmographics", "industry"), shape="first"),
                Column("Industries", ("firmographics", "industry")),
                Column("Employees", ("firmographics", "employees")),
                Column("Revenue", ("firmographics", "revenue")),
                Column("Country/Region", ("firmographics", "geography")),
                Column("Business model", ("firmographics", "business_model")),
                Column("Funding stage", ("firmographics", "funding_stage")),
                Column("Company type", ("firmographics", "company_type")),
                Column("Keywords", ("firmographics", "keywords")),
                Column("Disqualifiers", ("disqualifiers",)),
            ),
        ),
        ToolTable(
            "apollo",
            (
                Column("Search name", ("name",)),
                Column("Industry", ("firmographics", "industry")),
                Column("Keywords", ("firmographics", "keywords")),
                Column("# Employees (min)", ("firmographics", "employees"), shape="from"),
                Column("# Employees (max)", ("firmographics", "employees"), shape="to"),
                Column("Account HQ Location", ("firmographics", "geography")),
                Column("Revenue", ("firmographics", "revenue")),
                Column("Funding stage", ("firmographics", "funding_stage")),
                Column("Company type", ("firmographics", "company_type")),
            ),
        ),
    )
)

CONFIG = EntityConfig(
    entity="account",
    label="Target account",
    label_plural="Target accounts",
    path="accounts",
    route="accounts",
    icon="target",
    schema=TargetAccount,
    name_field="name",
    table="target_accounts",
    data_column="account_data",
    parents=(Parent("company", column="company_id"),),
    prompt="account",
    cards=(
        Card(
            key="profile_insights",
            label="Profile",
            subtitle="What such companies have in common.",
            icon="scan-search",
            empty="What do these companies have in common?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="strengths",
            label="Why they fit",
            subtitle="Why the product fits these companies better than others.",
            icon="badge-check",
            empty="Why does the product fit them?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="challenges",
            label="Challenges",
            subtitle="What is hard for them today.",
            icon="mountain",
            empty="What is hard for them today?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="opportunities",
            label="Why now",
            subtitle="Transitions, thresholds and duties that make them move.",
            icon="hourglass",
            empty="What makes them move now?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="approach_strategy",
            label="How to approach them",
            subtitle="Whom to speak to first, about what, and with which proof.",
            icon="signpost",
            empty="How should they be approached?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="disqualifiers",
            label="Disqualifiers",
            subtitle="What rules a company out, however well the rest fits.",
            icon="ban",
            empty="What rules a company out?",
            min_items=2,
            max_items=4,
        ),
        Card(
            key="firmographics",
            label="Firmographics",
            subtitle="Search filters, as a prospecting tool takes them.",
            icon="filter",
            empty="By which filters are such companies found?",
            shape="record",
            record=Firmographics,
        ),
        signals_card("What shows from outside that such a company is ready to buy."),
    ),
    stages=(
        Stage("read", "Reading the website"),
        Stage("assess", "Weighing what is known"),
        Stage("write", "Writing the target account"),
        Stage("verify", "Checking every quote"),
    ),
    form=GenerationForm(
        title="Describe a target account",
        subtitle="A kind of company that should buy. Leave the name empty to have one found.",
        button="Write target account",
        fields=(
            *INHERITED,
            FormField(
                name="name",
                label="Name",
                kind="text",
                placeholder="Dispatch teams at regional food wholesalers",
                help="Your words are kept as they are.",
                max_length=200,
            ),
            FormField(
                name="hypothesis",
                label="Why would they buy?",
                kind="textarea",
                placeholder="They outgrow planning by spreadsheet at about 20 vans.",
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
        title="No target accounts yet",
        subtitle="Say which kind of company should buy, or have some suggested for a company.",
        icon="target",
    ),
    suggestions=Suggestions(fewest=3, most=5, button="Suggest target accounts"),
    exchange=EXCHANGE,
)
