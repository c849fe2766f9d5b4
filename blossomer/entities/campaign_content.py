"""What a campaign says, by its type: e-mail, LinkedIn, cold call, advertisement.

Models only. The lengths are those of the channels; how a text is judged is in
``services/email_lint/``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from blossomer.entities.attributes import Limit
from blossomer.entities.base import ItemText
from blossomer.entities.segments import SegmentKind

CONNECTION_NOTE = Limit(characters=300, source="LinkedIn: note with a request to connect")
LINKEDIN_MESSAGE = Limit(characters=1_900, source="LinkedIn: body of an InMail")
AD_HEADLINE = Limit(characters=40, source="Meta: headline shown in full")
AD_TEXT = Limit(characters=150, source="LinkedIn: text shown before “see more”")
FOLLOW_UP = Limit(words=60, source="House rule: a follow-up is shorter than the first e-mail")
VOICEMAIL = Limit(words=60, source="House rule: about 25 seconds of speech")
OPENER = Limit(words=65, source="House rule: about 25 seconds of speech")

LongText = Annotated[str, Field(min_length=1, max_length=4_000)]


class Segment(BaseModel):
    """One part of an e-mail. The body is the segments joined by blank lines."""

    id: str = Field(default="", max_length=40)
    type: SegmentKind = Field(default="custom", title="Part")
    text: str = Field(max_length=4_000, title="Text")


class EmailSubjects(BaseModel):
    """The subject line, and two others to choose from."""

    subject: str = Field(min_length=1, max_length=150, title="Subject")
    alternative_subjects: Annotated[
        list[Annotated[str, Field(max_length=150)]], Field(max_length=5)
    ] = Field(title="Other subjects", description="2, each from another angle")


class EmailVariant(BaseModel):
    """A full second e-mail, on another use case, to test the first one against."""

    subject: str = Field(min_length=1, max_length=150, title="Subject")
    body: LongText = Field(title="Body")


class FollowUp(BaseModel):
    """What is sent when no answer came: a new angle, never a reminder."""

    subject: str = Field(default="", max_length=150, title="Subject")
    body: Annotated[str, FOLLOW_UP] = Field(min_length=1, max_length=4_000, title="Body")
    wait_days: int = Field(
        default=4, ge=1, le=30, title="Days after the one before", description="3 to 7"
    )


class EmailContent(EmailSubjects):
    """An e-mail with what follows it."""

    segments: Annotated[list[Segment], Field(min_length=2, max_length=15)]
    variant: EmailVariant
    follow_ups: Annotated[list[FollowUp], Field(min_length=1, max_length=5)]


class LinkedInNotes(BaseModel):
    """The first words on LinkedIn."""

    connection_note: Annotated[str, CONNECTION_NOTE] = Field(
        min_length=1, max_length=1_000, title="Note with the request to connect"
    )
    post_comment_angle: str = Field(
        max_length=1_000, title="Commenting on their posts", description="What to add, and to what"
    )


class LinkedInContent(LinkedInNotes):
    """A request to connect and what follows it."""

    messages: Annotated[list[ItemText], Field(min_length=1, max_length=6)]


class CallLines(BaseModel):
    """What is said, in order."""

    opener: Annotated[str, OPENER] = Field(
        min_length=1, max_length=1_000, title="Opener", description="Who calls, and why now"
    )
    permission_question: str = Field(max_length=500, title="Asking for a moment")
    value_statement: str = Field(max_length=1_000, title="What is in it for them")
    voicemail: Annotated[str, VOICEMAIL] = Field(max_length=1_500, title="Voicemail")
    close: str = Field(max_length=500, title="Close")


class ObjectionResponse(BaseModel):
    """What they may say, and what to answer."""

    objection: str = Field(min_length=1, max_length=300, title="They say")
    response: str = Field(max_length=1_000, title="You answer")


class CallScript(CallLines):
    """A cold call."""

    discovery_questions: Annotated[list[ItemText], Field(min_length=1, max_length=12)]
    objection_responses: Annotated[list[ObjectionResponse], Field(min_length=1, max_length=12)]


class AdVariant(BaseModel):
    """One advertisement of several that run against each other."""

    headline: Annotated[str, AD_HEADLINE] = Field(min_length=1, max_length=300, title="Headline")
    primary_text: Annotated[str, AD_TEXT] = Field(max_length=1_500, title="Text")
    call_to_action: str = Field(max_length=60, title="Button")


class AdTargeting(BaseModel):
    """To whom the advertisements are shown."""

    targeting_notes: str = Field(max_length=2_000, title="Targeting")


class AdContent(AdTargeting):
    """Advertisements that run against each other."""

    variants: Annotated[list[AdVariant], Field(min_length=1, max_length=6)]
