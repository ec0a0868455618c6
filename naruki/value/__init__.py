"""What a customer is worth, how sure that is, and why.

Under contract: retention curves (sBG, BdW) and a landmark hazard. Without: BG/NBD and Gamma-Gamma. Then lifetime value
with exact quantiles, checks against what came, and reasons as sentences. Pure functions on arrays and Arrow tables.
"""

from naruki.value.association import Association, e_value, supported_association
from naruki.value.contractual import BdwFit, SbgFit, fit_bdw, fit_bdw_at_risk, fit_sbg, fit_sbg_at_risk
from naruki.value.daily import ValueDay, ValueInputs, ValuePolicy, value_day
from naruki.value.growth import GrowthModel
from naruki.value.hazard import HazardModel, Survival
from naruki.value.honesty import Check, Outcomes, backtest_report, honesty_checks
from naruki.value.lifetime import LifetimeValue, annuity, lifetime_value, monthly_rate
from naruki.value.lookback import Backtest, backtest
from naruki.value.panel import Panel, make_panel, split_by_time
from naruki.value.pipeline import TrainedModel, score, train
from naruki.value.power import detectable_difference, sample_size_two_proportions
from naruki.value.reasons import Feature, Reasons, read_catalogue, top_reasons
from naruki.value.settings import ValueSettings
from naruki.value.shrinkage import ShrunkRates, shrink_rates, value_by_attribute
from naruki.value.spend import GammaGammaFit, fit_gamma_gamma
from naruki.value.transactional import BgNbdFit, fit_bgnbd
from naruki.value.validation import Promotion, auc, calibration, gini, leaking_features, promote

__all__ = [
    "Association",
    "Backtest",
    "BdwFit",
    "BgNbdFit",
    "Check",
    "Feature",
    "GammaGammaFit",
    "GrowthModel",
    "HazardModel",
    "LifetimeValue",
    "Outcomes",
    "Panel",
    "Promotion",
    "Reasons",
    "SbgFit",
    "ShrunkRates",
    "Survival",
    "TrainedModel",
    "ValueDay",
    "ValueInputs",
    "ValuePolicy",
    "ValueSettings",
    "annuity",
    "auc",
    "backtest",
    "backtest_report",
    "calibration",
    "detectable_difference",
    "e_value",
    "fit_bdw",
    "fit_bdw_at_risk",
    "fit_bgnbd",
    "fit_gamma_gamma",
    "fit_sbg",
    "fit_sbg_at_risk",
    "gini",
    "honesty_checks",
    "leaking_features",
    "lifetime_value",
    "make_panel",
    "monthly_rate",
    "promote",
    "read_catalogue",
    "sample_size_two_proportions",
    "score",
    "shrink_rates",
    "split_by_time",
    "supported_association",
    "top_reasons",
    "train",
    "value_by_attribute",
    "value_day",
]
