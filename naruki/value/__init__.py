"""What a customer is worth, how sure that is, and why.

Under contract: retention curves (sBG, BdW) and a landmark hazard. Without: BG/NBD and Gamma-Gamma. Then lifetime value
with exact quantiles, honest checks against what came, and reasons as sentences. Pure functions on arrays and Arrow tables.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from naruki.value.association import Association, e_value, supported_association
    from naruki.value.contractual import BdwFit, SbgFit, fit_bdw, fit_bdw_at_risk, fit_sbg, fit_sbg_at_risk
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

# Looked up on first use, so that naming the package does not cost the second that scipy takes to load.
_HOME = {
    "association": ("Association", "e_value", "supported_association"),
    "lookback": ("Backtest", "backtest"),
    "contractual": ("BdwFit", "SbgFit", "fit_bdw", "fit_bdw_at_risk", "fit_sbg", "fit_sbg_at_risk"),
    "growth": ("GrowthModel",),
    "hazard": ("HazardModel", "Survival"),
    "honesty": ("Check", "Outcomes", "backtest_report", "honesty_checks"),
    "lifetime": ("LifetimeValue", "annuity", "lifetime_value", "monthly_rate"),
    "panel": ("Panel", "make_panel", "split_by_time"),
    "pipeline": ("TrainedModel", "score", "train"),
    "power": ("detectable_difference", "sample_size_two_proportions"),
    "reasons": ("Feature", "Reasons", "read_catalogue", "top_reasons"),
    "settings": ("ValueSettings",),
    "shrinkage": ("ShrunkRates", "shrink_rates", "value_by_attribute"),
    "spend": ("GammaGammaFit", "fit_gamma_gamma"),
    "transactional": ("BgNbdFit", "fit_bgnbd"),
    "validation": ("Promotion", "auc", "calibration", "gini", "leaking_features", "promote"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
