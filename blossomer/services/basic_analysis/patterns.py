"""Patterns for headings, titles and roles on company pages. Tables only, mostly English.

What sentences give away is in ``cues.py``.
"""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re

_CATEGORY_NOUN = (
    r"(?:software|platforms?|apps?|application|tools?|suite|systems?|solutions?|services?|agency|"
    r"marketplace|consultancy|consulting|firm|company|network|provider|studio|bank|plugin|"
    r"framework|database|cloud|hosting|lender|insurer|manufacturer|school|clinic|assistant|builder)"
)
CATEGORY = re.compile(r"(?<![-\w])" + _CATEGORY_NOUN + r"\b(?!-)", re.IGNORECASE)
IS_A = re.compile(
    r"\b(?:is|are)\s+(?:(?:an?|the|your)\s+)?(?P<what>[^.,;:!?()–—]{8,110}?)"
    r"(?=\s+(?:that|which|who|where|helping|with|built|designed|based|trusted|to|because|so|passionate|dedicated|committed|speciali[sz]ing|offering|providing|focused|and (?:we|our|is|it))\b"
    r"|[.,;:!?()–—]|$)",
    re.IGNORECASE,
)
PROVIDES = re.compile(
    r"\b(?:provides?|offers?|delivers?|makes?|builds?)\s+(?:(?:an?|the|your)\s+)?(?P<what>[^.,;:!?()–—]{8,90}?)"
    r"(?=\s+(?:that|which|who|to|for|so|with|from|and (?:we|our))\b|[.,;:!?()–—]|$)",
    re.IGNORECASE,
)
IMPERATIVE_TITLE = re.compile(
    r"^(?:get|grow|make|create|estimate|manage|find|run|stop|start|save|bring|turn|discover|send|automate|"
    r"build|meet|contact|welcome|how|what|why|your|we|the (?:best|top|leading)|improve|increase|reduce|top|best|"
    r"deliver|transform|simplify|unlock|protect|learn|try|book|shop|reviews?|compare|accelerate|power|take|join)\b",
    re.IGNORECASE,
)
SERVICE_WORDS = re.compile(
    r"\b(?:(?:consulting|consultancy|advisory|agency|legal|accounting|cleaning|moving|repair|management|marketing|"
    r"design|development|staffing|outsourcing|training|installation|maintenance|professional|managed|inspection) services?|"
    r"agency|law firm|consultancy|consulting)\b"
)
RECURRING = re.compile(
    r"mo|month|year|yr|annual|week|seat|user|agent|member|Monat|Jahr", re.IGNORECASE
)
BUSINESS_MODELS: tuple[tuple[str, str], ...] = (
    ("Free to start, paid later", r"\b(?:free (?:plan|tier|forever|trial|version)|freemium|start(?:ing)? (?:for )?free|try (?:it |\w+ )?(?:for )?free)\b"),
    ("Share of each transaction", r"\b(?:transaction fees?|commission per|per transaction|interchange)\b"),
    ("Subscription", r"\b(?:(?:monthly|annual|yearly|paid) subscriptions?|subscription (?:plans?|pricing|fee)|monthly plans?|annual plans?|billed (?:monthly|annually|yearly))\b"),
    ("Open source with paid services", r"\bopen[- ]source\b.{0,80}\b(?:enterprise|cloud|support|hosted)\b"),
    ("Sold after a talk with sales", r"\b(?:(?:request|book|schedule|get) a (?:free |live |personali[sz]ed )?demo|talk to (?:sales|an expert)|contact sales)\b"),
    ("Work on quotation", r"\b(?:(?:request|get) (?:a |your )?(?:free )?(?:quotes?|estimates?|proposal)|free (?:quotes?|estimates?|consultation))\b"),
)  # fmt: skip
PROOF_HEADING = re.compile(
    r"\b(?:trusted by|used by|our (?:customers|clients|partners)|customers? (?:include|who)|"
    r"clients|chosen by|loved by|relied on|powering|unsere kunden|referenzen)\b",
    re.IGNORECASE,
)
INDUSTRY_HEADING = re.compile(
    r"\b(?:industr(?:y|ies)|sectors?|who (?:we (?:serve|help|work with)|it'?s for|uses)|"
    r"(?:built|made|designed) for|verticals|solutions? (?:for|by)|use cases?|branchen|"
    r"markets? (?:we )?serve)\b",
    re.IGNORECASE,
)
TEAM_HEADING = re.compile(
    r"\b(?:teams?|roles?|departments?|people|by role|who uses)\b", re.IGNORECASE
)
_FUNCTION = (
    r"(?:product|project|programme?|marketing|sales|hr|people|talent|finance|financial|operations|it|office|"
    r"property|facilit(?:y|ies)|general|store|fleet|logistics|supply chain|warehouse|security|engineering|"
    r"risk|compliance|procurement|purchasing|practice|clinical|school|plant|maintenance|service|support|"
    r"success|community|content|brand|data|network|system|database|payroll|billing|tax|legal|creative|art|event|"
    r"restaurant|hotel|construction|site|field|business|technology|digital|e-?commerce|growth|revenue)"
)
ROLES = re.compile(
    rf"\b(?:(?:heads|directors|vps) of {_FUNCTION}|"
    rf"(?:{_FUNCTION} )?(?:managers|directors|controllers|administrators|coordinators|executives|leaders|"
    r"supervisors|planners|accountants|bookkeepers|analysts|engineers|developers|designers)|"
    r"(?:C[EFTOM]O|CIO|CISO)s|(?:company |co-?)?founders|entrepreneurs|(?:small )?business owners|homeowners|"
    r"marketers|recruiters|data scientists|landlords|teachers|educators|students|dentists|"
    r"physicians|doctors|nurses|lawyers|attorneys|consultants|sales reps|salespeople|"
    rf"{_FUNCTION} teams|accounts payable)\b".lower()
)
"""For lower-case text: many alternatives, and ignoring case is slow."""


FEATURE_PARENT = re.compile(
    r"\b(?:features?|capabilit\w+|what .{0,30}(?:does|do|can|get|offer)|services?|solutions?|"
    r"benefits?|products?|platform|tools?|everything you|how .{0,20}(?:helps?|works?)|"
    r"why (?:choose|us|\w+$)|included|funktionen|leistungen|leistet|vorteile)\b",
    re.IGNORECASE,
)
NOT_A_FEATURE = re.compile(
    r"^(?:step \d|\d|about|contact|our (?:team|story|mission|vision|values|customers|clients|offices?)|get started|"
    r"start|ready|why|who|how|faq|frequently|blog|news|latest|resources?|events?|careers?|jobs?|"
    r"testimonials?|case stud|case study|reviews?|customers?|clients|partners?|pricing|plans?|"
    r"(?:the )?table of contents|contents$|(?:in|on) this (?:page|article)|what (?:some|others|people) |.*frequently asked|"
    r"welcome|hello|join|meet|see|try|sign|book|request|download|contact|find|discover|explore|"
    r"learn|let|related|you|more|top \d|industries|for |free trial|conclusion|overview|summary|"
    r".{0,30}overview$|introduction|legal|disclaimer|locations?|support$|help$|need |similar|the bottom|note|important|introducing|bonus|tips?$)",
    re.IGNORECASE,
)
PLAIN_HEADING = re.compile(
    r"^(?:meet|what|how|why|our|contact|get (?:in|a)|about|frequently|see|read|latest|top|\d)\b",
    re.IGNORECASE,
)
PERSONAL = re.compile(r"\b(?:I|my|me|he|she|his|her|him)\b")
ABOUT_PEOPLE = re.compile(
    r"\b(?:students?|parents?|age \d+|customer since|owner|menu|search|links)\b", re.IGNORECASE
)
STORY_PARENT = re.compile(
    r"\b(?:customers?|clients?|testimonials?|reviews?|stories|case stud|blog|news|articles?|team|"
    r"resources?|events?|faq|questions?|industr|careers?|who we serve|insights|process|how it works)\b",
    re.IGNORECASE,
)
DIFFERENTIATING = re.compile(
    r"\b(?:only|unique|first|automat\w+|AI|real[- ]time|\d+\+?|every|never|without|instead)\b",
    re.IGNORECASE,
)
COMMON_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "your",
        "you",
        "our",
        "from",
        "that",
        "this",
        "are",
        "can",
        "all",
        "more",
        "how",
        "what",
        "why",
        "who",
        "not",
        "but",
        "get",
        "have",
        "has",
        "will",
        "was",
        "one",
        "any",
        "new",
        "its",
        "into",
        "out",
        "use",
        "their",
        "they",
        "them",
        "than",
        "when",
        "where",
        "which",
        "about",
        "also",
        "been",
        "over",
        "only",
        "just",
        "make",
        "made",
        "need",
        "want",
        "every",
        "time",
        "help",
        "helps",
        "best",
        "way",
        "day",
        "like",
        "see",
        "learn",
        "we",
        "us",
        "to",
        "of",
        "in",
        "on",
        "at",
        "by",
        "an",
        "or",
        "is",
        "it",
        "as",
        "be",
        "do",
        "if",
        "so",
        "up",
        "no",
        "my",
        "me",
        "per",
        "per",
        "via",
        "com",
        "here",
        "there",
        "these",
        "those",
        "free",
        "now",
        "let",
        "work",
        "works",
        "working",
        "page",
        "home",
        "contact",
        "read",
        "click",
        "let’s",
        "it’s",
        "don’t",
        "you’re",
        "we’re",
    ]
)
QUESTION_TOPICS: tuple[tuple[str, str], ...] = (
    ("Commitment", r"\b(?:cancel|contract|commit|refund|money[- ]back|terminate|notice)\b"),
    (
        "Time to go live",
        r"\b(?:how (?:long|soon|fast|quickly)|set ?-?up|implement|get started|onboard|turnaround)\b",
    ),
    (
        "Fit with existing systems",
        r"\b(?:integrat\w*|connect\w*|API|compatible|work with|plugin|sync)\b",
    ),
    (
        "Data security",
        r"\b(?:secur\w*|safe|privacy|data (?:protection|security)|GDPR|HIPAA|encrypt\w*|complian\w*)\b",
    ),
    ("Price", r"\b(?:costs?|price[sd]?|pricing|fees?|free|pay|charge[sd]?|discounts?|plans?)\b"),
    (
        "Switching",
        r"\b(?:migrat\w*|switch\w*|import|transfer\w*|change anything|already (?:use|have))\b",
    ),
    ("Support", r"\b(?:support|train\w*|available)\b"),
    ("Control", r"\b(?:wrong|error|mistake|correct|fail|happens?)\b"),
    ("Fit", r"\b(?:right for|who is|suitable|small|size|industr\w*|which|what (?:kind|type))\b"),
)
SOFTWARE_WORDS = re.compile(
    r"\b(?:software|platform|app|SaaS|API|cloud|dashboard|integrations?|log ?in)\b", re.IGNORECASE
)
IMPERATIVE = re.compile(
    r"^(?:easily |quickly |simply |instantly |automatically |just )?(?:"
    r"access|accelerate|add|analy[sz]e|approve|ask|assess|assign|attract|audit|automate|avoid|be|block|book|boost|bring|"
    r"build|buy|call|capture|centrali[sz]e|check|choose|close|coach|collaborate|collect|compare|conduct|connect|consider|"
    r"consolidate|convert|cover|create|customi[sz]e|cut|define|delegate|deliver|deploy|design|detect|develop|discover|do|"
    r"don[’']t|drive|edit|eliminate|empower|engage|enhance|enjoy|ensure|establish|evaluate|explore|export|fight|find|"
    r"follow|forecast|free up|gain|get|give|go|grow|handle|harness|help|hire|host|identify|imagine|import|improve|increase|"
    r"integrate|join|keep|know|launch|learn|let|leverage|lower|make|manage|maximi[sz]e|measure|meet|migrate|minimi[sz]e|"
    r"monetize|monitor|move|never|nurture|offer|onboard|open|optimi[sz]e|organi[sz]e|pay|personali[sz]e|pick|plan|predict|"
    r"prevent|prioriti[sz]e|process|protect|provide|publish|put|reach|read|receive|record|recruit|reduce|remember|"
    r"replace|report|resolve|respond|rest|retain|review|run|save|say|scale|schedule|search|secure|see|select|sell|send|"
    r"set|share|ship|shop|show|sign|simplify|solve|speed|spend|spot|start|stay|stop|store|streamline|strengthen|support|"
    r"switch|tailor|take|talk|target|tell|test|think|track|train|transform|try|turn|uncover|understand|unify|unlock|use|"
    r"upload|view|visit|watch|win|work|write|bill|duplicate|"
    r"(?!\w+ing\b|is\b|are\b|for\b|with\b|from\b|to\b|in\b|on\b|of\b|by\b|all\b|when\b|if\b|as\b|and\b)\w+(?= (?:all |any of )?your\b))\b(?!ing)",
    re.IGNORECASE,
)
"""Sentences that tell the reader to do something: a feature or a slogan, never somebody's trouble."""
