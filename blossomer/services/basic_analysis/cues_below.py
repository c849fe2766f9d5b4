"""The words by which sentences speak of a size and of change. Tables only, as in ``cues.py``."""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

from blossomer.services.basic_analysis.cues import table

THRESHOLD = table(
    (
        r"\b(?:from|above|over|more\ than|at\ least|as\ few\ as|between|up\ to)\ (?:about\ |around\ )?\d[\d,.]*\+?\ (?!%|percent)(?:\w+\ ){0,2}"
        r"(?:employees|people|users|invoices|orders|vans|vehicles|sites|stores|locations|units|properties|customers|"
        r"tickets|transactions|seats|students|patients|beds|rooms|agents|devices|shipments|projects)\b",
        3,
    ),
    (
        r"\b(?:pays?\ off|makes\ sense|worth\ it|right\ size|ideal\ for|best\ for|suited\ to|outgrow\w*)\b",
        2,
    ),
    (r"\b\d[\d,.]*\+?\ (?:\w+\ )?(?:a|per)\ (?:month|week|day|year)\b", 1),
    (r"\b(?:we|our)\ (?:have|are|team|founded)|\bfounded\b|\byears\ of\b", -3),
)

CHANGE = table(
    (r"\b(?:chang(?:e|es|ed|ing)|shift\w*|transition\w*|transform\w*)\b", 1.5),
    (
        r"\b(?:every\ (?:week|month|quarter|year)|more\ than\ ever|no\ longer|rising|increasingly|growing\ (?:demand|pressure|number))\b",
        1.5,
    ),
    (
        r"\b(?:regulat\w+|new\ (?:law|rule|requirement)s?|deadline|mandat\w+|complian\w+|directive|act\ of)\b",
        2,
    ),
    (
        r"\b(?:expand\w*|scal(?:e|es|ing)|grow(?:s|ing|th)?|moderni[sz]\w+|digiti[sz]\w+|remote|merger|acquisition)\b",
        1,
    ),
    (
        r"\b(?:price|cost|demand|shortage|inflation|competition)\w*\b.{0,30}\b(?:ris|increas|grow)\w*",
        2,
    ),
    (
        r"\b(?:change|exchange)\ (?:your|the)\ (?:password|choice|settings|address|mind)\b|\bto\ change\ that\b",
        -4,
    ),
)
