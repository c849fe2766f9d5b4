"""Numbers: which stand in an e-mail, and whether they stand in a source too.

A number is compared by its value and its kind, without tolerance: 40 % is not 40, and neither is
$40. How a source writes it does not matter: "10,000", "10k" and "ten thousand" are one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from blossomer.services.email_lint.asks import MEETING
from blossomer.services.email_lint.mail import Mail
from blossomer.services.email_lint.model import SOURCES_KEPT, Finding, Part, Sources
from blossomer.services.email_lint.rules import make, shown
from blossomer.services.email_lint.text import Span, flat, mask

_MOST_DIGITS = 18


class Number(NamedTuple):
    """A number in a text.

    Args:
        kind: "percent", "multiple" (3x), a currency, or "" for any other.
        values: What it may mean: "1.234" is a fraction in one country, thousands in another.
        span: Where it stands.
    """

    kind: str
    values: frozenset[str]
    span: Span


_CURRENCIES = {
    "$": "$", "usd": "$", "dollar": "$", "dollars": "$", "us$": "$",
    "€": "€", "eur": "€", "euro": "€", "euros": "€",
    "£": "£", "gbp": "£", "pound": "£", "pounds": "£",
    "¥": "¥", "jpy": "¥", "yen": "¥", "chf": "CHF", "francs": "CHF",
}  # fmt: skip
_MAGNITUDES = {
    "k": 1_000, "thousand": 1_000, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000,
    "bn": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip

_NUMBER = re.compile(
    r"""
    (?P<before>US\$|[$€£¥]|\b(?:USD|EUR|GBP|CHF|JPY))?\x20?
    (?<![^\W_])(?<!\d[.,])
    (?P<digits>\d{1,3}(?:[.,'\x20]\d{3})+(?!\d)(?:[.,]\d{1,9}(?!\d))?|\d+(?:[.,]\d{1,9}(?!\d))?)
    (?:\x20?(?P<magnitude>k|mn?|bn|thousand|million|billion)(?![^\W_]))?\+?
    (?:(?:\x20|-)?(?P<after>
        %|percent(?:age)?\b|per\x20cent\b|pct\b|x(?![^\W_])|×|-?fold\b|times\b|
        [$€£¥]|(?:usd|eur|gbp|chf|jpy|dollars?|euros?|pounds?|francs|yen)\b))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_GLUED_UNIT = re.compile(
    r"(?:k|mn?|bn|x|mins?|minutes?|h|hrs?|hours?|s|secs?|ms|d|days?|w|wks?|pct|pts?|[kmgt]b|kg|km|"
    r"ft|sqm|plus)(?![^\W_])",
    re.IGNORECASE,
)
_RANGE = re.compile(r" ?[-–] ?| to ")

_SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_SMALL_NUMBERS.split())}
_UNITS |= {word: value * 10 for value, word in enumerate(_TENS.split(), start=2)}
_SPELLED = "|".join(sorted((word for word in _UNITS if word != "zero"), key=len, reverse=True))
_WORDS = re.compile(
    rf"""(?<![\w-])(?P<first>{_SPELLED}|an?(?=\s(?:hundred|thousand|million|billion)\b))
    (?:[-\s](?P<second>one|two|three|four|five|six|seven|eight|nine)\b)?
    (?:\s(?P<size>hundred|thousand|million|billion)\b)?
    (?P<unit>\s(?:percent|per\scent|times|fold|dollars|euros|pounds)\b|-fold\b)?
    (?P<counted>[\s-](?:[\w-]{{1,20}}\s){{0,2}}?(?:
        minutes?|hours?|days?|weeks?|months?|quarters?|years?|customers?|clients?|companies|teams?|
        firms?|businesses|brands?|users?|sites?|warehouses?|plants?|stores?|shops?|offices?|
        countries|cities|hospitals?|clinics?|schools?|banks?
    )\b)?""",
    re.IGNORECASE | re.VERBOSE,
)
_MANY = re.compile(r"(?<![\w-])(dozens|hundreds|thousands|millions|billions)\sof\b", re.IGNORECASE)
_SIZES = {
    "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
    "dozens": 24, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000,
    "billions": 2_000_000_000,
}  # fmt: skip

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_NO_MEASURE = r"(?![\d.,]*\d)(?!\s?(?:%|percent|per cent|x\b))"
_NO_CLAIM = re.compile(
    rf"""
    (?<![\d/])24/7(?:/365)?(?![\d/])|\b24x7\b|\b9[- ]to[- ]5\b|\b50[/:-]50\b|
    \b1:1s?\b|\b1-on-1s?\b|\b80/20\b|
    \b360(?:-|\s)degree\b|\b101\b(?=[.!?,]|$)|
    \b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}}\b)?|
    \b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?{_NO_MEASURE}(?:,?\s\d{{4}}\b)?|\b{_MONTH}\s\d{{4}}\b|
    \b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d{{2}})\b|
    \b\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?[ap]\.?m\b\.?)?|\b\d{{1,2}}\s?[ap]\.?m\b\.?|
    \b(?:SOC|ISO|IFRS|IAS|PCI|NIST|Article|Art\.|Section|Tier|Level|Phase|Step|Part)[\x20-]\d+\b
        (?!.{{0,24}}(?:certif|complian|attest|accredit|audited))|
    \bat\s\d{{1,2}}(?=[.?!,](?!\d)|$)|
    \b(?:FY|Q[1-4]|H[12])(?:\s|/|-|')?(?:\d{{4}}|\d{{2}})\b|
    \b(?:in|since|for|by|of|from|until|till|before|after|during|early|mid|late|year|fiscal|the|this|
        summer|spring|autumn|fall|winter|end)[- ](?:of\s)?(?:19|20)\d\d{_NO_MEASURE}\b(?!s?\s?(?:
        customers|clients|companies|teams|users|people|employees|hours|days|\w+s\b))|
    (?<![$€£¥\d.,])\b(?:199\d|20[0-4]\d)\b(?=[.?!,;:)]|$)|
    ^[ \t]{{0,8}}\d{{1,2}}[.)]\s
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""Dates, times of day, numbers of a list, names of rules, and figures of speech: they
prove nothing. A standard somebody is said to be certified by is proof."""


def find_numbers(masked: str) -> list[Number]:
    """The numbers of a text with straight quotes, in digits, with their kinds."""
    found: list[Number] = []
    for match in _NUMBER.finditer(masked):
        digits, size = match["digits"], match["magnitude"]
        following = masked[match.end("digits") : match.end("digits") + 10]
        if following[:1].isalpha() and not _GLUED_UNIT.match(following):
            continue  # 3PL, 2nd, 5G: a name or an ordinal
        if match["before"] is None and _is_part_of_name(masked, match.start("digits")):
            continue
        factor = _MAGNITUDES[size.lower()] if size else 1
        kind = _kind(match["before"] or match["after"] or "")
        start = match.start("before") if match["before"] else match.start("digits")
        end = match.end("after") if match["after"] else match.end("magnitude")
        end = max(end, match.end("digits"))
        found.append(Number(kind, frozenset(_values(digits, factor)), Span(start, end)))
    return _with_ranges(masked, found)


def find_spelled(masked: str) -> list[Number]:
    """The numbers of an English text that are written as words and measure time or customers.

    Others are seldom claims: "when three people are ill".
    """
    found: list[Number] = []
    for match in _WORDS.finditer(masked):
        unit, size = match["unit"], match["size"]
        if not (unit or match["counted"] or size):
            continue
        value = _UNITS.get(match["first"].lower(), 1)
        if second := match["second"]:
            if not 20 <= value <= 90:
                continue
            value += _UNITS[second.lower()]
        if value == 1 and not size:
            continue  # "one team" is any team
        value *= _SIZES[size.lower()] if size else 1
        end = match.end("counted") if match["counted"] and not unit else match.end("unit")
        end = max(end, match.end("size"), match.end("first"))
        found.append(
            Number(
                _kind((unit or "").strip(" -")),
                frozenset([str(value)]),
                Span(match.start(), end),
            )
        )
    return found


def _is_part_of_name(masked: str, position: int) -> bool:
    """Whether digits follow a letter and a hyphen, as in COVID-19."""
    before = masked[max(0, position - 2) : position]
    return len(before) == 2 and before[1] == "-" and before[0].isupper()


def _kind(mark: str) -> str:
    mark = mark.lower().strip(" -")
    if mark in {"%", "percent", "percentage", "per cent", "pct"}:
        return "percent"
    if mark in {"x", "×", "fold", "times"}:
        return "multiple"
    return _CURRENCIES.get(mark, "")


def _values(digits: str, factor: int) -> Iterator[str]:
    """What digits with marks may mean, as plain decimal numbers."""
    if len(digits) > _MOST_DIGITS:
        yield digits
        return
    grouped = re.fullmatch(r"(\d{1,3}(?:([.,' ])\d{3})(?:\2\d{3})*)(?:[.,](\d{1,9}))?", digits)
    if grouped:
        whole = re.sub(r"\D", "", grouped[1])
        yield _plain(f"{whole}.{grouped[3] or 0}", factor)
        # A comma before three digits parts thousands in English; a full stop may do either.
        if grouped[2] == "." and grouped[3] is None and digits.count(".") == 1:
            yield _plain(digits, factor)
        return
    yield _plain(re.sub(r"[' ]", "", digits).replace(",", "."), factor)


def _plain(number: str, factor: int) -> str:
    if number.count(".") > 1:
        return number
    return format((Decimal(number) * factor).normalize(), "f")


def _with_ranges(masked: str, found: list[Number]) -> list[Number]:
    """Ranges share their marks: both ends of "10-15%" and of "$10-15" have its kind."""
    result = found.copy()
    for index, (one, other) in enumerate(pairwise(found)):
        if not _RANGE.fullmatch(masked, one.span.end, other.span.start):
            continue
        if not one.kind and other.kind == "percent":
            result[index] = one._replace(kind=other.kind)
        elif one.kind and not other.kind:
            result[index + 1] = other._replace(kind=one.kind)
    return result


class KnownNumbers:
    """The numbers of the sources.

    Args:
        sources: Texts to take them from.
    """

    def __init__(self, sources: Sources) -> None:
        self._known: set[tuple[str, str]] = set()
        self._largest = Decimal(0)
        text = flat(mask("\n".join(sources)))
        self._text = text.casefold()
        for number in [*find_numbers(text), *find_spelled(text)]:
            for value in number.values:
                self._known.add((number.kind, value))
                if not number.kind and len(value) <= _MOST_DIGITS and value.count(".") < 2:
                    self._largest = max(self._largest, Decimal(value))

    def has(self, number: Number) -> bool:
        """Whether a source has the same number of the same kind."""
        return any((number.kind, value) in self._known for value in number.values)

    def has_many(self, word: str) -> bool:
        """Whether a source says "hundreds", or names a number that is at least as large."""
        return word.lower() in self._text or self._largest >= _SIZES[word.lower()]


@lru_cache(maxsize=SOURCES_KEPT)
def _known_numbers(sources: Sources) -> KnownNumbers:
    return KnownNumbers(sources)


def check_numbers(mail: Mail, sources: Sources) -> Iterator[Finding]:
    """EM11: numbers that stand in no source."""
    known = _known_numbers(sources)
    parts: tuple[tuple[Part, str], ...] = (("subject", mail.masked_subject), ("body", mail.plain))
    for part, text in parts:
        for span in sorted(_unknown(mail, text, known)):
            if part == "body" and not mail.is_in_prose(span.start):
                continue
            yield make(
                "EM11",
                "error",
                f"“{shown(text[span.start : span.end])}” stands in no source.",
                "Take a number from the company's own material, or say it without one.",
                mail=mail,
                part=part,
                span=span,
            )


def _unknown(mail: Mail, text: str, known: KnownNumbers) -> Iterator[Span]:
    # The lines of the body matter for numbers of a list.
    lines = mail.masked if text is mail.plain else text
    harmless = _Places(match.span() for match in _NO_CLAIM.finditer(lines))
    asked = _Places(match.span() for match in MEETING.finditer(text))
    for number in find_numbers(text):
        digits = number.span
        if harmless.hold(digits.start) or asked.hold(digits.start) or known.has(number):
            continue
        yield digits
    if not mail.is_english:
        return
    for number in find_spelled(text):
        if not (asked.hold(number.span.start) or known.has(number)):
            yield number.span
    for match in _MANY.finditer(text):
        if not known.has_many(match[1]):
            yield Span(*match.span())


class _Places:
    """Whether a position lies in one of many spans."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._inside: set[int] = set()
        for start, end in spans:
            self._inside.update(range(start, end))

    def hold(self, position: int) -> bool:
        return position in self._inside
