"""Statistics of small cohorts: arrays in, frozen results out; no medicine, no frames.

Every function takes its data first and its options by keyword, raises
:class:`~remission.errors.NotEstimable` with the reason where a number cannot be had, and
returns a result that carries its method, its conventions and the counts it used.
"""

from remission.statistics.competing_risks import (
    CumulativeIncidence,
    IncidencePoint,
    cumulative_incidence,
)
from remission.statistics.contingency import TestResult, chi_square, expected_counts, fisher_exact
from remission.statistics.describe import Summary, quantile, summarise
from remission.statistics.kaplan_meier import (
    KaplanMeier,
    NumbersAtRisk,
    Point,
    Quantile,
    kaplan_meier,
    median_follow_up,
)
from remission.statistics.log_rank import (
    LogRank,
    Pair,
    PairwiseLogRank,
    log_rank,
    pairwise_log_rank,
)
from remission.statistics.outcome import Outcome
from remission.statistics.proportions import Proportion, clopper_pearson, wilson
from remission.statistics.ranks import kruskal_wallis, mann_whitney
from remission.statistics.restricted_mean import (
    Contrast,
    RestrictedMean,
    RestrictedMeanDifference,
    restricted_mean,
    restricted_mean_difference,
)
from remission.statistics.survival_difference import SurvivalDifference, survival_difference
from remission.statistics.weighted import (
    WeightedLogRank,
    weighted_log_rank,
    weighted_survival_at,
)

__all__ = [
    "Contrast", "CumulativeIncidence", "IncidencePoint", "KaplanMeier", "LogRank",
    "NumbersAtRisk", "Outcome", "Pair", "PairwiseLogRank", "Point", "Proportion", "Quantile",
    "RestrictedMean", "RestrictedMeanDifference", "Summary", "SurvivalDifference", "TestResult",
    "WeightedLogRank", "chi_square", "clopper_pearson", "cumulative_incidence", "expected_counts",
    "fisher_exact", "kaplan_meier", "kruskal_wallis", "log_rank", "mann_whitney",
    "median_follow_up", "pairwise_log_rank", "quantile", "restricted_mean",
    "restricted_mean_difference", "summarise", "survival_difference", "weighted_log_rank",
    "weighted_survival_at", "wilson",
]
