"""Patterns for accounts, personas and campaigns. Tables only, English where they are of words.

What sentences of a company's site give away is in ``cues.py``.
"""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re

from blossomer.services.basic_analysis.cues import ORGANISATIONS

NOTHING_KNOWN = re.compile(
    r": (?:not |no |none |nothing )|pages read do not|not known|too little text|not stated outright"
)
VOICE = re.compile(r"^[“\"„«]|\b(?:I|we|our|my|us|me|I[’']\w+|we[’']\w+)\b", re.IGNORECASE)
ASIDE = re.compile(r"\b(?:integrations?|security|support|pricing|API|compliance)\b", re.IGNORECASE)
OF_SELLER = re.compile(r"\b(?:we|our|us|founded|established)\b", re.IGNORECASE)
ADDRESSED = re.compile(r"(?:for|für)\s", re.IGNORECASE)
SOLVES = re.compile(
    r"\b(?:reduc|eliminat|automat|simplif|streamlin|help|enabl|ensur|allow|sav(?:e|es|ing)\b|prevent|protect|"
    r"solv|solution|built for|designed for|should|must\b|can be|improv|accelerat)|^(?:no more|with )",
    re.IGNORECASE,
)
SUFFERS = re.compile(
    r"\b(?:most|many|too (?:many|much|often)|struggl\w*|los(?:e|es|ing|t)|wast\w+|still|by hand|used to|"
    r"difficult|hard to|frustrat\w*|costly|errors?|mistakes?|never|challeng\w+|problems?|pains?|bottlenecks?|"
    r"complex|delay\w*|late|slow\w*|wrong|expensive|silos?|scattered|fragmented|outdated|manual(?:ly)?|"
    r"spreadsheets?|shortages?|stress\w*|burdens?|overwhelm\w*|risky?|penalt\w+)\b",
    re.IGNORECASE,
)
SALES_WORD = re.compile(r"^(?:(?:free|best|top|leading|simple|powerful|the|#1)\s+)+", re.IGNORECASE)
RESULT = re.compile(r",?\s+(?:so(?: that)?|which means|and so)\s+(?P<outcome>[^.;]{15,200})\.?$")
PRAISE = re.compile(
    r"(?:recogni[sz]ed|rated|named|ranked|trusted by|loved by|voted)\b", re.IGNORECASE
)
BENEFIT = re.compile(
    r"\b(?:proven|savings?|efficien\w*|success|trust cent\w+|sustainab\w*|award\w*|best|faster|better|easy|easier|"
    r"simple|new|top|affordable|quality|results?|benefits?|experience|smarter|powerful|great|free|more|less)\b",
    re.IGNORECASE,
)
"""Titles that praise instead of naming what there is."""
SYSTEM = re.compile(
    r"\b(?:SAP(?: [A-Z0-9/]+)?|Microsoft Dynamics(?: \d+)?|Oracle NetSuite|NetSuite|Oracle|Salesforce|"
    r"HubSpot|Slack|Microsoft Teams|Zapier|QuickBooks|Xero|Shopify|WooCommerce|Magento|Stripe|"
    r"WordPress|Jira|GitHub|GitLab|Zendesk|Intercom|Workday|ServiceNow|Snowflake|BigQuery|Databricks|"
    r"Google (?:Workspace|Calendar|Analytics|Ads|Drive|Sheets|Cloud)|Microsoft 365|Office 365|Outlook|"
    r"Excel|AWS|Azure|Kubernetes|Okta|Marketo|Mailchimp|Sage|DATEV|Epic|Cerner|Procore|Yardi)\b"
)
LEAST = re.compile(
    r"(?:from|above|over|more than|at least)\s(?:about\s|around\s)?(?P<least>\d[\d,.]*\+?\s[^.,;]{3,50})",
    re.IGNORECASE,
)
FOR_WHOM = re.compile(
    r"\b(?:for|helps?|helping|serves?|serving|empowers?|enables?|trusted by|used by)\ "
    r"(?P<kind>(?:(?!(?:for|helps?|that|who|which|with|and|or|in|of|your|our|their|these|those|"
    r"to|the|a|an|you|us|we|is|are|from|by|designed|built|made|looking|focused|ideal|it|they|as|not)\b)[\w&’'-]+\ ){0,3}"
    + ORGANISATIONS
    + r"\b"
    r"(?:\ (?:and|&)\ (?:[\w-]+\ ){0,1}" + ORGANISATIONS + r"\b)?)",
    re.IGNORECASE | re.VERBOSE,
)
EMPTY_START = re.compile(
    r"^(?:all|every|any|many|most|some|other|more|thousands of|hundreds of|millions of|over|"
    r"leading|top|great|today[’']s|modern|busy|both|new|\d\S*)\s+",
    re.IGNORECASE,
)
UNFIT = re.compile(
    r"""[{}<>|@?]|https?:|www\.|\b(?:best|leading|world[- ]class|cutting[- ]edge|game[- ]chang\w+|revolution\w+|
    seamless\w*|synerg\w+|leverag\w+|unlock\w*|supercharge\w*|unparalleled|guarantee\w*|free|amazing|incredible|
    greatest|fastest|easiest|ultimate|perfect|award\w*|number\ one|\#1|transform\w*|
    empower\w*|elevate|robust|state[- ]of[- ]the[- ]art|next[- ]gen\w*|holistic|innovative|streamlin\w+|delight\w*|
    forever|today\ only|click|buy|cheap|act\ now|100\s?%|risk[- ]free|touch\ base|noticed|hope|just)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that a filter, a linter or a reader holds against an e-mail, and marks that break one."""
