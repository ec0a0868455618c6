"""The sample company's price list, people and places: the constants of an invented world, not policy of Naruki."""

from __future__ import annotations

PLANS = ("trial", "starter", "pro", "enterprise")
"""Tiers of the price list, cheapest first."""
PLAN_IDS = ("plan_free_trial", "plan_starter", "plan_pro", "plan_enterprise")
MONTHLY_JPY = (0, 1500, 3200, 6500)
"""Price of a seat and month in yen (JPY has no minor unit)."""
MONTHLY_USD_CENTS = (0, 1200, 2500, 5200)
USD_JPY = 150.0
"""Yen per dollar of the sample's world; used to compare sizes and in the truth."""

INTERVALS = ("month", "quarter", "year")
INTERVAL_MONTHS = (1, 3, 12)
INTERVAL_PRICE_FACTOR = (1.0, 0.95, 0.85)

TIERS = ("none", "tech", "low", "high")
TIER_HAZARD_MULTIPLIER = (1.0, 0.95, 0.85, 0.70)
"""True effect of each touch tier on the monthly churn hazard."""

ANNUAL_CHURN = {"individual": 0.125, "starter": 0.088, "pro": 0.062, "enterprise": 0.04}
"""Yearly churn of an average customer of each segment, before satisfaction, growth, tenure and touch."""
INVOLUNTARY_MONTHLY = 0.0012
"""Monthly chance that a card payer is lost to a failed payment."""
MARGIN_RATE = 0.80
DISCOUNT_YEARLY = 0.10
HORIZON_MONTHS = 36

ZONES = (
    "Asia/Tokyo",
    "America/New_York",
    "America/Los_Angeles",
    "Europe/London",
    "Asia/Singapore",
    "Australia/Sydney",
)
ZONE_COUNTRY = ("JP", "US", "US", "GB", "SG", "AU")
ZONE_SHARE = (0.74, 0.08, 0.06, 0.05, 0.04, 0.03)

INDUSTRIES = ("manufacturing", "retail", "it_services", "finance", "education", "healthcare", "media", "construction")
INDUSTRY_SHARE = (0.20, 0.18, 0.17, 0.10, 0.10, 0.09, 0.09, 0.07)
CHANNELS = ("search", "ad", "referral", "exhibition", "partner", "community")
CHANNEL_SHARE = (0.32, 0.22, 0.18, 0.12, 0.10, 0.06)

FEATURES = (
    "login",
    "view_dashboard",
    "edit_record",
    "search",
    "create_report",
    "share_link",
    "comment",
    "import_data",
    "export_csv",
    "mobile_open",
    "run_automation",
    "api_call",
    "invite_user",
    "view_upgrade_page",
)
"""What users do in the product, in the order in which customers take it up."""

TOPICS = (
    "how_to",
    "login",
    "billing",
    "bug",
    "integration",
    "data_export",
    "feature_request",
    "contract",
    "performance",
    "cancellation",
    "outage",
)
TOPIC_SHARE = (0.30, 0.20, 0.16, 0.10, 0.07, 0.045, 0.045, 0.03, 0.03, 0.015, 0.005)
TOPIC_HANDLE_SECONDS = (900, 420, 720, 2400, 3000, 1200, 900, 900, 2200, 600, 480)
"""Mean work of a ticket of each topic for a customer of average difficulty."""
TOPIC_OURS = (0.0, 0.05, 0.12, 0.60, 0.10, 0.05, 0.0, 0.0, 0.50, 0.0, 1.0)
"""Share of the everyday tickets of each topic that our own faults cause."""

CHURN_REASONS = (
    "price",
    "missing_feature",
    "too_difficult",
    "support_quality",
    "quality_issues",
    "switched_competitor",
    "business_closed",
    "project_ended",
)
CHURN_REASON_CONTROLLABLE = (True, True, True, True, True, True, False, False)
