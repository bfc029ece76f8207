"""Competing risks and multi-state models beside R, lifelines and scikit-survival.

Runs alternate, ours and the peer's on the same numbers, so that a drift of the machine falls on
both; R is timed inside ``Rscript``, without its start and without reading the file. ``--whole``
adds one run of ``crr`` with its variance at n = 10,000, which takes minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from timing import Call, in_turn, seconds, spread, tell

from remission.statistics import (
    Outcome,
    cause_specific,
    cumulative_incidence,
    fine_gray,
    gray_test,
    log_rank,
)

R_HEAD = "suppressMessages({library(cmprsk); library(survival)}); d <- read.csv(commandArgs(TRUE));"
R_TIME = 'cat(system.time(r <- %s)[["elapsed"]], sprintf("%%.12g", %s), "\\n")'


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
    name: str, ours: Call, call: str, path: Path, runs: int
) -> None:
    """Print seconds and pairwise ratios; R's clock counts milliseconds."""
    ours()
    mine, theirs = [], []
    for _ in range(runs):
        mine.append(seconds(ours))
        theirs.append(in_r(call, "0", path)[0])
    ratios = [b / a for a, b in zip(mine, theirs, strict=True)]
    print(f"{name:46s} ours {spread(mine)} s   R {spread(theirs)} s   ratio {spread(ratios)}")


def speed(runs: int, *, whole: bool = False) -> None:
    """Print competing risks beside the peers; ``whole`` adds minutes of ``crr``."""
    if shutil.which("Rscript"):
        fine_gray_beside_crr(runs, whole=whole)
    incidence_beside_peers(runs)


def fine_gray_beside_crr(runs: int, *, whole: bool) -> None:
    """Time Fine–Gray with its robust variance; crr also without, as its variance grows as n³."""
    crr = "crr(d$t, d$k, as.matrix(d[, 3:5]){})"
    with tempfile.TemporaryDirectory() as folder:
        for n in (1000, 2000):
            outcome, x, _, path = written(Path(folder), n)
            against_r(f"fine_gray, crr, n = {n:,}", lambda o=outcome, x=x: fine_gray(o, x),
                      crr.format(""), path, runs)
            found = fine_gray(outcome, x)
            _, theirs = in_r(crr.format(", gtol = 1e-12"), "c(r$coef, sqrt(diag(r$var)))", path)
            gap = np.abs(np.r_[found.estimate, found.se] - theirs) / np.tile(
                found.se, 2)
            print(f"{'':46s} coefficients and errors at most {gap.max():.1e} errors apart")
        outcome, x, _, path = written(Path(folder), 10_000)
        against_r("fine_gray, crr without variance, n = 10,000", lambda: fine_gray(outcome, x),
                  crr.format(", variance = FALSE"), path, runs)
        if whole:
            against_r("fine_gray, crr, n = 10,000 (one run)", lambda: fine_gray(outcome, x),
                      crr.format(""), path, 1)


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
            tell(f"cumulative_incidence, n = {n:,}", in_turn({
                "ours": lambda o=outcome: cumulative_incidence(o), name: peer}, runs))
        if shutil.which("Rscript"):
            with tempfile.TemporaryDirectory() as folder:
                path = written(Path(folder), n)[3]
                against_r(f"gray_test, cuminc, n = {n:,}",
                          lambda o=outcome, g=group: (
                              gray_test(o, g), gray_test(o, g, cause=2)),
                          "cuminc(d$t, d$k, d$g)", path, min(runs, 3))


def level_of_gray(replicates: int = 2000) -> None:
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
