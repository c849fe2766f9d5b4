"""The campaign, written by templates over verified facts and the person's choices.

What each type says is decided in the other ``campaign_`` modules.
"""

from __future__ import annotations

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import Background
from blossomer.services.basic_analysis.campaign_ads import advertisements
from blossomer.services.basic_analysis.campaign_call import write_call_script
from blossomer.services.basic_analysis.campaign_cards import write_cards
from blossomer.services.basic_analysis.campaign_choices import Chain
from blossomer.services.basic_analysis.campaign_email import body_of, email_parts, subjects
from blossomer.services.basic_analysis.campaign_follow_ups import follow_ups
from blossomer.services.basic_analysis.campaign_linkedin import linkedin
from blossomer.services.basic_analysis.campaign_view import CampaignView
from blossomer.services.basic_analysis.campaign_wording import Line
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.text import end_with_stop

_CHANNELS = {"email": "e-mail", "linkedin": "LinkedIn", "cold_call": "call", "ad": "advertisement"}


def write_campaign(material: Material) -> Answer:
    """Write a campaign by rules; the form's values are the wizard's choices."""
    background = Background(material)
    answer = Answer(material.config, background.facts)
    view = CampaignView.of(background)
    choices = view.choices
    answer.fields[material.config.kind_field] = choices.kind

    channel = _CHANNELS[choices.kind]
    topic = choices.chain.use_case[:90]
    name = f"{topic} for {view.person} ({channel})"
    answer.fields["name"] = background.own_name or name[:200]
    account = str(view.account.get("name") or "")[:150]
    place = f", {account}," if account else ""
    description = end_with_stop(
        f"{channel[0].upper()}{channel[1:]} to {view.person}{place} on “{topic}”, with the weight "
        f"on the {choices.emphasis}"
    )
    answer.fields["description"] = description
    answer.assume(
        "The text is put together from sentences of the site, the persona and your choices by "
        "templates, and checked by the linter's rules; no model wrote it."
    )
    if not background.facts.is_english:
        answer.assume(
            "The site is not in English: the text is in plain English without the site's "
            "sentences, and is to be translated."
        )
    _CONTENT[choices.kind](answer, view)
    write_cards(answer, view)
    return answer


def _write_email(answer: Answer, view: CampaignView) -> None:
    chain = view.choices.chain
    parts = email_parts(view, chain)
    segments = [
        {"id": f"part-{place}", "type": kind, "text": line.text}
        for place, (kind, line) in enumerate(parts, start=1)
    ]
    other = view.choices.others[0] if view.choices.others else Chain(chain.use_case, "", "", "")
    variant = email_parts(view, other, "variant")
    first, *alternatives = subjects(view, chain)
    second = next((s for s in subjects(view, other) if s != first), "a short question")
    used = {line.text for _, line in parts}
    later = follow_ups(view, used, [body_of(parts)])
    answer.fields["email_content"] = {
        "subject": first,
        "alternative_subjects": alternatives[:2],
        "segments": segments,
        "variant": {"subject": second, "body": body_of(variant)},
        "follow_ups": [record for record, _ in later],
    }
    texts_ = [(line.text, [line]) for _, line in parts]
    texts_ += [(body_of(variant), [line for _, line in variant])]
    texts_ += [(str(record["body"]), used_lines) for record, used_lines in later]
    _support(answer, view, "email_content", texts_)
    if view.choices.call_to_action == "free resource" and not view.choices.details:
        answer.gap("What is free? The text promises a one-page summary that must exist.")


def _write_linkedin(answer: Answer, view: CampaignView) -> None:
    answer.fields["linkedin_content"], used = linkedin(view)
    _support(answer, view, "linkedin_content", used)


def _write_call(answer: Answer, view: CampaignView) -> None:
    answer.fields["call_script"], used = write_call_script(view)
    _support(answer, view, "call_script", used)


def _write_ad(answer: Answer, view: CampaignView) -> None:
    answer.fields["ad_content"], used = advertisements(view)
    _support(answer, view, "ad_content", used)


def _support(
    answer: Answer, view: CampaignView, field: str, used: list[tuple[str, list[Line]]]
) -> None:
    for text, lines_ in used:
        for line in lines_:
            answer.support(field, text, view.cite(line))


_CONTENT = {
    "email": _write_email,
    "linkedin": _write_linkedin,
    "cold_call": _write_call,
    "ad": _write_ad,
}
