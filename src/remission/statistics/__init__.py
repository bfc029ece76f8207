"""Statistics of small cohorts: arrays in, frozen results out; no medicine, no frames.

Every function takes its data first and its options by keyword, raises
:class:`~remission.errors.NotEstimable` with the reason where a number cannot be had, and
returns a result that carries its method, its conventions and the counts it used.
"""

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
from remission.statistics.contingency import TestResult, chi_square, expected_counts, fisher_exact
from remission.statistics.cox import Cox, cox
from remission.statistics.cox_residuals import (
    ProportionalHazardsTest,
    SchoenfeldResiduals,
    deviance_residuals,
    martingale_residuals,
    proportional_hazards_test,
    schoenfeld_residuals,
)
from remission.statistics.describe import Summary, quantile, summarise
from remission.statistics.firth_cox import firth_cox
from remission.statistics.firth_logistic import firth_logistic
from remission.statistics.fitted import Fitted, ModelTest, Term
from remission.statistics.kaplan_meier import KaplanMeier, Point, kaplan_meier, median_follow_up
from remission.statistics.log_rank import LogRank, log_rank
from remission.statistics.logistic import Logistic, logistic
from remission.statistics.outcome import Outcome
from remission.statistics.proportions import Proportion, clopper_pearson, wilson
from remission.statistics.ranks import kruskal_wallis, mann_whitney
from remission.statistics.separation import Separation, detect_separation
from remission.statistics.weighted_cox import WeightedCox, weighted_cox

__all__ = [
    "Cox", "CumulativeIncidence", "Fitted", "IncidencePoint", "KaplanMeier", "LogRank",
    "Logistic", "ModelTest", "Outcome", "Point", "PredictedSurvival", "Proportion",
    "ProportionalHazardsTest", "SchoenfeldResiduals", "Separation", "Summary", "Term",
    "TestResult", "WeightedCox", "baseline_hazard", "chi_square", "clopper_pearson", "cox",
    "cumulative_incidence", "detect_separation", "deviance_residuals", "expected_counts",
    "firth_cox", "firth_logistic", "fisher_exact", "kaplan_meier", "kruskal_wallis", "log_rank",
    "logistic", "mann_whitney", "martingale_residuals", "median_follow_up",
    "predicted_survival", "proportional_hazards_test", "quantile", "schoenfeld_residuals",
    "summarise", "weighted_cox", "wilson",
]
