"""The persona's cards of statements: who they are, what hurts, what drives them, how they talk."""

from __future__ import annotations

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import WITHOUT, add_notes, fill, source, texts
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import CURRENT_STATE, IMPACT, PROBLEM
from blossomer.services.basic_analysis.departments import seniority_of
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.basic_analysis.persona_view import PersonaView
from blossomer.services.basic_analysis.text import capitalised, end_with_stop, joined
from blossomer.services.basic_analysis.topics import challenge_label

INSIGHTS, PAINS, MOTIVATIONS = "persona_insights", "pain_points", "motivations"
STYLE = "communication_style"
_TYPICAL = "typical of the department or rank; not said by the site."


def write_insights(answer: Answer, view: PersonaView) -> None:
    """What they answer for and how they are measured."""
    background, department = view.background, view.department
    add_notes(answer, INSIGHTS, background, "What the site tells them")
    if view.team and not view.team.speaker:
        item = f"What the site tells them: {end_with_stop(view.team.why)}"
        answer.quoted(INSIGHTS, item, [(view.team.why, view.team.url)])
    speaker = view.speaker
    if speaker and not answer.is_full(INSIGHTS):
        item = f"One of them speaks on the site: {speaker.credit}"
        answer.proven(INSIGHTS, end_with_stop(item), [(speaker.quote, speaker.url)])
    if department:
        fill(
            answer,
            INSIGHTS,
            [
                ("Answers for", joined(list(department.duties[:3]))),
                ("Measured by", department.measure),
                ("Place in the company", _place(view)),
            ],
            _TYPICAL,
        )
    fill(
        answer,
        INSIGHTS,
        [
            ("Place in the company", _place(view)),
            ("Answers for", "The daily work that the product changes"),
            ("Measured by", "Results that others in the company can see"),
        ],
        _TYPICAL,
    )
    if not any(item.startswith("Measured by:") for item in answer.fields[INSIGHTS]):
        answer.gap(f"By which numbers is {view.role} measured?")


def _place(view: PersonaView) -> str:
    level = seniority_of(view.title)
    return {
        "Founder/CEO": "Decides alone or with one partner, and has little time for details",
        "C-Suite": "Decides on budgets and leaves the trial to others",
        "VP": "Has a budget and answers to the board for results",
        "Director": "Leads the team, proposes the purchase and often signs it",
        "Senior Manager": "Leads managers, prepares the decision and carries it out",
        "Manager": "Runs the daily work, feels the problem first and prepares the decision",
    }.get(level, "Does the work every day and can say what goes wrong")


def write_pains(answer: Answer, view: PersonaView) -> None:
    """What costs them time, money or sleep: customers' own words first, then the site's."""
    if answer.facts.is_english:
        for roles in (("testimonial",), ("text", "testimonial")):
            for statement in best(
                answer,
                (*PROBLEM, *CURRENT_STATE),
                at_least=2,
                own=-0.7,
                focus=view.focus,
                roles=roles,
            ):
                taken = answer.fields.get(PAINS, [])
                if len(taken) >= (2 if roles == ("testimonial",) else 4):
                    break
                if not view.background.is_of_buyers(statement):
                    continue
                label = challenge_label(statement.text, taken)
                answer.quoted(
                    PAINS, f"{label}: {shown(statement, answer.facts)}", source(statement)
                )
    for item in texts(view.account, "challenges"):
        if len(answer.fields.get(PAINS, ())) >= 4:
            break
        label, colon, said = item.partition(": ")
        cited = view.background.cite(said)
        if not colon or answer.is_used(cited.text):
            continue
        if cited.url:
            answer.quoted(PAINS, item, [(cited.text, cited.url)])
        else:
            answer.own(PAINS, item, said, f"{label}: a challenge of the account above.")
    defaults = [
        (f"Without {in_sentence(feature.title)}", WITHOUT[place % len(WITHOUT)])
        for place, feature in enumerate([f for f in view.features if f.is_named][:3])
    ]
    defaults += [
        ("Own time", "Hours go into work that shows only when it goes wrong"),
        ("No overview", "Answers have to be collected from several people and lists"),
        ("Blame", "When something goes wrong, it is their phone that rings"),
    ]
    fill(answer, PAINS, defaults, "turned round from what the product does; not said by the site.")


def write_motivations(answer: Answer, view: PersonaView) -> None:
    """What they want to reach: results that the site and its customers name."""
    if answer.facts.is_english:
        for statement in best(answer, IMPACT, at_least=2, focus=view.focus):
            taken = answer.fields.get(MOTIVATIONS, [])
            if len(taken) >= 3:
                break
            label = ("Result", "Less of it", "Gain")[len(taken)]
            answer.quoted(
                MOTIVATIONS, f"{label}: {shown(statement, answer.facts)}", source(statement)
            )
    measure = view.department.measure if view.department else "the numbers they answer for"
    defaults = [
        ("Better numbers", f"Wants to improve {measure}"),
        ("A quieter day", f"Wants {view.team_name} to do the work they were hired for"),
        ("Standing", "Wants to bring a result to the table that others can check"),
    ]
    fill(answer, MOTIVATIONS, defaults, _TYPICAL)


def write_style(answer: Answer, view: PersonaView) -> None:
    """Where they read, what they answer to, which words they use."""
    department = view.department
    speaker = view.speaker
    if speaker and speaker.said:
        said = speaker.said.strip('“”"')
        if len(said) <= 260:
            item = f"Their own words: “{said}”"
            if answer.facts.stands(said, speaker.url):
                answer.proven(STYLE, item, [(said, speaker.url)])
                answer.assume("Their own words: what one of them says on the site shows the tone.")
    words = [in_sentence(f.title) for f in view.features if f.is_named][:3]
    level = seniority_of(view.title)
    short = level in {"Founder/CEO", "C-Suite", "VP"}
    defaults = [
        ("Reads and talks", f"Finds new things through {department.reads}" if department
         else "Finds new things through peers and LinkedIn"),
        ("First question", f"Asks {department.asks}" if department
         else "Asks what changes in the daily work"),
        ("Length", "Reads three sentences on a phone; numbers first" if short
         else "Reads a short text to the end when it names their work"),
    ]  # fmt: skip
    if words:
        defaults.insert(2, ("Words to use", f"Speak of {joined(words)}, as the site does"))
    fill(answer, STYLE, defaults, _TYPICAL)
    if len(answer.fields[STYLE]) < 4:
        label, text = defaults[2]
        if not any(item.startswith(f"{label}:") for item in answer.fields[STYLE]):
            answer.inferred(STYLE, f"{label}: {capitalised(text)}.", f"{label}: {_TYPICAL}")
