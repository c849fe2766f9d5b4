"""Words that have a capital and name no customer: the exceptions of the rule about names."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDINARY_CAPITALS = _words(
    # Days, months, feasts.
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays "
    "Thursdays Fridays Saturdays Sundays January February March April May June July August "
    "September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec "
    "Christmas Easter Thanksgiving Ramadan Diwali "
    # Places and peoples. They say where somebody works, not for whom.
    "Europe European Europeans America American Americans Africa African Asia Asian Australia "
    "Australian Austria Austrian Belgium Belgian Brazil Brazilian Britain British Canada Canadian "
    "China Chinese Denmark Danish England English Finland Finnish France French Germany German "
    "Germans India Indian Ireland Irish Israel Israeli Italy Italian Japan Japanese Korea Korean "
    "Mexico Mexican Netherlands Dutch Norway Norwegian Poland Polish Portugal Portuguese Scotland "
    "Scottish Singapore Spain Spanish Sweden Swedish Swiss Switzerland Turkey Turkish Ukraine "
    "Nordic Nordics Benelux Baltic Scandinavia Scandinavian Midwest Latin Atlantic Pacific North "
    "South East West Northern Southern Eastern Western London Paris Berlin Munich Hamburg Vienna "
    "Zurich Amsterdam Dublin Madrid Milan Stockholm Copenhagen Oslo York Boston Chicago Austin "
    "Texas California Ohio Florida Seattle Denver Toronto San Francisco Angeles Sydney Tokyo "
    "United States Kingdom Union "
    # Abbreviations of business and technology.
    "B2B B2C D2C SaaS PaaS IaaS AI ML LLM API APIs CRM ERP CMS CDP ATS HRIS HRMS WMS TMS MES PIM "
    "PLM BI ETL SQL CSV PDF XML JSON HTML URL SEO SEM PPC CTR CPC CPA CAC LTV ARR MRR ARPU NRR GRR "
    "ACV TCV NPS CSAT KPI OKR ROI ROAS TCO EBITDA GMV SKU BOM RFP RFQ RFI PO NDA MSA DPA SLA SLO "
    "SOP QA QC IT HR PR FAQ FAQs DIY USA US UK EU EMEA APAC DACH LATAM GDPR CCPA HIPAA SOC ISO PCI "
    "VAT IFRS GAAP CSRD ESG MFA SSO VPN IoT OEM VAR MSP SMB SMBs SME SMEs GTM SDR BDR AE AM CSM "
    "RevOps DevOps FinOps MLOps CEO CFO CTO COO CIO CISO CMO CRO CPO CHRO VP SVP EVP GM PM EOD EOW "
    "ETA FYI PS TV OK WiFi Wi-Fi iOS Series Q1 Q2 Q3 Q4 H1 H2 FY Covid COVID NHS VC PE POS ID "
    # Functions and titles.
    "Head Director Chief Officer President Vice Manager Lead Senior Junior Founder Owner Partner "
    "Sales Marketing Finance Operations Ops Engineering Product Customer Success Support Legal "
    "Procurement Purchasing Logistics Revenue People Growth Data Security Human Resources "
    "Development Business Account Executive Engineer Controller Financial Technology Information "
    "Analyst Specialist Coordinator Consultant Administrator Architect Planner Buyer Designer "
    "Developer Representative Supervisor Superintendent Dispatcher Auditor Counsel Clerk Team "
    "Commercial Supply Chain Board Mr Mrs Ms Dr Prof "
    # What the post is written with, and the weeks of a calendar.
    "Internet Web Black Friday Cyber Act Article"
)
"""Written with a capital wherever they stand."""

EVERYDAY_NAMES = _words(
    "Excel Word PowerPoint Outlook Google Gmail Slack Teams Zoom LinkedIn WhatsApp Windows "
    "Office Sheets Docs Drive Salesforce HubSpot SAP Jira Notion Airtable Trello Asana Shopify "
    "Stripe QuickBooks Xero NetSuite Workday Microsoft Apple Android iPhone Linux GitHub Zapier "
    "PayPal Amazon AWS Azure Facebook Instagram YouTube Kafka Kubernetes Python Java"
)
"""Tools that everybody has; names only where they are said to be customers."""

COMMON_STARTS = _words(
    "A About Above Across Actually After Again Against All Almost Already Also Although Always "
    "An And Another Any Anyone Anything Are As Asking At Back Bad Because Before Behind Being "
    "Below Best Better Between Both But By Can Cheap Check Companies Consider Could Curious "
    "Customers Did Do Does Done Don't Down During Each Early Easy Either Else Email Emails "
    "Enough Even Every Everyone Everything Few Fewer Finally Finance Find First Five Fixing For "
    "Four Free From Full Get Give Given Glad Go Good Great Growth Had Half Happy Hard Has Have "
    "Having He Hello Help Her Here Hey Hi High Hire His How However Hope I If Imagine In Inside "
    "Instead Interested Into Invoices Is It Its Just Keep Know Larger Last Late Later Less Let "
    "Like Likely Little Long Look Low Made Mail Make Managers Many Marketing Maybe Me Might "
    "More Most Much Must My Near Nearly Need Neither Never New Next Nice No Nobody None Nor Not "
    "Nothing Noticed Now Of Off Often Old On Once One Only Open Operations Or Other Others Our "
    "Out Over Own People Per Perhaps Plants Please Plus Possible Probably Quick Quite Rather "
    "Ready Right Sales Same Saw See Seven She Should Since Six Small Smaller So Some Someone "
    "Something Soon Sorry Stop Still Such Sure Take Talk Teams Ten Than Thank Thanks That The "
    "Their Them Then There These They Things Think This Those Though Three Through Thus Till "
    "Time To Today Together Tomorrow Too Top Twice Two Under Unless Until Up Upon Us Use Used "
    "Usually Very Want Was We Well Were What Whatever When Whenever Where Wherever Whether "
    "Which While Who Whoever Whose Why Will With Within Without Work Worth Would Year Yes "
    "Yesterday Yet You Your Budget Hiring Support Engineering Legal Leadership Management "
    "Security Compliance Procurement Everybody Nine Eight Twelve Month Week Friends Beyond "
    "Despite Except Unlike Regarding Winter Summer Spring Autumn Software Data Money Cash "
    "Demand Supply Production Maintenance Planning Accounting Payroll Staff Headcount "
    "Recruiting Onboarding Service Quality Shipping Revenue Product Nurses Doctors Shall Ask "
    "Meet Try Read Visit Compare Say Send Reply Start Run Add Tell Show Set Put Move Turn Watch "
    "Picture Trust Leave Bring Call Come Cut Feel Follow Hand Hear Hold Learn Lose Mention Pay "
    "Pick Plan Play Save Sell Spend Stay Sign Speak Write Win Build Buy Change Choose Drop "
    "Forget Join Fair Simple Short True Wrong Real Rare Drivers Planners Warehouses Buyers "
    "Sellers Reps Leads Leaders Founders Owners Directors Firms Brands Clients Users Engineers "
    "Developers Operators Suppliers Vendors Partners Agencies Banks Hospitals Schools Stores "
    "Shops Factories Carriers Orders Deals Tickets Reports Meetings Audits Deadlines Contracts "
    "Prices Costs Margins Rules Regulators Auditors Dear Otherwise Therefore Meanwhile Overall "
    "Somewhere Sometimes Nowadays Lately Recently"
)
"""Words that often begin a sentence and are no names."""
