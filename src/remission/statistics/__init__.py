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
from remission.statistics.exposure import KnownLater, StartStop, known_only_later, start_stop
from remission.statistics.kaplan_meier import KaplanMeier, Point, kaplan_meier, median_follow_up
from remission.statistics.landmark import Landmark, landmark
from remission.statistics.log_rank import LogRank, log_rank
from remission.statistics.mantel_byar import MantelByar, mantel_byar
from remission.statistics.outcome import Outcome
from remission.statistics.permutation import Permutation, permutation_test
from remission.statistics.power_log_rank import LogRankPower, event_probability, power_log_rank
from remission.statistics.power_proportions import ProportionsPower, power_proportions
from remission.statistics.proportions import Proportion, clopper_pearson, wilson
from remission.statistics.ranks import kruskal_wallis, mann_whitney
from remission.statistics.resampling import Bootstrap, bootstrap
from remission.statistics.simon_makuch import SimonMakuch, simon_makuch
from remission.statistics.simulated_power import SimulatedPower, simulated_power
from remission.statistics.single_arm import SingleStage, TwoStage, simon_two_stage, single_stage

__all__ = [
    "Bootstrap", "CumulativeIncidence", "IncidencePoint", "KaplanMeier", "KnownLater",
    "Landmark", "LogRank", "LogRankPower", "MantelByar", "Outcome", "Permutation", "Point",
    "Proportion", "ProportionsPower", "SimonMakuch", "SimulatedPower", "SingleStage",
    "StartStop", "Summary", "TestResult", "TwoStage", "bootstrap", "chi_square",
    "clopper_pearson", "cumulative_incidence", "event_probability", "expected_counts",
    "fisher_exact", "kaplan_meier", "known_only_later", "kruskal_wallis", "landmark",
    "log_rank", "mann_whitney", "mantel_byar", "median_follow_up", "permutation_test",
    "power_log_rank", "power_proportions", "quantile", "simon_makuch", "simon_two_stage",
    "simulated_power", "single_stage", "start_stop", "summarise", "wilson",
]
