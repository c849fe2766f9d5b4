"""What the API's documentation shows of target accounts, personas and campaigns: their own fields.

Everything is about one invented company, Acme, which plans delivery routes.
"""

from __future__ import annotations

from typing import Any

ACCOUNT: dict[str, Any] = {
    "name": "Dispatch teams at regional food wholesalers",
    "description": "Food wholesalers with 20 to 80 vans that deliver before noon and still plan "
    "their routes the evening before. Every late order turns the plan over.",
    "profile_insights": [
        "Delivery windows: Kitchens take goods before eleven, so the morning decides the day.",
        "Own fleet: They run their own vans and drivers rather than a carrier's.",
        "Planning today: One or two people plan in spreadsheets and by telephone.",
    ],
    "strengths": [
        "Late orders every morning: Live re-planning changes routes while drivers are on the road.",
        "Drivers without a desk: The driver app shows the next stop on a telephone.",
        "Disputed deliveries: Proof of delivery ends the argument about missing crates.",
    ],
    "challenges": [
        "Plans that are old at six: One late order makes the first three routes wrong.",
        "Empty kilometres: Vans pass each other because nobody sees both routes.",
        "Calls all morning: Dispatchers answer drivers instead of planning.",
    ],
    "opportunities": [
        "Second depot: Two places to start from double the routes that have to fit together.",
        "Twenty vans: From about this size on one person cannot hold the plan in mind.",
        "Cold chain records: Customers ask for the time and temperature of every stop.",
    ],
    "approach_strategy": [
        "Start with dispatch: The head of dispatch has the problem on the table every morning.",
        "Lead with late orders: Ask what happens to the plan when a kitchen orders at five.",
        "Leave prices for later: Paid per vehicle is easy to explain once a day has been saved.",
    ],
    "disqualifiers": [
        "All deliveries are made by parcel carriers.",
        "Fewer than ten vans.",
    ],
    "firmographics": {
        "industry": ["Food & Beverage Wholesale", "Food Distribution"],
        "employees": "50-500",
        "department_size": "2-8",
        "revenue": "$10M-$100M",
        "geography": ["Germany", "Netherlands"],
        "business_model": ["B2B"],
        "funding_stage": [],
        "company_type": ["Privately Held"],
        "keywords": ["food wholesale", "own fleet", "daily delivery"],
    },
    "buying_signals": [
        {
            "title": "Openings for dispatchers in two places",
            "description": "A second place of work means a second depot and routes that must fit.",
            "type": "Company Data",
            "priority": "High",
            "detection_method": "Company careers page: openings for dispatchers in two towns",
        },
        {
            "title": "New depot announced",
            "description": "Routes are planned anew in any case.",
            "type": "News",
            "priority": "High",
            "detection_method": "Local newspapers: company name with depot or warehouse",
        },
        {
            "title": "Order deadline moved later",
            "description": "Later orders leave less time to plan.",
            "type": "Website",
            "priority": "Medium",
            "detection_method": "Ordering page: the hour until which one can order for tomorrow",
        },
        {
            "title": "Driver reviews mention routes",
            "description": "Drivers feel bad plans first.",
            "type": "Social Media",
            "priority": "Low",
            "detection_method": "Employer reviews: the words route, plan or overtime",
        },
    ],
}

PERSONA: dict[str, Any] = {
    "name": "Head of dispatch",
    "description": "Answers for every van that leaves the yard, and is called when one is late.",
    "persona_insights": [
        "Answers for: Punctual stops and the kilometres that were driven for them.",
        "Reports to: The managing director or the head of operations.",
        "Measured by: Stops on time, and what a stop costs.",
    ],
    "pain_points": [
        "The plan is wrong at six: A late order turns over what took the evening.",
        "The telephone: Drivers ask where to go, customers ask where the van is.",
        "No proof: A crate is missing and nobody can say where it was left.",
    ],
    "motivations": [
        "A quiet morning: Planning once and looking after the exceptions only.",
        "Fewer kilometres: A figure that the managing director understands.",
        "Drivers who stay: Nobody likes to be sent across town twice.",
    ],
    "communication_style": [
        "Early: Reads before six and after two, never in between.",
        "Plain: Uses stop, round and van, and distrusts the word optimisation.",
        "Shown, not told: Believes yesterday's routes on a map.",
    ],
    "decision_factors": [
        "Drivers accept it: One telephone, one screen, no typing.",
        "It knows the windows: Delivery times of every kitchen are respected.",
        "It starts small: One depot for one week without a contract.",
    ],
    "objections": [
        "Experience: No program knows our kitchens as we do.",
        "Drivers: They will not use another app.",
        "Addresses: Half of our delivery points have no proper address.",
    ],
    "purchase_journey": [
        "First doubt: A new depot, or the planner gives notice.",
        "Own trial: Yesterday's orders are planned again and compared.",
        "Approval: The managing director asks what a van costs a month.",
    ],
    "demographics": {
        "job_titles": ["Head of Dispatch", "Transport Manager"],
        "departments": ["Logistics"],
        "seniority": ["Manager", "Director"],
        "buying_roles": ["Champion", "Decision Maker"],
        "job_description_keywords": ["route planning", "driver scheduling", "delivery windows"],
    },
    "use_cases": [
        {
            "use_case": "Late orders",
            "pain_point": "One order at five makes the first three routes wrong",
            "capability": "Live re-planning while drivers are on the road",
            "desired_outcome": "Late orders are delivered without a call to a driver",
        },
        {
            "use_case": "Guiding drivers",
            "pain_point": "Drivers call to ask for the next stop",
            "capability": "A driver app that shows the next stop and reports delays",
            "desired_outcome": "Fewer calls between six and eleven",
        },
        {
            "use_case": "Missing crates",
            "pain_point": "Nobody can say where a crate was left",
            "capability": "Proof of delivery with a photo or a signature at every stop",
            "desired_outcome": "Claims are answered on the same day",
        },
    ],
    "buying_signals": [
        {
            "title": "New in the role",
            "description": "Somebody who has just begun changes how planning is done.",
            "type": "Social Media",
            "priority": "High",
            "detection_method": "LinkedIn: head of dispatch since less than 90 days",
        },
        {
            "title": "Looking for a second planner",
            "description": "The plan no longer fits into one head.",
            "type": "Company Data",
            "priority": "High",
            "detection_method": "Company careers page: openings for a route planner",
        },
        {
            "title": "Asks about telematics",
            "description": "Vans are being fitted with devices, so the data for plans is coming.",
            "type": "Social Media",
            "priority": "Medium",
            "detection_method": "LinkedIn: posts by the person about telematics or tracking",
        },
        {
            "title": "Delivery times published",
            "description": "Promised windows have to be kept.",
            "type": "Website",
            "priority": "Low",
            "detection_method": "Customer page: delivery windows by district",
        },
    ],
}

EMAIL: dict[str, Any] = {
    "subject": "late orders at the new depot",
    "alternative_subjects": ["two depots, one plan", "orders after five"],
    "segments": [
        {"id": "s1", "type": "greeting", "text": "Hi {{first_name}},"},
        {
            "id": "s2",
            "type": "intro",
            "text": "{{company_name}} is hiring dispatchers in two places, which usually means a "
            "second depot.",
        },
        {
            "id": "s3",
            "type": "pain-point",
            "text": "That is when a late order at five makes three routes wrong instead of one, "
            "and your drivers call to ask where to go.",
        },
        {
            "id": "s4",
            "type": "company-intro",
            "text": "Acme changes the routes while your drivers are on the road. They see the next "
            "stop on a telephone.",
        },
        {
            "id": "s5",
            "type": "cta",
            "text": "Would it be worth a look at what yesterday's orders would have become?",
        },
        {"id": "s6", "type": "signature", "text": "Kind regards,\nthe Acme team"},
    ],
    "variant": {
        "subject": "where the crate was left",
        "body": "Hi {{first_name}},\n\nTwo depots mean twice as many doors where a crate can be "
        "left.\n\nWhen a kitchen says that one is missing, somebody on your team calls the driver, "
        "and the driver has to remember.\n\nWith Acme every stop at {{company_name}} ends with a "
        "photo or a signature, so you answer a claim while the kitchen is still on the line."
        "\n\nIs that something you argue about in the mornings?\n\nKind regards,\nthe Acme team",
    },
    "follow_ups": [
        {
            "subject": "a quieter morning",
            "body": "Hi {{first_name}},\n\nYour drivers can see the next stop on their telephone, "
            "and say there that they are late. That is one call less for each stop.\n\nWould fewer "
            "calls before eleven be worth a thought?",
            "wait_days": 4,
        }
    ],
}

CAMPAIGN: dict[str, Any] = {
    "name": "E-mail to heads of dispatch about late orders",
    "description": "Heads of dispatch at food wholesalers that open a second depot, on late "
    "orders.",
    "campaign_type": "email",
    "email_content": EMAIL,
    "linkedin_content": None,
    "call_script": None,
    "ad_content": None,
    "insights": [
        "Second depot: It shows from outside and makes the present way of planning fail.",
        "Mornings: What hurts happens between five and eleven, so that is what is spoken of.",
    ],
    "messaging_strategy": [
        "First: The second depot and what it does to late orders.",
        "Later: The driver app and proof of delivery, one in each follow-up.",
        "Never: Optimisation, which this reader distrusts.",
    ],
    "channel_strategy": [
        "E-mail: Sent so that it is there before six or after two.",
        "LinkedIn: A request to connect on the day after, without a pitch.",
    ],
    "content_variations": [
        "Opening: The hour until which customers may order instead of the depot.",
        "Call to action: One depot for one week instead of yesterday's orders.",
    ],
    "optimization_tips": [
        "Replies: Count answers of any kind; none in 50 means that the opening is wrong.",
        "Questions: When they ask for the price first, name it in the next follow-up.",
        "Bounces: More than three in a hundred mean that the list is old.",
    ],
}
