"""The words by which English sentences give themselves away. Tables only; no page is read here.

A cue adds its weight to a sentence's score for one question, for example "which problem
goes away?". The weights were set by reading what they choose on real company pages, not computed.
"""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass

ORGANISATIONS = (
    r"(?:companies|businesses|teams|organi[sz]ations|start-?ups|enterprises|smes|smbs|agencies|brands|"
    r"retailers|manufacturers|distributors|hospitals|clinics|schools|universities|colleges|banks|"
    r"insurers|non-?profits|charities|governments|municipalities|contractors|landlords|practices|"
    r"firms|restaurants|hotels|merchants|sellers|shippers|institutions|publishers|departments|"
    r"freelancers|creators|homeowners|home\ owners|employers|operators|households|families|patients|"
    r"students|investors|associations|churches|clubs|studios|entrepreneurs|professionals|"
    r"individuals|developers|marketers|property\ owners|communities|travell?ers|drivers|parents|adults|"
    r"kids|seniors|residents|veterans|athletes|borrowers|buyers|renters|tenants|couples|employees|"
    r"learners|researchers|physicians|dentists|consumers)"
)
"""Kinds of buyers, as sites name them: in the plural, since "our company" is the seller."""

ORDER_WORDS = (
    r"^(?:get|start|try|use|enter|choose|view|find|see|save|build|bring|explore|discover|join|meet|"
    r"select|check|go|make\ sure|schedule|learn|let['’]s|ready|easily|simply|just|when|once)\b"
)
"""How sentences begin that tell the visitor what to do."""

_NUMBER_OF = r"(?:\d[\d,.]*\+?(?:\ ?(?:k|m|million|thousand))?\+?|thousands\ of|hundreds\ of|millions\ of|dozens\ of)"


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern for lower-case text, and what it adds to a sentence's score."""

    pattern: re.Pattern[str]
    weight: float


def table(*pairs: tuple[str, float]) -> tuple[Cue, ...]:
    """Cues from patterns and weights."""
    # Lower-case patterns on lower-case text: several times faster than ignoring case.
    return tuple(Cue(re.compile(p.lower(), re.VERBOSE), weight) for p, weight in pairs)


def score(text: str, cues: tuple[Cue, ...]) -> float:
    """The sum of the weights of the cues that a text shows."""
    lowered = text.lower()
    return sum(cue.weight for cue in cues if cue.pattern.search(lowered))


BELIEF = table(
    (r"\bwe(?:'re|’re|\ are)?\ (?:firmly\ |strongly\ )?(?:believe|on\ a\ mission|convinced)", 4),
    (r"\bour\ (?:mission|vision|belief|philosophy|purpose|promise|goal)\b", 3),
    (r"\b(?:should(?:n['’]t)?|deserves?|nobody\ (?:should|has)|ought\ to)\b", 2),
    (
        r"\b(?:the\ future\ of|no\ longer|more\ than\ ever|is\ changing|has\ changed|matters?)\b",
        1.5,
    ),
    (r"\b(?:every|all)\ (?:\w+\ )?" + ORGANISATIONS, 1),
    (
        r"\b(?:is|are)\ (?:not\ )?(?:the\ key|essential|critical|crucial|the\ heart|broken|hard)\b",
        1,
    ),
    (r"\b(?:success|trust|growth|experience|world)\b", 0.5),
    (r"\bplease|guarantee|you\ should|should\ you\b", -3),
)

APPROACH = table(
    (r"\b(?:unlike|instead\ of|rather\ than|not\ just|no\ more)\b", 2.5),
    (r"\bwithout\ (?:the\ |a\ |any\ )?\w+", 1),
    (
        r"\b(?:the\ only|the\ first|one\ of\ a\ kind|(?<!your\ )unique(?:ly)?|proprietary|patented)\b",
        2,
    ),
    (
        r"\b(?:all[- ]in[- ]one|end[- ]to[- ]end|purpose[- ]built|open[- ]source|self[- ]hosted)\b",
        2,
    ),
    (
        r"\b(?:single|one|unified|central)\ (?:\w+\ )?(?:platform|place|source|system|view|solution)\b",
        2,
    ),
    (
        r"\b(?:our\ approach|approach|method(?:ology)?|differen(?:t|ce)|tailored|customi[sz]ed)\b",
        1.5,
    ),
    (
        r"\b(?:built|designed|made)\ (?:for|by|on|to|from)\b|\bcombin(?:es?|ing)\b|\breplac(?:es?|ing)\b",
        2,
    ),
    (r"\b(?:expert(?:ise|s)?|dedicated|hands[- ]on|years\ of\ experience|powered\ by|\bAI\b)\b", 1),
)

IMPACT = table(
    (r"\d+(?:[.,]\d+)?\ ?(?:%|percent|x\b|×|times|hours?|days?|minutes?|weeks?)", 1.2),
    (
        r"\b(?:sav(?:e[sd]?|ing)|reduc(?:e[sd]?|ing)|cuts?|cutting|eliminat\w+|lower(?:s|ed|ing)?)\b",
        2,
    ),
    (
        r"\b(?:increas\w+|improv\w+|boost\w*|grow(?:s|n)?|doubl\w+|tripl\w+|recover\w*|maximi[sz]\w+)\b",
        1.5,
    ),
    (
        r"\b(?:brought|brings|went|go(?:es)?|cut)\b.{0,20}\bdown\b|[$€£]\ ?\d|\bfrom\ \w+\ (?:\w+\ )?to\ \w+\b",
        1.5,
    ),
    (
        r"\b(?:two|three|four|five|six|seven|eight|nine|ten|half)\ (?:the\ |of\ )?(?:hours?|days?|weeks?|time|minutes?)\b",
        1,
    ),
    (
        r"\b(?:automat\w+|streamlin\w+|simplif\w+|speed\w*|faster|accelerat\w+|quickly|easily|instantly)\b",
        1.5,
    ),
    (
        r"\bin\ (?:minutes|seconds|hours|days|real[- ]time)\b|\bfree(?:s|ing)?\ up\b|\bso\ (?:that\ )?you\b",
        1,
    ),
    (r"\b(?:workflows?|process(?:es)?|time|costs?|productivity|efficien\w+|revenue|results?)\b", 1),
)

PROBLEM = table(
    (r"\b(?:los|wast|spend)\w*\ .{0,20}(?:hours?|days?|time|money|revenue|customers)\b", 1.5),
    (
        r"\b(?:manual(?:ly)?|spreadsheets?|paperwork|time[- ]consuming|tedious|repetitive|by\ hand)\b",
        2.5,
    ),
    (
        r"\b(?:struggl\w+|frustrat\w+|headaches?|hassles?|pain(?:ful|s|\ points?)?|tired\ of|overwhelm\w+)\b",
        2.5,
    ),
    (
        r"\b(?:problems?|challeng(?:es?|ing)|bottlenecks?|burdens?|obstacles?|gaps?|threats?|stress(?:ful)?)\b",
        2,
    ),
    (
        r"\b(?:errors?|mistakes?|wast(?:e[sd]?|ing)|costly|expensive|delays?|risks?|fraud|los(?:e|es|ing|s|t)|wrong)\b",
        1.5,
    ),
    (
        r"\b(?:silos?|scattered|disconnected|fragmented|outdated|complex(?:ity)?|confus\w+|slow|difficult|hard\ to)\b",
        1.5,
    ),
    (
        r"\b(?:worry|worrying|avoid|prevent\w*|stop|solve[sd]?|solving|fix(?:es)?|downtime|chas(?:e|ing))\b",
        1.5,
    ),
    (
        r"\b(?:too\ (?:much|many|long|often)|don['’]t\ have\ (?:the\ )?time|can['’]t|miss(?:ed|ing)?)\b",
        1,
    ),
)

CURRENT_STATE = table(
    (r"\b(?:most|many|too\ many)\ (?:[\w-]+\ ){0,2}" + ORGANISATIONS, 2.5),
    (
        r"\b(?:we|they|teams|people)\ (?:all\ )?used\ to\b|\bused\ to\ (?:take|spend|mean|be|require|cost)\b",
        2.5,
    ),
    (r"\b(?:traditional(?:ly)?|legacy|old\ way|until\ now|conventional)\b", 2),
    (
        r"\b(?:by\ hand|manual(?:ly)?|spreadsheets?|excel|pen\ and\ paper|paper[- ]based|multiple\ tools)\b",
        2,
    ),
    (r"\b(?:still|currently|nowadays|already|existing|instead\ of|rather\ than|before)\b", 1),
    (r"\b(?:today['’]s|in\ (?:today|the\ past)|without\ (?:a|an|the|proper)|often)\b", 1),
    (r"\b(?:switch(?:ed|ing)?\ from|moved\ from|replac(?:e[sd]?|ing)|juggl\w+)\b", 2),
)

AUDIENCE = table(
    (
        r"\b(?:for|helps?|helping|serv(?:e[sd]?|ing)|empower\w*|enabl(?:e[sd]?|ing)|support(?:s|ing)?|work(?:s|ing)?\ with|"
        r"designed\ for|built\ for|made\ for|allows?)\ (?:[\w&'’-]+,?\ ){0,5}?"
        + ORGANISATIONS
        + r"\b",
        3,
    ),
    (
        r"\b(?:companies|businesses|organi[sz]ations|teams|customers|clients)\ (?:that|who|of\ (?:all|any|every)|in|across)\b",
        2,
    ),
    (
        r"\b(?:small|mid[- ]?size[d]?|large|growing|enterprise|local|global)\b.{0,30}"
        + ORGANISATIONS,
        2,
    ),
    (r"\b(?:industr(?:y|ies)|sectors?|verticals?|b2b|b2c)\b", 1.5),
    (
        r"\b(?:whether\ you|from\ \w+\ (?:\w+\ )?to|ideal\ for|perfect\ for|suited\ (?:for|to))\b",
        1.5,
    ),
    (r"\b" + ORGANISATIONS + r"\b", 0.5),
)

PROOF = table(
    (r"\b(?:trusted|used|chosen|loved|relied\ on|recommended)\ by\b", 3),
    (
        _NUMBER_OF
        + r"\ (?:[\w-]+\ ){0,3}?(?:customers|clients|users|members|subscribers|merchants)\b",
        3,
    ),
    (
        r"\b(?:trusted|used|chosen|loved|join\w*|serv\w+|help\w+|power\w+|work\w*)\b.{0,30}\b"
        + _NUMBER_OF
        + r"\ (?:[\w-]+\ ){0,4}?"
        + ORGANISATIONS,
        3,
    ),
    (r"\b(?:our|happy|satisfied)\ (?:[\w-]+\ )?(?:customers|clients)\b", 1),
    (r"\b(?:customers|clients)\ (?:include|like|such\ as|from)\b", 2.5),
    (r"\b(?:join|joined|worldwide|countries|fortune\ \d+)\b", 1),
)

DEFINITION = table(
    (r"\b(?:is|are)\ (?:a|an|the|your|one\ of)\b", 1.5),
    (
        r"\bwe(?:['’]re|\ are)?\ (?:help|provide|offer|make|build|deliver|speciali[sz]e|a|an|the|create|design|give|bring)\b",
        2,
    ),
    (r"\b(?:helps?|provides?|offers?|gives?|makes?|lets?|enables?|delivers?|brings?)\b", 1),
    (
        r"\b(?:software|platform|app|tool|solutions?|services?|agency|system|marketplace|consultancy|company|provider)\b",
        1,
    ),
    (r"\bfor\ (?:[\w-]+\ ){0,3}" + ORGANISATIONS, 1),
    (
        r"^(?:this|that|these|it|they|he|she|but|and|so|or|because|then|with\ this|in\ (?:addition|this))\b",
        -3,
    ),
    (r"^(?:our|the)\ (?:team|website|office|blog)\b|\bif\ you\b", -1.5),
    (r"\bI\b|\bmy\b", -2),
    (ORDER_WORDS, -1.5),
)

INTEGRATION = table(
    (
        r"\b(?:integrat(?:es?|ions?|ing)|connectors?|plug[- ]?ins?|\bAPIs?\b|webhooks?|single\ sign[- ]on|\bSSO\b)\b",
        2.5,
    ),
    (
        r"\b(?:connects?\ (?:to|your)|works?\ with\ (?:your|any|all)|compatible|sync(?:s|ed|hroni[sz]e\w*)?)\b",
        2,
    ),
    (
        r"\b(?:salesforce|hubspot|slack|zapier|SAP|quickbooks|xero|netsuite|shopify|stripe|google\ \w+|microsoft\ \w+|wordpress)\b",
        1.5,
    ),
)

SECURITY = table(
    (
        r"\b(?:SOC\ ?2|ISO\ ?27001|GDPR|HIPAA|PCI|encrypt\w+|penetration\ test\w*|data\ protection)\b",
        3,
    ),
    (
        r"\b(?:security|securely|privacy|data\ complian(?:ce|t)|audit\ log|access\ control)\b|\bsecure\ (?:data|cloud|platform)",
        2,
    ),
)

ONBOARDING = table(
    (
        r"\b(?:onboarding|migrat\w+|set[- ]?up|implementation|go(?:es)?\ live|\blive\ in\b|up\ and\ running)\b",
        2.5,
    ),
    (
        r"\b(?:switch(?:ing)?|import(?:s|ing)?|get(?:ting)?\ started|no\ (?:code|coding|installation)|install\w*)\b",
        1.5,
    ),
    (r"\bin\ (?:\w+\ )?(?:minutes|hours|days|weeks)\b|\bsupport\ team\b", 1),
)

SUPPORT = table(
    (
        r"\b(?:24/7|customer\ support|support\ team|dedicated\ (?:support|account|manager)|help\ ?desk)\b",
        2.5,
    ),
    (r"\b(?:guarantee\w*|warrant(?:y|ies)|money[- ]back|refund\w*|satisfaction)\b", 2.5),
    (r"\b(?:certified|certifications?|licen[cs]ed|insured|background[- ]checked|rated)\b", 2),
    (r"\b(?:years\ of\ experience|since\ (?:19|20)\d\d|award\w*|accredited|track\ record)\b", 2),
)

DOING = table(
    (r"\b(?:you\ can|lets?\ you|allows?\ you|enables?\ you|helps?\ you)\b", 2),
    (
        r"\b(?:automat\w+|track\w*|manag\w+|creat\w+|monitor\w*|analy[sz]\w+|build\w*|connect\w*|report\w*|"
        r"schedul\w+|integrat\w+)\b",
        1.5,
    ),
    (
        r"\b(?:we\ (?:provide|offer|deliver|design|build|handle|manage|speciali[sz]e)|includ\w+|provides?|offers?|features?)\b",
        1.5,
    ),
    (r"\b(?:software|platform|tools?|app|dashboard|services?|solutions?|system)\b", 0.7),
)
