"""The company: who they are, what they sell, to whom, and what a buyer would object."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from blossomer.entities.base import GeneratedEntity, ItemText
from blossomer.entities.config import (
    Card,
    EmptyState,
    EntityConfig,
    FormField,
    GenerationForm,
    Stage,
)
from blossomer.entities.exchange import Column, Exchange, ToolTable
from blossomer.entities.forms import PASTED_TEXT_LENGTH


class Company(GeneratedEntity):
    """A company overview. ``"Key: Value"`` strings are written by the writer and never parsed."""

    company_name: str = Field(min_length=1, max_length=200)
    company_url: str = Field(default="", max_length=2_000)
    description: str = Field(min_length=1, max_length=2_000)
    business_profile_insights: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    capabilities: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    positioning_insights: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    use_case_analysis_insights: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    target_customer_insights: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    objections: Annotated[list[ItemText], Field(min_length=1, max_length=12)]


EXCHANGE = Exchange(
    tables=(
        ToolTable(
            "hubspot",
            (
                Column("Name", ("company_name",)),
                Column("Company domain name", ("company_url",), shape="domain"),
                Column("Website URL", ("company_url",)),
                Column("Description", ("description",)),
            ),
        ),
        ToolTable(
            "apollo",
            (
                Column("Account Name", ("company_name",)),
                Column("Account Website (Domain)", ("company_url",), shape="domain"),
                Column("Description", ("description",)),
            ),
        ),
    )
)

CONFIG = EntityConfig(
    entity="company",
    label="Company",
    label_plural="Companies",
    path="companies",
    route="company",
    icon="building-2",
    schema=Company,
    name_field="company_name",
    url_field="company_url",
    table="companies",
    data_column="analysis_data",
    columns=(("url", "company_url"),),
    prompt="company",
    cards=(
        Card(
            key="business_profile_insights",
            label="Business profile",
            subtitle="What kind of business this is, how it earns, and who buys today.",
            icon="briefcase-business",
            empty="What kind of business is this? Add the category, the model, the customers.",
            min_items=3,
            max_items=3,
        ),
        Card(
            key="capabilities",
            label="Key features and capabilities",
            subtitle="What the product does, the differentiating first.",
            icon="layers",
            empty="What does the product do that others do not?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="positioning_insights",
            label="Positioning",
            subtitle="The belief behind the product, its approach, and the words it uses.",
            icon="compass",
            empty="Why should a buyer choose this over what they do today?",
            min_items=3,
            max_items=3,
        ),
        Card(
            key="use_case_analysis_insights",
            label="Process and impact",
            subtitle="Which work changes, which problems go away, how it is done today.",
            icon="workflow",
            empty="Which process changes for the customer, and how?",
            min_items=3,
            max_items=3,
        ),
        Card(
            key="target_customer_insights",
            label="Target customers",
            subtitle="The companies and the people this is for.",
            icon="users",
            empty="Which companies and which roles is this for?",
            min_items=2,
            max_items=3,
        ),
        Card(
            key="objections",
            label="Potential concerns",
            subtitle="What a careful buyer would ask before saying yes.",
            icon="shield-question",
            empty="What would a sceptical buyer ask?",
            min_items=3,
            max_items=5,
        ),
    ),
    stages=(
        Stage("read", "Reading the website"),
        Stage("assess", "Weighing what it says"),
        Stage("write", "Writing the overview"),
        Stage("verify", "Checking every quote"),
    ),
    form=GenerationForm(
        title="Analyse a company",
        subtitle="Enter a website. Blossomer reads it and writes an overview with its sources.",
        button="Start free",
        fields=(
            FormField(
                name="website_url",
                label="Website",
                kind="url",
                placeholder="acme.com",
                required=True,
            ),
            FormField(
                name="user_inputted_context",
                label="What should we know?",
                kind="textarea",
                placeholder="Who you sell to, what you want to learn, what the site leaves out.",
                help="Your own words count more than the website.",
                collapsed_under="Add context",
                max_length=4_000,
            ),
            FormField(
                name="pasted_text",
                label="Description of the company",
                kind="textarea",
                placeholder="Paste what the company does, for whom, and how it charges.",
                help="Used instead of the website.",
                collapsed_under="Paste a description instead of reading the site",
                max_length=PASTED_TEXT_LENGTH,
            ),
        ),
    ),
    empty=EmptyState(
        title="No company yet",
        subtitle="Enter a website and watch the overview being written.",
        icon="building-2",
    ),
    exchange=EXCHANGE,
)
