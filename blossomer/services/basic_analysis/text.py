"""Text as basic analysis sees it: sentences, what is no statement at all, and small repairs.

Nothing here knows a company or a page; the cues that give a sentence a meaning are in ``cues.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

MIN_SENTENCE_WORDS = 5
MAX_SENTENCE_CHARACTERS = 260
"""Longer sentences do not fit a card; they are left out rather than cut."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+(?=[\"“‘'(„«]?[^\W_a-zß-öø-ÿ])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|inc|ltd|co|corp|no|mr|mrs|ms|dr|prof|st|approx|est|u\.s|u\.k|bzw|ca|"
    r"z\.\s?b|nr|d\.\s?h)|\b[A-Z])\.$",
    re.IGNORECASE,
)
# Both tables are matched against lower-case text and only at the beginning of words: thirty times
# faster than ignoring case, and these two look at every sentence of a site.
_JUNK = re.compile(
    r"""(?<![^\W_])(?:
    cookie|consent\b|privacy\ (?:policy|notice|statement|center)|terms\ (?:of|and|&)\ |
    all\ rights\ reserved|©|\(c\)\ ?\d{4}|copyright|trademark|unsubscribe|newsletter|
    subscribe\ (?:to|now|for)|javascript|your\ browser|skip\ to|toggle|captcha|sitemap|
    (?:click|tap|swipe)\ (?:here|on|to|the|below)|read\ (?:more|full|the)|
    learn\ more|see\ more|view\ (?:all|more)|
    show\ (?:more|less)|load\ more|sign\ (?:in|up)\b|log\ ?in\b|forgot|password|
    follow\ us|share\ (?:this|on)|(?:call|email|e-mail|write|contact|message|reach)\ (?:us|me)\b|
    (?:please|must)\ (?:enter|select|fill|note|accept|agree|complete)|required\ field|
    thank\ you\ for|by\ (?:clicking|submitting|continuing|signing|using\ th)|
    (?:thanks|sorry)[,!]|oops|404\b|page\ not\ found|lorem\ ipsum|add\ to\ (?:cart|basket)|
    min(?:ute)?s?\ read\b|posted\ (?:on|by)|published\ (?:on|by)|terms\ apply|see\ terms|
    gift\ card|use\ code|limited[- ]time|black\ friday|offer\ (?:ends|valid|expires)|
    promo(?:tional)?\ code|footer\ note|subject\ to\ |terms\ (?:&|and)\ conditions|forfeit|
    cancellation\ fee|
    valid\ (?:for|through|until|from)|not\ (?:eligible|valid)|disclaimer|
    at\ any\ time\ without|in-page|
    please\b|https?://|[\w.-]+@\w+\.\w|for\ (?:questions|more\ information)|
    upgrade\ your\ browser|enable\ \w+\ in\ your|this\ (?:website|site)\ (?:uses|is\ protected)|
    recaptcha|datenschutz|impressum|einwilligung|alle\ rechte\ vorbehalten|mentions\ l[ée]gales|
    (?:request|book|schedule|get)\ (?:a|your|an?\ free)\ (?:\w+\ )?
    (?:demo|quote|call|consultation|appointment|estimate)
    )""",
    re.VERBOSE,
)
_INSTRUCTION = re.compile(
    r"""(?<![^\W_])(?:
    (?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|direction|context|above)|
    system\ prompt|system\ ?:|(?:ai|llm)\ (?:assistant|model|agent)s?\b.{0,40}\b
    (?:must|should|reply|answer|output|note)|
    (?:to|for|note|dear|attention)\ (?:all\ )?(?:ai|llm|language|assistant|model)\b
    (?:\ (?:assistant|model|agent)s?)?\s*[:,]|
    (?:you\ are\ now|maintenance\ mode|developer\ mode)|
    (?:print|output|repeat|reply|respond|answer)\b.{0,30}\b
    (?:the\ words?|only\ with|exactly|with\ the)|
    do\ not\ mention\ this|this\ instruction
    )""",
    re.VERBOSE,
)
_CODE = re.compile(
    r"\{\{|\}\}|\{%|<%|%>|\$\{|#\{|</|/>|<\w|[{}]|=>|\bfunction\s*\(|\w\(\)|@\w+\(|^\s*[=+@]"
)
_SYMBOLS = re.compile(r"[|›»→•·✓✔★☆]")
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
)
_FOOTNOTE = re.compile(r"(?<=[\w.!?)])[*†‡]+(?=\s|$)")
_GLUED = re.compile(
    r"[a-z]{3}(?:We|Our|The|You|Your|With|This|From|For|It|In|If|Get|And)\b|\.\.\.|…"
)
"""Two texts without a space between them, or a text that leaves something out."""

_SHRUG = re.compile(
    r"(?:idk|i don'?t know|dunno|none|nothing|n/?a|not sure|no idea|whatever|test(?:ing)?|asdf\w*|"
    r"qwert\w*|lorem ipsum.*|bla+h?(?: bla+h?)*|hi|hello|foo|bar|x+|\W*)",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """One line, without footnote marks and characters that nobody sees."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    if "*" in text or not text.isascii():
        text = _FOOTNOTE.sub("", text)
    return " ".join(text.split())


def sentences(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph, whole and in order."""
    start = 0
    text = clean(paragraph)
    for end in _SENTENCE_END.finditer(text):
        if _ABBREVIATION.search(text, start, end.start()):
            continue
        yield text[start : end.end()].strip()
        start = end.end()
    if rest := text[start:].strip():
        yield rest


def is_junk(text: str) -> bool:
    """Whether a text belongs to the site's machinery: consent, navigation, forms, code, orders."""
    lowered = text.lower()
    return bool(_JUNK.search(lowered) or _CODE.search(text) or _INSTRUCTION.search(lowered))


def is_instruction(text: str) -> bool:
    """Whether a text speaks to a language model rather than to a visitor."""
    return bool(_INSTRUCTION.search(text.lower()))


@lru_cache(maxsize=2_048)  # headings, blocks and answers ask about the same sentences again
def is_statement(text: str) -> bool:
    """Whether a text is a whole sentence that can stand on a card."""
    words = text.split()
    if len(words) < MIN_SENTENCE_WORDS or len(text) > MAX_SENTENCE_CHARACTERS:
        return False
    if text.endswith((":", ",", "?", "-", "–", ";", "&")):
        return False
    if _SYMBOLS.search(text) or _GLUED.search(text):
        return False
    if not (
        text[0].isupper()
        or text[0].isdigit()
        or text[0] in "“\"„‘'$€£¥«¿¡"
        or (text[0].isalpha() and not text[0].islower())
    ):
        return False
    letters = sum(map(str.isalpha, text))
    if letters < 0.65 * len(text.replace(" ", "")) or max(map(len, words)) > 40:
        return False
    if sum(word.isupper() and len(word) > 3 for word in words) > len(words) / 3:
        return False
    # Titles and menu entries: most words have a capital, or nothing ends a short line.
    long_words = [word for word in words[1:] if len(word) > 3 and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in long_words)
    is_ended = text.endswith((".", "!", "”", '"', "“", ")", "。"))
    if capitals > (0.8 if is_ended else 0.4) * len(long_words) and len(long_words) > 1:
        return False
    if not is_ended and len(words) < 8:
        return False
    return not is_junk(text)


def is_label(text: str, most_words: int = 8) -> bool:
    """Whether a heading can name a feature, an industry or a person's work."""
    words = text.split()
    return (
        1 <= len(words) <= most_words
        and 3 <= len(text) <= 70
        and any(map(str.isalpha, text))
        and not re.match(r"[\d\W]*$|\d+[.)]?$|[$€£]", text)
        and not text.endswith(("?", ":", ",", "…", "..."))
        and not _SYMBOLS.search(text)
        and max(map(len, words)) <= 30
        and not is_junk(text)
    )


def end_with_stop(text: str) -> str:
    """The text as a sentence: closed by a full stop unless it is closed already."""
    text = re.sub(r"\.{2,}$", ".", text)
    return text if text.endswith((".", "!", "?", "”", '"', "“")) else f"{text}."


def capitalised(text: str) -> str:
    """The text with a capital first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def joined(names: list[str]) -> str:
    """Names in a row: A; A and B; A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def is_meaningful(text: str) -> bool:
    """Whether a person's note says anything: not a shrug ("idk"), not keys struck at random."""
    text = clean(text)
    if _SHRUG.fullmatch(text.strip(" .!?")):
        return False
    words = re.findall(r"[^\W\d_]{2,}", text)
    if len(words) < 2:
        return False
    readable = [word for word in words if re.search(r"[aeiouyäöüáéíóúà-ž]", word, re.IGNORECASE)]
    return len(readable) >= 0.6 * len(words) and len({word.lower() for word in words}) >= 2
