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
from remission.statistics.kaplan_meier import KaplanMeier, Point, kaplan_meier, median_follow_up
from remission.statistics.log_rank import LogRank, log_rank
from remission.statistics.odds import MantelHaenszel, mantel_haenszel, odds_ratio
from remission.statistics.outcome import Outcome
from remission.statistics.paired_counts import mcnemar, paired_difference
from remission.statistics.proportions import Proportion, clopper_pearson, wilson
from remission.statistics.ranks import kruskal_wallis, mann_whitney
from remission.statistics.trend import linear_by_linear, trend_test
from remission.statistics.two_proportions import (
    Contrast,
    proportion_difference,
    proportion_ratio,
)

__all__ = [
    "Contrast", "CumulativeIncidence", "IncidencePoint", "KaplanMeier", "LogRank", "MantelHaenszel",
    "Outcome", "Point", "Proportion", "Summary", "TestResult", "chi_square", "clopper_pearson",
    "cumulative_incidence", "expected_counts", "fisher_exact", "kaplan_meier", "kruskal_wallis",
    "linear_by_linear", "log_rank", "mann_whitney", "mantel_haenszel", "mcnemar",
    "median_follow_up", "odds_ratio", "paired_difference", "proportion_difference",
    "proportion_ratio", "quantile", "summarise", "trend_test", "wilson",
]
