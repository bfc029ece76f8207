"""Competing risks and multi-state models beside R, lifelines and scikit-survival.

    python benchmarks/statistics_risks.py [--runs 5] [--whole]

Runs alternate, ours and the peer's on the same numbers, so that a drift of the machine falls on
both; R is timed inside ``Rscript``, without its start and without reading the file. ``--whole``
adds one run of ``crr`` with its variance at n = 10,000, which takes minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from remission.statistics import (
    Outcome,
    cause_specific,
    cumulative_incidence,
    fine_gray,
    gray_test,
    illness_death,
    log_rank,
    multi_state,
)

R_HEAD = "suppressMessages({library(cmprsk); library(survival)}); d <- read.csv(commandArgs(TRUE));"
R_TIME = 'cat(system.time(r <- %s)[["elapsed"]], sprintf("%%.12g", %s), "\\n")'


def seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def cohort(n: int, seed: int = 1) -> tuple[Outcome, np.ndarray, np.ndarray]:
    """Return n subjects with two causes and random censoring, three covariates, two groups."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    event_time = rng.exponential(np.exp(-0.3 * x[:, 0]))
    censored = rng.exponential(2.0, n)
    cause = np.where(censored < event_time, 0, rng.integers(1, 3, n))
    outcome = Outcome(np.minimum(event_time, censored), cause)
    return outcome, x, rng.integers(0, 2, n)


def written(folder: Path, n: int) -> tuple[Outcome, np.ndarray, np.ndarray, Path]:
    outcome, x, group = cohort(n)
    path = folder / f"cohort_{n}.csv"
    np.savetxt(path, np.column_stack((outcome.time, outcome.event, x, group)), delimiter=",",
               header="t,k,x1,x2,x3,g", comments="", fmt="%.17g")
    return outcome, x, group, path


def in_r(call: str, numbers: str, path: Path) -> tuple[float, list[float]]:
    """Return the seconds of an R call and the numbers of its result."""
    done = subprocess.run(["Rscript", "-e", R_HEAD + R_TIME % (call, numbers), str(path)],
                          check=True, capture_output=True, text=True)
    first, *rest = (float(word) for word in done.stdout.split())
    return first, rest


def against_r(
    name: str, ours: Callable[[], object], call: str, path: Path, runs: int
) -> None:
    """Print seconds and pairwise ratios; R's clock counts milliseconds."""
    ours()
    mine, theirs = [], []
    for _ in range(runs):
        mine.append(seconds(ours))
        theirs.append(in_r(call, "0", path)[0])
    ratios = [b / a for a, b in zip(mine, theirs, strict=True)]
    print(f"{name:46s} ours {spread(mine)} s   R {spread(theirs)} s   ratio {spread(ratios)}")


def fine_gray_beside_crr(runs: int, whole: bool) -> None:
    """Time Fine–Gray with its robust variance; crr also without, as its variance grows as n³."""
    crr = "crr(d$t, d$k, as.matrix(d[, 3:5]){})"
    with tempfile.TemporaryDirectory() as folder:
        for n in (1000, 2000):
            outcome, x, _, path = written(Path(folder), n)
            against_r(f"fine_gray, crr, n = {n:,}", lambda o=outcome, x=x: fine_gray(o, x),
                      crr.format(""), path, runs)
            found = fine_gray(outcome, x)
            _, theirs = in_r(crr.format(", gtol = 1e-12"), "c(r$coef, sqrt(diag(r$var)))", path)
            gap = np.abs(np.r_[found.coefficient, found.se] - theirs) / np.tile(found.se, 2)
            print(f"{'':46s} coefficients and errors at most {gap.max():.1e} errors apart")
        outcome, x, _, path = written(Path(folder), 10_000)
        against_r("fine_gray, crr without variance, n = 10,000", lambda: fine_gray(outcome, x),
                  crr.format(", variance = FALSE"), path, runs)
        if whole:
            against_r("fine_gray, crr, n = 10,000 (one run)", lambda: fine_gray(outcome, x),
                      crr.format(""), path, 1)


def growth(runs: int) -> None:
    """Print how the cost grows with n; n log n keeps the last column level."""
    print(f"\n{'':12s}{'n':>10s}{'seconds':>34s}{'ns / (n log2 n)':>18s}")
    jobs: dict[str, Callable[[Outcome, np.ndarray, np.ndarray], object]] = {
        "fine_gray": lambda outcome, x, _: fine_gray(outcome, x),
        "gray_test": lambda outcome, _, group: gray_test(outcome, group),
        "incidence": lambda outcome, _, __: cumulative_incidence(outcome),
    }
    for name, job in jobs.items():
        for n in (10**3, 10**4, 10**5, 10**6):
            data = cohort(n)
            job(*data)
            taken = [seconds(lambda d=data, job=job: job(*d)) for _ in range(runs)]
            level = 1e9 * statistics.median(taken) / (n * np.log2(n))
            print(f"{name:12s}{n:10,d}{spread(taken):>34s}{level:18.1f}")
    for n in (10**3, 10**4, 10**5):
        rng = np.random.default_rng(2)
        end = np.ceil(2000 * rng.exponential(size=n)) + 1
        onset = np.ceil(1000 * rng.exponential(size=n))
        stays = illness_death(Outcome(end, rng.integers(0, 2, n)),
                              np.where(onset < end, onset, np.nan))
        taken = [seconds(lambda s=stays: multi_state(s)) for _ in range(runs)]
        print(f"{'multi_state':12s}{n:10,d}{spread(taken):>34s}   illness–death, in days")


def incidence_beside_peers(runs: int) -> None:
    from lifelines import AalenJohansenFitter
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    print()
    for n in (1000, 4000, 100_000):
        outcome, _, group = cohort(n)

        def lifelines(outcome: Outcome = outcome) -> object:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return AalenJohansenFitter().fit(outcome.time, outcome.event, 1)

        def sksurv(outcome: Outcome = outcome) -> object:
            return cumulative_incidence_competing_risks(
                outcome.event, outcome.time, conf_type="log-log")

        for name, peer in (("lifelines", lifelines), ("scikit-survival", sksurv)):
            if n > 4000:
                continue  # both grow as n², scikit-survival in memory too: 147 GiB at 100,000
            mine, theirs = [], []
            for _ in range(runs):
                mine.append(seconds(lambda o=outcome: cumulative_incidence(o)))
                theirs.append(seconds(peer))
            ratios = [b / a for a, b in zip(mine, theirs, strict=True)]
            print(f"cumulative_incidence, {name}, n = {n:,}: ours {spread(mine)} s, "
                  f"theirs {spread(theirs)} s, ratio {spread(ratios)}")
        if shutil.which("Rscript"):
            with tempfile.TemporaryDirectory() as folder:
                path = written(Path(folder), n)[3]
                against_r(f"gray_test, cuminc, n = {n:,}",
                          lambda o=outcome, g=group: (
                              gray_test(o, g), gray_test(o, g, cause=2)),
                          "cuminc(d$t, d$k, d$g)", path, min(runs, 3))


def level_of_gray(replicates: int) -> None:
    """Print how often equal incidences are rejected at 5 % while the competing hazard differs.

    In both groups 40 % have cause 1, at the same times; cause 2 comes ``faster`` times sooner in
    the second group. Log-rank with cause 2 censored is what some packages call Gray's test.
    """
    print(f"\ntype I error at 5 %, {replicates:,} replicates"
          f" (±{196 * (0.05 * 0.95 / replicates) ** 0.5:.1f} points)")
    print(f"{'n a group':>10s}{'cause 2 faster':>16s}{'gray_test':>12s}"
          f"{'log-rank of cause 1':>22s}")
    rng = np.random.default_rng(5)
    for n in (25, 60, 200):
        group = np.repeat([0, 1], n)
        for faster in (1, 2, 5):
            rejected = np.zeros(2)
            for _ in range(replicates):
                first = rng.random(2 * n) < 0.4
                event_time = np.where(first, rng.exponential(1.0, 2 * n),
                                      rng.exponential(1.0, 2 * n) / np.where(group, faster, 1))
                censored = rng.exponential(3.0, 2 * n)
                outcome = Outcome(
                    np.minimum(event_time, censored),
                    np.where(censored < event_time, 0, np.where(first, 1, 2)))
                rejected += (gray_test(outcome, group).p < 0.05,
                             log_rank(cause_specific(outcome, 1), group).p < 0.05)
            gray, censoring = 100 * rejected / replicates
            print(f"{n:10d}{faster:16d}{gray:11.1f}%{censoring:21.1f}%")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--replicates", type=int, default=2000)
    given = parser.parse_args()
    if shutil.which("Rscript"):
        fine_gray_beside_crr(given.runs, given.whole)
    growth(given.runs)
    incidence_beside_peers(given.runs)
    level_of_gray(given.replicates)


if __name__ == "__main__":
    main()
