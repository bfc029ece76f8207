"""Curves and their tests: beside the peers, many replicates at once, and coverage.

Ours and each peer run in turn in one process, from raw arrays to the result with its interval;
R runs as one process of its own and times itself. Read the ratios, with their spread: seconds
belong to the machine of the day.
"""

from __future__ import annotations

import math
import shutil
import statistics
import subprocess

import numpy as np
from timing import Call, in_turn, seconds, tell

from remission.statistics import (
    Outcome,
    kaplan_meier,
    log_rank,
    weighted_cox,
    weighted_log_rank,
    weighted_survival_at,
)

R_SCRIPT = """
suppressMessages(library(survival)); set.seed(1)
for (n in c(1e4, 1e6)) {
  t <- rexp(n) * 1000; e <- as.integer(runif(n) < .4); g <- sample(0:1, n, TRUE)
  for (kind in c("days", "continuous")) {
    x <- if (kind == "days") floor(t) else t
    fit <- replicate(RUNS, system.time(survfit(Surv(x, e) ~ 1, conf.type = "log-log"))[3])
    test <- replicate(RUNS, system.time(survdiff(Surv(x, e) ~ g))[3])
    cat(n, kind, median(fit), median(test), "\\n")
  }
}
"""
_SCALES = ("log-log", "log", "plain", "arcsine")


def speed(runs: int) -> None:
    """Print curves and tests beside the peers, and the replicates a second."""
    beside_r(runs, beside_python(runs))
    replicates(runs)


def beside_python(runs: int) -> dict[tuple[int, str], tuple[float, float]]:
    """Print ours beside lifelines and scikit-survival; return our medians for R's ratios."""
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test
    from sksurv.compare import compare_survival
    from sksurv.nonparametric import kaplan_meier_estimator

    random = np.random.default_rng(1)
    medians = {}
    for n in (10**4, 10**6):
        exact = random.exponential(size=n) * 1000
        event = (random.random(n) < 0.4).astype(int)
        group = random.integers(0, 2, n)
        happened = event.astype(bool)
        for kind, times in (("days", np.floor(exact)), ("continuous", exact)):
            pairs = np.empty(n, dtype=[("event", bool), ("time", float)])
            pairs["event"], pairs["time"] = happened, times

            def curve(times=times, event=event) -> object:
                return kaplan_meier(Outcome(times, event))

            def test(times=times, event=event, group=group) -> object:
                return log_rank(Outcome(times, event), group)

            def lifelines_curve(times=times, event=event) -> object:
                return KaplanMeierFitter().fit(times, event)

            def sksurv_curve(times=times, happened=happened) -> object:
                return kaplan_meier_estimator(happened, times, conf_type="log-log")

            def lifelines_test(times=times, event=event, group=group) -> object:
                return multivariate_logrank_test(times, group, event)

            def sksurv_test(pairs=pairs, group=group) -> object:
                return compare_survival(pairs, group)

            for name, ours, peers in (
                ("Kaplan–Meier", curve, {"lifelines": lifelines_curve,
                                         "scikit-survival": sksurv_curve}),
                ("log-rank", test, {"lifelines": lifelines_test, "scikit-survival": sksurv_test}),
            ):
                tell(f"{name}, n = {n:,}, {kind}", in_turn({"ours": ours, **peers}, runs))
            medians[n, kind] = tuple(
                statistics.median(seconds(job) for _ in range(runs)) for job in (curve, test))
    return medians


def beside_r(runs: int, medians: dict[tuple[int, str], tuple[float, float]]) -> None:
    """Print R's median times of ``survfit`` and ``survdiff`` over ours."""
    if not shutil.which("Rscript"):
        print("R is not installed.")
        return
    said = subprocess.run(["Rscript", "-e", R_SCRIPT.replace("RUNS", str(runs))], check=True,
                          capture_output=True, text=True).stdout
    for line in said.splitlines():
        n, kind, fit, test = line.split()
        mine = medians[int(float(n)), kind]
        print(f"n {int(float(n)):>7} {kind:10} survfit  {float(fit):.3f} s, ratio "
              f"{float(fit) / mine[0]:.0f}; survdiff {float(test):.3f} s, ratio "
              f"{float(test) / mine[1]:.0f}")


def replicates(runs: int) -> None:
    """Print how many bootstrap replicates a second the kernels do at n = 105 in three groups."""
    random = np.random.default_rng(3)
    n, many = 105, 10_000
    event_time, censoring = np.ceil(random.exponential(500, n)), random.integers(200, 1500, n)
    outcome = Outcome(np.minimum(event_time, censoring), event_time <= censoring)
    group = random.integers(0, 3, n)
    weights = random.multinomial(n, [1 / n] * n, size=many)
    treated = np.column_stack((group == 1, group == 2)).astype(float)
    jobs: dict[str, Call] = {
        "survival at one year": lambda: weighted_survival_at(outcome, weights, [365]),
        "log-rank, 3 groups": lambda: weighted_log_rank(outcome, group, weights),
        "Cox, Breslow": lambda: weighted_cox(outcome, treated, weights, ties="breslow"),
        "Cox, Efron": lambda: weighted_cox(outcome, treated, weights),
    }
    for ties in ("Breslow", "Efron"):
        one_after_the_other = [jobs["survival at one year"], jobs["log-rank, 3 groups"],
                               jobs[f"Cox, {ties}"]]
        jobs[f"all three, {ties}"] = lambda these=one_after_the_other: [job() for job in these]
    for name, job in jobs.items():
        rates = [many / seconds(job) for _ in range(runs + 1)][1:]
        print(f"{name} (n 105, {outcome.events} events): median {statistics.median(rates):,.0f} "
              f"replicates a second (min {min(rates):,.0f}, max {max(rates):,.0f})")


def coverage(simulations: int = 20_000) -> None:
    """Print how often each interval of survival at one year holds the truth.

    Exponential times with the rate that gives the expected events within one year, censoring
    uniform between half a year and three years. Where there is no interval (survival 1 or 0, or
    follow-up too short) the sample counts as none, and its share is printed.
    """
    at = 365.0
    print("coverage of nominal 95% intervals of S(1 year); none: share of samples without one")
    for n in (20, 51, 105):
        for expected in (5, 9):
            truth = 1 - expected / n
            rate = -math.log(truth) / at
            random = np.random.default_rng([n, expected])
            held, had = dict.fromkeys(_SCALES, 0), dict.fromkeys(_SCALES, 0)
            for _ in range(simulations):
                event_time = random.exponential(1 / rate, n)
                censoring = random.uniform(at / 2, 3 * at, n)
                outcome = Outcome(np.minimum(event_time, censoring), event_time <= censoring)
                for scale in _SCALES:
                    (point,) = kaplan_meier(outcome, ci=scale).at(at)
                    if not math.isnan(point.lower):
                        had[scale] += 1
                        held[scale] += point.lower <= truth <= point.upper
            cells = ", ".join(f"{scale} {held[scale] / had[scale]:.1%}" for scale in _SCALES)
            none = 1 - had["log-log"] / simulations
            print(f"n {n:>3}, {expected} events expected (S {truth:.3f}): {cells}; none {none:.1%}",
                  flush=True)
