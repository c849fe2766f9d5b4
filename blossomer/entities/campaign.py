"""The campaign: outreach to one persona of one target account, on one channel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blossomer.entities.base import GeneratedEntity, ItemText
from blossomer.entities.campaign_content import (
    LINKEDIN_MESSAGE,
    AdContent,
    AdTargeting,
    AdVariant,
    CallLines,
    CallScript,
    EmailContent,
    EmailSubjects,
    EmailVariant,
    FollowUp,
    LinkedInContent,
    LinkedInNotes,
    ObjectionResponse,
    Segment,
)
from blossomer.entities.config import (
    Card,
    Choice,
    EmptyState,
    EntityConfig,
    FormField,
    FormStep,
    GenerationForm,
    Kind,
    MailRole,
    Option,
    Parent,
    Stage,
)
from blossomer.entities.exchange import Exchange, MessageSequence
from blossomer.entities.forms import INHERITED

CampaignType = Literal["email", "linkedin", "cold_call", "ad"]
Items = Annotated[list[ItemText], Field(min_length=1, max_length=12)]

PERSONAL = ("email", "linkedin", "cold_call")
"""Types that speak to one person."""


class Campaign(GeneratedEntity):
    """A campaign has the content of its type, and of no other."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(min_length=1, max_length=2_000)
    campaign_type: CampaignType = "email"
    email_content: EmailContent | None = None
    linkedin_content: LinkedInContent | None = None
    call_script: CallScript | None = None
    ad_content: AdContent | None = None
    insights: Items
    messaging_strategy: Items
    channel_strategy: Items
    content_variations: Items
    optimization_tips: Items


EMAIL_CARDS = (
    Card(
        key="subjects",
        label="Subject",
        subtitle="The one that is used, and others to choose from.",
        icon="heading",
        empty="What should the subject say?",
        shape="record",
        record=EmailSubjects,
        path=("email_content",),
        kind="email",
        choice=Choice("subject", "alternative_subjects"),
    ),
    Card(
        key="email",
        label="E-mail",
        subtitle="The body in its parts. A blank line stands between them.",
        icon="mail",
        empty="What should the e-mail say?",
        min_items=4,
        max_items=8,
        shape="segments",
        record=Segment,
        path=("email_content", "segments"),
        kind="email",
        mail=MailRole("first", "First e-mail", subject_card="subjects"),
    ),
    Card(
        key="follow_ups",
        label="Follow-ups",
        subtitle="What is sent when no answer came, each from a new angle.",
        icon="reply-all",
        empty="What is sent when no answer came?",
        min_items=1,
        max_items=3,
        shape="records",
        record=FollowUp,
        path=("email_content", "follow_ups"),
        kind="email",
        mail=MailRole("follow_up", "Follow-up", wait_days="wait_days"),
    ),
    Card(
        key="variant",
        label="Variant",
        subtitle="A second e-mail on another use case, to test the first one against.",
        icon="split",
        empty="Which other use case could be tried?",
        shape="record",
        record=EmailVariant,
        path=("email_content", "variant"),
        kind="email",
        mail=MailRole("variant", "Variant"),
    ),
)

LINKEDIN_CARDS = (
    Card(
        key="linkedin_notes",
        label="First words",
        subtitle="The note with the request to connect, and what to say below their posts.",
        icon="user-round-plus",
        empty="What does the note say?",
        shape="record",
        record=LinkedInNotes,
        path=("linkedin_content",),
        kind="linkedin",
    ),
    Card(
        key="linkedin_messages",
        label="Messages",
        subtitle="After the request was accepted, in order.",
        icon="messages-square",
        empty="What do the messages say?",
        min_items=2,
        max_items=3,
        path=("linkedin_content", "messages"),
        kind="linkedin",
        limit=LINKEDIN_MESSAGE,
    ),
)

CALL_CARDS = (
    Card(
        key="call_lines",
        label="The call",
        subtitle="What is said, in order.",
        icon="phone",
        empty="What is said first?",
        shape="record",
        record=CallLines,
        path=("call_script",),
        kind="cold_call",
    ),
    Card(
        key="discovery_questions",
        label="Questions",
        subtitle="What to find out once they speak.",
        icon="circle-help",
        empty="What should be found out?",
        min_items=3,
        max_items=5,
        path=("call_script", "discovery_questions"),
        kind="cold_call",
    ),
    Card(
        key="objection_responses",
        label="Objections and answers",
        subtitle="What they may say, and what to answer.",
        icon="shield-question",
        empty="What may they say against it?",
        min_items=3,
        max_items=5,
        shape="records",
        record=ObjectionResponse,
        path=("call_script", "objection_responses"),
        kind="cold_call",
    ),
)

AD_CARDS = (
    Card(
        key="ad_variants",
        label="Advertisements",
        subtitle="Several that run against each other.",
        icon="megaphone",
        empty="What does the advertisement say?",
        min_items=3,
        max_items=3,
        shape="records",
        record=AdVariant,
        path=("ad_content", "variants"),
        kind="ad",
    ),
    Card(
        key="ad_targeting",
        label="Targeting",
        subtitle="To whom they are shown.",
        icon="crosshair",
        empty="To whom are they shown?",
        shape="record",
        record=AdTargeting,
        path=("ad_content",),
        kind="ad",
    ),
)

EXCHANGE = Exchange(
    sequence=MessageSequence(
        kind="email",
        subject=("email_content", "subject"),
        segments=("email_content", "segments"),
        variant=("email_content", "variant"),
        follow_ups=("email_content", "follow_ups"),
    )
)

CONFIG = EntityConfig(
    entity="campaign",
    label="Campaign",
    label_plural="Campaigns",
    path="campaigns",
    route="campaigns",
    icon="send",
    schema=Campaign,
    name_field="name",
    table="campaigns",
    data_column="campaign_data",
    columns=(("campaign_type", "campaign_type"),),
    parents=(
        Parent("account", column="target_account_id"),
        Parent("persona", column="target_persona_id", within="account"),
    ),
    prompt="campaign",
    kind_field="campaign_type",
    kinds=(
        Kind("email", "E-mail", "mail", content="email_content"),
        Kind("linkedin", "LinkedIn", "messages-square", content="linkedin_content"),
        Kind("cold_call", "Call script", "phone", content="call_script"),
        Kind("ad", "Advertisement", "megaphone", content="ad_content"),
    ),
    cards=(
        *EMAIL_CARDS,
        *LINKEDIN_CARDS,
        *CALL_CARDS,
        *AD_CARDS,
        Card(
            key="insights",
            label="Insights",
            subtitle="What this outreach rests on.",
            icon="lightbulb",
            empty="What does this outreach rest on?",
            min_items=2,
            max_items=4,
        ),
        Card(
            key="messaging_strategy",
            label="Messaging strategy",
            subtitle="What is said first, what later, and what never.",
            icon="message-square-quote",
            empty="What is said first, and what later?",
            min_items=3,
            max_items=5,
        ),
        Card(
            key="channel_strategy",
            label="Channel strategy",
            subtitle="When and where, and what goes beside it.",
            icon="waypoints",
            empty="When and where is it sent?",
            min_items=2,
            max_items=4,
        ),
        Card(
            key="content_variations",
            label="Variations",
            subtitle="What to try next, one change at a time.",
            icon="shuffle",
            empty="What could be tried next?",
            min_items=2,
            max_items=4,
        ),
        Card(
            key="optimization_tips",
            label="Getting better",
            subtitle="What to measure, and what to change then.",
            icon="trending-up",
            empty="What should be measured?",
            min_items=3,
            max_items=5,
        ),
    ),
    stages=(
        Stage("read", "Reading the website"),
        Stage("assess", "Weighing what is known"),
        Stage("write", "Writing the campaign"),
        Stage("verify", "Checking every quote"),
    ),
    form=GenerationForm(
        title="Prepare a campaign",
        subtitle="Choose whom to write to, what about, and how. Every choice can be changed later.",
        button="Write campaign",
        steps=(
            FormStep("whom", "To whom"),
            FormStep("what", "What about"),
            FormStep("how", "How"),
        ),
        fields=(
            *INHERITED,
            FormField(
                name="campaign_type",
                label="Channel",
                kind="choice",
                required=True,
                step="whom",
                options=(
                    Option("email", "E-mail", "A first e-mail, a variant, follow-ups"),
                    Option("linkedin", "LinkedIn", "A request to connect, messages"),
                    Option("cold_call", "Call script", "Opener, questions, answers, voicemail"),
                    Option("ad", "Advertisement", "Three that run against each other"),
                ),
            ),
            FormField(
                name="use_case",
                label="Use case",
                kind="item",
                sources=(("persona", "use_cases"),),
                help="The work it is about.",
                step="what",
                max_length=4_000,
            ),
            FormField(
                name="emphasis",
                label="Emphasis",
                kind="choice",
                required=True,
                step="what",
                options=(
                    Option("capability", "Capability", "What the product does about it"),
                    Option("pain point", "Pain point", "What it costs to leave it as it is"),
                    Option("desired outcome", "Desired outcome", "What can be measured afterwards"),
                ),
            ),
            FormField(
                name="opening",
                label="Opening",
                kind="choice",
                required=True,
                step="how",
                when=("campaign_type", PERSONAL),
                options=(
                    Option("buying signal", "Buying signal", "Something that shows why now"),
                    Option("company research", "Company research", "A fact from their website"),
                    Option("none", "Not personalised", "An honest, general reason"),
                ),
            ),
            FormField(
                name="buying_signal",
                label="Which signal?",
                kind="item",
                sources=(("persona", "buying_signals"), ("account", "buying_signals")),
                step="how",
                when=("opening", ("buying signal",)),
                max_length=4_000,
            ),
            FormField(
                name="call_to_action",
                label="Call to action",
                kind="choice",
                required=True,
                step="how",
                options=(
                    Option("interest", "Interest", "Is this worth a thought?"),
                    Option("priority check", "Priority check", "Does this matter this quarter?"),
                    Option("feedback", "Feedback", "What do they think of it?"),
                    Option("free resource", "Free resource", "Something useful without a call"),
                    Option("meeting", "Meeting", "A short call"),
                    Option("link", "Link", "A page to look at"),
                    Option("own words", "Own words", "As you say"),
                ),
            ),
            FormField(
                name="call_to_action_details",
                label="Your call to action",
                kind="text",
                placeholder="The address, what is free, or the sentence itself",
                step="how",
                when=("call_to_action", ("free resource", "link", "own words")),
                max_length=500,
            ),
            FormField(
                name="social_proof",
                label="Social proof",
                kind="textarea",
                placeholder="A customer you may name, a figure you can prove",
                help="Only what stands here or on the website is ever claimed.",
                step="how",
            ),
            FormField(
                name="instructions",
                label="Own instructions",
                kind="textarea",
                placeholder="We say “dispatch desk”, never “control tower”.",
                step="how",
                max_length=4_000,
            ),
        ),
    ),
    empty=EmptyState(
        title="No campaigns yet",
        subtitle="Choose a persona and a channel, and watch the outreach being written.",
        icon="send",
    ),
    exchange=EXCHANGE,
)
