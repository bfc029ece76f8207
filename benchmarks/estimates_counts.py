"""Counts: Fisher's exact test beside scipy and R, and the coverage of the intervals.

Speed: calls in turn (ours, theirs, ours …) on one table, ratios pair by pair; R times its own
calls. Coverage: every possible outcome is enumerated with its probability, so the figures have no
simulation error; the true proportions run over a grid.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import numpy as np
from scipy.special import gammaln
from timing import in_turn, spread, tell

from remission.statistics import clopper_pearson, fisher_exact, proportion_difference, wilson

TABLES = {
    "3×2, n = 125": [[20, 22], [30, 13], [12, 28]],
    "3×3, n = 105": [[14, 9, 12], [7, 16, 12], [4, 10, 21]],
    "4×3, n = 100": [[12, 6, 9], [5, 9, 8], [11, 7, 3], [10, 14, 6]],
    "5×4, n = 50": [[3, 2, 4, 1], [2, 3, 1, 4], [2, 3, 5, 1], [2, 4, 1, 3], [2, 2, 3, 2]],
    "5×4, n = 200": [[14, 9, 6, 11], [8, 12, 13, 7], [10, 6, 9, 15], [7, 14, 12, 7],
                     [11, 9, 10, 10]],
}
SIZES = (20, 51, 105)
LEVEL = 0.95


def speed(runs: int) -> None:
    """Print how long Fisher's test takes, beside scipy's Monte-Carlo default and R's exact one."""
    from scipy.stats import fisher_exact as scipy_fisher

    for name, table in TABLES.items():
        how = "exact" if fisher_exact(table).is_exact else "declared Monte Carlo"
        tell(f"Fisher's exact test, {name}: {how}", in_turn({
            "ours": lambda table=table: fisher_exact(table),
            "scipy, Monte Carlo": lambda table=table: scipy_fisher(table),
        }, runs))
        print(f"  R, exact, by its own clock: {r_milliseconds(table, runs)}")


def r_milliseconds(table: list[list[int]], runs: int) -> str:
    """Return R's own time for ``fisher.test`` with its default workspace, or why there is none."""
    if shutil.which("Rscript") is None:
        return "not installed"
    cells = ",".join(str(count) for row in table for count in row)
    code = (f"m <- matrix(c({cells}), {len(table)}, byrow = TRUE); invisible(fisher.test(m));"
            f"for (i in 1:{runs}) {{ t <- Sys.time(); fisher.test(m);"
            "cat(1000 * as.numeric(Sys.time() - t, units = 'secs'), '') }")
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    if done.returncode:
        return "fails: " + done.stderr.strip().splitlines()[0]
    return f"{spread([float(value) for value in done.stdout.split()])} ms"


def binomial(n: int, shares: np.ndarray) -> np.ndarray:
    """Return the probability (shares × 0…n) of each number of events."""
    events = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1)
    return np.exp(ways + np.outer(np.log(shares), events) + np.outer(np.log1p(-shares), n - events))


def one_sample_coverage(method: Callable[..., object], n: int, shares: np.ndarray) -> np.ndarray:
    """Return the coverage at each true share."""
    found = [method(events, n, level=LEVEL) for events in range(n + 1)]
    lower, upper = (np.array([getattr(own, name) for own in found]) for name in ("lower", "upper"))
    covers = (lower <= shares[:, None]) & (shares[:, None] <= upper)
    return (binomial(n, shares) * covers).sum(axis=1)


def newcombe_coverage(n: int, shares: np.ndarray) -> np.ndarray:
    """Return the coverage of the difference at each pair of true shares, n cut in half."""
    sizes = n // 2, n - n // 2
    bounds = np.array([
        [(own.lower, own.upper) for own in (
            proportion_difference((first, sizes[0]), (second, sizes[1]), level=LEVEL)
            for second in range(sizes[1] + 1))]
        for first in range(sizes[0] + 1)])
    chances = [binomial(size, shares) for size in sizes]
    coverage = np.empty((len(shares), len(shares)))
    for i, one in enumerate(shares):
        for j, two in enumerate(shares):
            covers = (bounds[:, :, 0] <= one - two) & (one - two <= bounds[:, :, 1])
            coverage[i, j] = chances[0][i] @ covers @ chances[1][j]
    return coverage


def coverage() -> None:
    """Print the coverage of nominal 95 % intervals at the sizes of small cohorts."""
    print("Coverage of nominal 95 % intervals, per cent: mean and least over true shares from .01 "
          "to .99, and where 5 to 9 events are expected")
    for n in SIZES:
        grid, few = np.linspace(0.01, 0.99, 491), np.linspace(5, 9, 401) / n
        for name, method in (("Wilson", wilson), ("Clopper–Pearson", clopper_pearson)):
            print_coverage(n, name, one_sample_coverage(method, n, grid),
                           one_sample_coverage(method, n, few))
        halves = f"{n // 2} and {n - n // 2}"
        whole = newcombe_coverage(n, np.linspace(0.01, 0.99, 50))
        print_coverage(n, f"Newcombe, {halves}", whole, newcombe_coverage(n, few[::10]))


def print_coverage(n: int, name: str, everywhere: np.ndarray, few: np.ndarray) -> None:
    print(f"  n = {n:<4} {name:20} mean {100 * everywhere.mean():6.2f}"
          f"  least {100 * everywhere.min():6.2f}"
          f" | 5–9 events: mean {100 * few.mean():6.2f}  least {100 * few.min():6.2f}")
