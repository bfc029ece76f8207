"""How the cost of an estimate grows with subjects and covariates: printed, drawn for the docs."""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
from timing import seconds

from remission.statistics import (
    Outcome,
    cox,
    cumulative_incidence,
    fine_gray,
    gray_test,
    kaplan_meier,
    log_rank,
    mantel_byar,
)

SIZES = (10**3, 10**4, 10**5, 10**6)
COVARIATES = (1, 2, 5, 10, 20, 40)
DRAWING = Path(__file__).parents[1] / "docs" / "images" / "cost-of-estimates.svg"

Curve = list[tuple[int, float]]


def growth(runs: int) -> None:
    """Print the median seconds of each estimate for each size, and draw them."""
    curves: dict[str, Curve] = {}
    for n in SIZES:
        for name, taken in by_subjects(n, runs).items():
            curves.setdefault(name, []).append((n, taken))
    for name, points in curves.items():
        print(f"{name:22}", *(f"n {n:>9,}: {taken:9.2g} s" for n, taken in points))
    by_p = by_covariates(runs)
    print(f"{'Cox, n = 100,000':22}", *(f"p {p:>2}: {taken:.2g} s" for p, taken in by_p))
    draw(curves, by_p)


def by_subjects(n: int, runs: int) -> dict[str, float]:
    """Return the median seconds of each estimate for n subjects, times in days."""
    random = np.random.default_rng(n)
    covariates = random.normal(size=(n, 5))
    cause = random.integers(0, 3, n)
    time = np.ceil(1000 * random.exponential(np.exp(-0.3 * covariates[:, 0])))
    group = random.integers(0, 3, n)
    exposed = np.where(random.random(n) < 0.5, np.ceil(500 * random.exponential(size=n)), np.nan)
    died, either = Outcome(time, cause == 1), Outcome(time, cause)
    calls = {
        "Kaplan–Meier": lambda: kaplan_meier(died),
        "log-rank": lambda: log_rank(died, group),
        "Mantel–Byar": lambda: mantel_byar(died, exposed),
        "cumulative incidence": lambda: cumulative_incidence(either),
        "Gray's test": lambda: gray_test(either, group),
        "Fine–Gray, p = 5": lambda: fine_gray(either, covariates),
        "Cox, p = 5": lambda: cox(died, covariates),
    }
    return {name: statistics.median(seconds(call) for _ in range(runs))
            for name, call in calls.items()}


def by_covariates(runs: int, n: int = 100_000) -> Curve:
    """Return the median seconds of Cox regression for each number of covariates."""
    random = np.random.default_rng(n)
    outcome = Outcome(random.exponential(size=n), random.integers(0, 2, n))
    matrix = random.normal(size=(n, max(COVARIATES)))
    return [(p, statistics.median(seconds(lambda p=p: cox(outcome, matrix[:, :p]))
                                  for _ in range(runs))) for p in COVARIATES]


def draw(curves: dict[str, Curve], by_p: Curve) -> None:
    """Draw both as one figure, each line named at its end."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.hashsalt": "remission", "font.size": 9})
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for name, points in curves.items():
        left.loglog(*zip(*points, strict=True), marker="o", markersize=3, label=name)
    sizes = np.array(SIZES, dtype=float)
    left.loglog(sizes, 2e-4 * sizes / sizes[0], color="0.6", linestyle=":", label="in proportion")
    left.set(xlabel="subjects", ylabel="seconds", title="Cost against subjects")
    left.legend(frameon=False, fontsize=8)
    right.plot(*zip(*by_p, strict=True), marker="o", markersize=3, color="black")
    right.set(xlabel="covariates", ylabel="seconds", title="Cox, 100,000 subjects",
              ylim=(0, None))
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DRAWING, metadata={"Date": None, "Creator": None})
    print(f"drawn: {DRAWING.relative_to(DRAWING.parents[2])}")
