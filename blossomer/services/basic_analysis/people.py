"""Who speaks on a site: names, job titles and companies under testimonials. No insight is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from blossomer.services.basic_analysis.text import clean, is_junk
from blossomer.services.website.model import Page

_TITLE_WORDS = (
    r"(?:chief|head|vp|svp|evp|vice\ president|president|director|manager|ceo|cto|cfo|coo|cmo|cio|"
    r"ciso|cpo|cro|founder|co-?founder|owner|co-?owner|lead|leader|engineer|officer|controller|"
    r"analyst|coordinator|specialist|administrator|consultant|developer|designer|architect|"
    r"supervisor|superintendent|executive|principal|strategist|planner|buyer|accountant|"
    r"bookkeeper|recruiter|dispatcher|technician|producer|editor|marketer|realtor|"
    r"attorney|lawyer|dentist|physician|nurse|teacher|professor|landlord|"
    r"gesch[äa]ftsf[üu]hrer(?:in)?|leiter(?:in)?|inhaber(?:in)?|vorstand|directeur|directrice|gerente)"
)
_TITLE = re.compile(rf"\b{_TITLE_WORDS}\b", re.IGNORECASE | re.VERBOSE)
_NAME = re.compile(
    r"(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? )?[^\W\d_a-zß-öø-ÿ][\w'’.-]*"
    r"(?: (?:van|von|de|der|den|da|la|del|al|bin))*"
    r"(?: [^\W\d_a-zß-öø-ÿ][\w'’.-]*){1,3}(?:,? (?:PhD|MD|CPA|Jr\.?|MBA))?"
)
_SPLIT = re.compile(r"\s*(?:,|\||–|—|·|•|/|\s-\s|\s@\s|@\s|\bat\b)\s*")
_PART_OF_TITLE = re.compile(
    rf"{_TITLE_WORDS}|of|the|and|&|senior|junior|global|regional|managing|executive|deputy|group|"
    r"associate|assistant|vice|chief|national|international|digital|general|.*ing|.*ions?|.*al|"
    r"product|human|customer|client|business|software|it|hr|data|project|program|account|"
    r"sales|finance|supply|social|content|brand|growth|revenue|security|information|property",
    re.IGNORECASE,
)
_OF = re.compile(
    r"(?P<title>.*\b(?:CEO|founder|owner|president|principal|CTO|CFO)) of (?P<company>[A-Z].*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“”„\"«»]")
_NOT_A_COMPANY = re.compile(
    r"\b(?:read|learn|more|story|case|study|review|reviews|stars?|rating|verified|customer|"
    r"user|client|watch|video|ago|next|previous|google|trustpilot|g2|capterra)\b|\d{3,}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person behind a testimonial.

    Args:
        name: As printed; may be empty.
        title: Job title, never empty.
        company: Empty when not printed.
        quote: The printed words that say so, copied from the visible text.
        url: The page.
        said: The line before it, when that is what the person said.
    """

    name: str
    title: str
    company: str
    quote: str
    url: str
    said: str = ""

    @property
    def credit(self) -> str:
        """Name, title and company, as far as they are known."""
        return ", ".join(part for part in (self.name, self.title, self.company) if part)


def has_job_title(text: str) -> bool:
    """Whether a text names somebody's job."""
    return bool(_TITLE.search(text))


def speakers(page: Page) -> Iterator[Speaker]:
    """The people who speak on a page, found by their job titles next to what they say."""
    lines = [clean(line) for line in page.visible_text.splitlines()]
    lines = [line for line in lines if line]
    voices = {
        clean(text)
        for section in page.sections
        if section.role == "testimonial"
        for text in (section.heading, *section.paragraphs, *section.items)
    }
    for index, line in enumerate(lines):
        if not (4 <= len(line) <= 90) or not _TITLE.search(line) or is_junk(line):
            continue
        before = lines[max(0, index - 3) : index]
        after = lines[index + 1 : index + 3]
        is_voice = line in voices or any(line in voice for voice in voices if len(voice) < 200)
        said = next((t for t in reversed(before) if len(t.split()) >= 8), "")
        if not said or (not is_voice and not _QUOTED.search(said)):
            continue
        if page.kind == "about" and not _QUOTED.search(said):
            continue  # the company's own staff
        speaker = _parse(
            line, before, after, page.url, said if is_voice or _QUOTED.search(said) else ""
        )
        if speaker:
            yield speaker


def _parse(line: str, before: list[str], after: list[str], url: str, said: str) -> Speaker | None:
    parts = [part for part in _SPLIT.split(line.strip(" -–—,~")) if part]
    place = next((i for i, part in enumerate(parts) if _TITLE.search(part)), None)
    if place is None or len(parts[place].split()) > 7 or line.endswith((".", "!", "?")):
        return None
    title = parts[place]
    if named := _OF.fullmatch(title):
        title = named["title"]
        parts = [*parts[:place], title, named["company"], *parts[place + 1 :]]
    if (
        place + 1 < len(parts)
        and re.fullmatch(r"[A-Z][\w&]*(?: (?:and|&) [A-Z]\w*)?", parts[place + 1])
        and re.search(r"\b(?:head|director|vp|vice president|chief|lead)$", title, re.IGNORECASE)
    ):
        title = f"{title}, {parts[place + 1]}"  # "Director, Operations"
        parts = [*parts[: place + 1], *parts[place + 2 :]]
    name, quoted = "", [line]
    if place and _NAME.fullmatch(parts[place - 1]):
        name = parts[place - 1]
    elif (
        before
        and _NAME.fullmatch(before[-1])
        and len(before[-1]) <= 40
        and not _TITLE.search(before[-1])
    ):
        name = before[-1]
        quoted = [before[-1], line]
    company = parts[place + 1] if place + 1 < len(parts) else ""
    if (
        not company
        and name
        and len(quoted) == 2
        and before[-2:-1] == [said]
        and after
        and _is_company(after[0])
    ):
        company = after[0]
        quoted.append(after[0])
    if company and not _is_company(company):
        company = ""
    words = title.split()
    if not name and len(words) >= 4 and not any(map(_PART_OF_TITLE.fullmatch, words[:2])):
        # "Ann Lee Head of Sales": name and title ran together over a line break.
        name, title = " ".join(words[:2]), " ".join(words[2:])
    if not name and not company:
        return None
    if not title[0].isupper():
        return None
    return Speaker(name, title, company, " ".join(quoted), url, said)


def _is_company(text: str) -> bool:
    return (
        2 <= len(text) <= 45
        and 1 <= len(text.split()) <= 6
        and text[0].isalnum()
        and not text[0].islower()
        and not text.endswith((".", "!", "?", "…", ":"))
        and not _QUOTED.search(text)
        and not _NOT_A_COMPANY.search(text)
        and not _TITLE.search(text)
    )
