"""Statistics of small cohorts: arrays in, frozen results out; no medicine, no frames.

Every function takes its data first and its options by keyword, raises
:class:`~remission.errors.NotEstimable` with the reason where a number cannot be had, and
returns a result that carries its method, its conventions and the counts it used. A name is loaded
when it is first used, so that one estimate does not load them all.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remission.statistics.anova import Anova, AnovaTerm, anova
    from remission.statistics.baseline_hazard import (
        PredictedSurvival,
        baseline_hazard,
        predicted_survival,
    )
    from remission.statistics.competing_risks import (
        CumulativeIncidence,
        IncidencePoint,
        cumulative_incidence,
    )
    from remission.statistics.contingency import (
        TestResult,
        chi_square,
        expected_counts,
        fisher_exact,
    )
    from remission.statistics.cox import Cox, cox
    from remission.statistics.cox_residuals import (
        ProportionalHazardsTest,
        SchoenfeldResiduals,
        deviance_residuals,
        martingale_residuals,
        proportional_hazards_test,
        schoenfeld_residuals,
    )
    from remission.statistics.cumulative_hazard import (
        CumulativeHazard,
        HazardPoint,
        cause_specific,
        cumulative_hazard,
    )
    from remission.statistics.describe import Summary, quantile, summarise
    from remission.statistics.exposure import KnownLater, StartStop, known_only_later, start_stop
    from remission.statistics.fine_gray import FineGray, fine_gray
    from remission.statistics.firth_cox import firth_cox
    from remission.statistics.firth_logistic import firth_logistic
    from remission.statistics.fitted import Fitted, ModelTest, Term
    from remission.statistics.friedman import Friedman, friedman
    from remission.statistics.gray import GrayTest, gray_test
    from remission.statistics.kaplan_meier import (
        KaplanMeier,
        NumbersAtRisk,
        Point,
        Quantile,
        kaplan_meier,
        median_follow_up,
    )
    from remission.statistics.landmark import Landmark, landmark
    from remission.statistics.log_rank import (
        LogRank,
        Pair,
        PairwiseLogRank,
        log_rank,
        pairwise_log_rank,
    )
    from remission.statistics.logistic import Logistic, logistic
    from remission.statistics.mantel_byar import MantelByar, mantel_byar
    from remission.statistics.means import TTest, t_test
    from remission.statistics.multi_state import (
        MultiState,
        OccupationPoint,
        TransitionProbabilities,
        multi_state,
    )
    from remission.statistics.multiplicity import Adjusted, adjust
    from remission.statistics.odds import MantelHaenszel, mantel_haenszel, odds_ratio
    from remission.statistics.outcome import Outcome
    from remission.statistics.paired_counts import mcnemar, paired_difference
    from remission.statistics.permutation import Permutation, permutation_test
    from remission.statistics.power_log_rank import LogRankPower, event_probability, power_log_rank
    from remission.statistics.power_proportions import ProportionsPower, power_proportions
    from remission.statistics.proportions import Proportion, clopper_pearson, wilson
    from remission.statistics.ranks import (
        LocationShift,
        kruskal_wallis,
        location_shift,
        mann_whitney,
    )
    from remission.statistics.resampling import Bootstrap, bootstrap
    from remission.statistics.restricted_mean import (
        Contrast,
        RestrictedMean,
        RestrictedMeanDifference,
        restricted_mean,
        restricted_mean_difference,
    )
    from remission.statistics.separation import Separation, detect_separation
    from remission.statistics.signed_rank import SignedRank, wilcoxon_signed_rank
    from remission.statistics.simon_makuch import SimonMakuch, simon_makuch
    from remission.statistics.simulated_power import SimulatedPower, simulated_power
    from remission.statistics.single_arm import SingleStage, TwoStage, simon_two_stage, single_stage
    from remission.statistics.survival_difference import SurvivalDifference, survival_difference
    from remission.statistics.transitions import Transitions, illness_death
    from remission.statistics.trend import linear_by_linear, trend_test
    from remission.statistics.two_proportions import (
        ProportionContrast,
        proportion_difference,
        proportion_ratio,
    )
    from remission.statistics.weighted import (
        WeightedLogRank,
        weighted_log_rank,
        weighted_survival_at,
    )
    from remission.statistics.weighted_cox import WeightedCox, weighted_cox

__all__ = [
    "Adjusted",
    "Anova",
    "AnovaTerm",
    "Bootstrap",
    "Contrast",
    "Cox",
    "CumulativeHazard",
    "CumulativeIncidence",
    "FineGray",
    "Fitted",
    "Friedman",
    "GrayTest",
    "HazardPoint",
    "IncidencePoint",
    "KaplanMeier",
    "KnownLater",
    "Landmark",
    "LocationShift",
    "LogRank",
    "LogRankPower",
    "Logistic",
    "MantelByar",
    "MantelHaenszel",
    "ModelTest",
    "MultiState",
    "NumbersAtRisk",
    "OccupationPoint",
    "Outcome",
    "Pair",
    "PairwiseLogRank",
    "Permutation",
    "Point",
    "PredictedSurvival",
    "Proportion",
    "ProportionContrast",
    "ProportionalHazardsTest",
    "ProportionsPower",
    "Quantile",
    "RestrictedMean",
    "RestrictedMeanDifference",
    "SchoenfeldResiduals",
    "Separation",
    "SignedRank",
    "SimonMakuch",
    "SimulatedPower",
    "SingleStage",
    "StartStop",
    "Summary",
    "SurvivalDifference",
    "TTest",
    "Term",
    "TestResult",
    "TransitionProbabilities",
    "Transitions",
    "TwoStage",
    "WeightedCox",
    "WeightedLogRank",
    "adjust",
    "anova",
    "baseline_hazard",
    "bootstrap",
    "cause_specific",
    "chi_square",
    "clopper_pearson",
    "cox",
    "cumulative_hazard",
    "cumulative_incidence",
    "detect_separation",
    "deviance_residuals",
    "event_probability",
    "expected_counts",
    "fine_gray",
    "firth_cox",
    "firth_logistic",
    "fisher_exact",
    "friedman",
    "gray_test",
    "illness_death",
    "kaplan_meier",
    "known_only_later",
    "kruskal_wallis",
    "landmark",
    "linear_by_linear",
    "location_shift",
    "log_rank",
    "logistic",
    "mann_whitney",
    "mantel_byar",
    "mantel_haenszel",
    "martingale_residuals",
    "mcnemar",
    "median_follow_up",
    "multi_state",
    "odds_ratio",
    "paired_difference",
    "pairwise_log_rank",
    "permutation_test",
    "power_log_rank",
    "power_proportions",
    "predicted_survival",
    "proportion_difference",
    "proportion_ratio",
    "proportional_hazards_test",
    "quantile",
    "restricted_mean",
    "restricted_mean_difference",
    "schoenfeld_residuals",
    "simon_makuch",
    "simon_two_stage",
    "simulated_power",
    "single_stage",
    "start_stop",
    "summarise",
    "survival_difference",
    "t_test",
    "trend_test",
    "weighted_cox",
    "weighted_log_rank",
    "weighted_survival_at",
    "wilcoxon_signed_rank",
    "wilson",
]

_MODULES = {
    "anova": ("Anova", "AnovaTerm", "anova"),
    "baseline_hazard": ("PredictedSurvival", "baseline_hazard", "predicted_survival"),
    "competing_risks": ("CumulativeIncidence", "IncidencePoint", "cumulative_incidence"),
    "contingency": ("TestResult", "chi_square", "expected_counts", "fisher_exact"),
    "cox": ("Cox", "cox"),
    "cox_residuals": (
        "ProportionalHazardsTest",
        "SchoenfeldResiduals",
        "deviance_residuals",
        "martingale_residuals",
        "proportional_hazards_test",
        "schoenfeld_residuals",
    ),
    "cumulative_hazard": ("CumulativeHazard", "HazardPoint", "cause_specific", "cumulative_hazard"),
    "describe": ("Summary", "quantile", "summarise"),
    "exposure": ("KnownLater", "StartStop", "known_only_later", "start_stop"),
    "fine_gray": ("FineGray", "fine_gray"),
    "firth_cox": ("firth_cox",),
    "firth_logistic": ("firth_logistic",),
    "fitted": ("Fitted", "ModelTest", "Term"),
    "friedman": ("Friedman", "friedman"),
    "gray": ("GrayTest", "gray_test"),
    "kaplan_meier": (
        "KaplanMeier",
        "NumbersAtRisk",
        "Point",
        "Quantile",
        "kaplan_meier",
        "median_follow_up",
    ),
    "landmark": ("Landmark", "landmark"),
    "log_rank": ("LogRank", "Pair", "PairwiseLogRank", "log_rank", "pairwise_log_rank"),
    "logistic": ("Logistic", "logistic"),
    "mantel_byar": ("MantelByar", "mantel_byar"),
    "means": ("TTest", "t_test"),
    "multi_state": ("MultiState", "OccupationPoint", "TransitionProbabilities", "multi_state"),
    "multiplicity": ("Adjusted", "adjust"),
    "odds": ("MantelHaenszel", "mantel_haenszel", "odds_ratio"),
    "outcome": ("Outcome",),
    "paired_counts": ("mcnemar", "paired_difference"),
    "permutation": ("Permutation", "permutation_test"),
    "power_log_rank": ("LogRankPower", "event_probability", "power_log_rank"),
    "power_proportions": ("ProportionsPower", "power_proportions"),
    "proportions": ("Proportion", "clopper_pearson", "wilson"),
    "ranks": ("LocationShift", "kruskal_wallis", "location_shift", "mann_whitney"),
    "resampling": ("Bootstrap", "bootstrap"),
    "restricted_mean": (
        "Contrast",
        "RestrictedMean",
        "RestrictedMeanDifference",
        "restricted_mean",
        "restricted_mean_difference",
    ),
    "separation": ("Separation", "detect_separation"),
    "signed_rank": ("SignedRank", "wilcoxon_signed_rank"),
    "simon_makuch": ("SimonMakuch", "simon_makuch"),
    "simulated_power": ("SimulatedPower", "simulated_power"),
    "single_arm": ("SingleStage", "TwoStage", "simon_two_stage", "single_stage"),
    "survival_difference": ("SurvivalDifference", "survival_difference"),
    "transitions": ("Transitions", "illness_death"),
    "trend": ("linear_by_linear", "trend_test"),
    "two_proportions": ("ProportionContrast", "proportion_difference", "proportion_ratio"),
    "weighted": ("WeightedLogRank", "weighted_log_rank", "weighted_survival_at"),
    "weighted_cox": ("WeightedCox", "weighted_cox"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


class _Names(ModuleType):
    """This package: its names are functions and results, also where a module has the same name.

    Python binds a module to its package when it is loaded, which would hide ``log_rank`` the
    function behind ``log_rank`` the module.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Names


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"remission.statistics has no {name!r}.")
    found = getattr(import_module(f"remission.statistics.{_HOME[name]}"), name)
    globals()[name] = found
    return found
