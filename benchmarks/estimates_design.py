"""How fast studies are resampled and planned, and how well the bootstrap covers.

Peers run in turn with ours (A B A B …) after a warm-up each; ratios are pair by pair.
"""

from __future__ import annotations

import numpy as np
from timing import in_turn, seconds, tell

from remission.statistics import (
    Outcome,
    bootstrap,
    clopper_pearson,
    mantel_byar,
    permutation_test,
    power_proportions,
    simon_two_stage,
)


def speed(runs: int) -> None:
    """Print how fast studies are resampled and planned."""
    resampling(runs)
    planning()


def resampling(runs: int) -> None:
    from scipy import stats

    random = np.random.default_rng(1)
    values, groups = random.lognormal(size=105), np.repeat([0, 1], [50, 55])

    def peer_bootstrap() -> object:
        return stats.bootstrap((values,), np.mean, n_resamples=10_000, method="BCa", rng=1)

    def gap(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
        return first.mean(axis=axis) - second.mean(axis=axis)

    def peer_permutation() -> object:
        return stats.permutation_test(
            (values[groups == 1], values[groups == 0]), gap, n_resamples=10_000,
            vectorized=True, rng=1)

    tell("BCa of a mean, n = 105, 10,000 replicates", in_turn({
        "ours": lambda: bootstrap(
            105, lambda index: values[index].mean(axis=1), form="indices"),
        "scipy": peer_bootstrap,
    }, runs))
    tell("permutation test, n = 105, 10,000 arrangements", in_turn({
        "ours": lambda: permutation_test(
            groups, lambda g: (g @ values) / 55 - ((1 - g) @ values) / 50, vectorised=True),
        "scipy": peer_permutation,
    }, runs))


def coverage(studies: int = 3000, replicates: int = 1000) -> None:
    print(f"coverage of 95 % intervals of a log-normal mean, {studies} studies")
    random = np.random.default_rng(1)
    for n in (20, 51, 105):
        inside = {"bca": 0, "percentile": 0}
        for study in range(studies):
            values = random.lognormal(size=n)
            for method in inside:
                found = bootstrap(n, lambda index, v=values: v[index].mean(axis=1),
                                  form="indices", replicates=replicates, method=method, seed=study)
                inside[method] += bool(found.lower <= np.exp(0.5) <= found.upper)
        shares = ", ".join(
            f"{method} {100 * count / studies:.1f} % "
            f"({100 * (spread := clopper_pearson(count, studies)).lower:.1f} to "
            f"{100 * spread.upper:.1f})" for method, count in inside.items())
        print(f"  n = {n}: {shares}")


def immortal_time(studies: int = 1000, n: int = 105) -> None:
    """Print the type I error of two tests of an exposure without effect."""
    from remission.statistics import known_only_later, log_rank

    naive = proper = 0
    share = []
    for study in range(studies):
        random = np.random.default_rng(study)
        ends, leaves = random.exponential(2, n), random.uniform(1, 5, n)
        outcome = Outcome(np.minimum(ends, leaves), ends <= leaves)
        wait = random.exponential(2, n)
        exposed = np.where(wait < outcome.time, wait, np.nan)
        naive += log_rank(outcome, np.isfinite(exposed)).p <= 0.05
        proper += mantel_byar(outcome, exposed).p <= 0.05
        share.append(known_only_later(exposed, outcome=outcome).immortal_share)
    print(f"type I error at 5 %, exposure without effect, n = {n}, {studies} studies, "
          f"{100 * np.mean(share):.0f} % of the exposed's time immortal: "
          f"ever against never {100 * naive / studies:.1f} %, "
          f"Mantel–Byar {100 * proper / studies:.1f} %")


def planning() -> None:
    print(f"Simon optimal, .2 against .4: {seconds(lambda: simon_two_stage(0.2, 0.4)):.3f} s")
    print(f"Simon optimal, .3 against .4: {seconds(lambda: simon_two_stage(0.3, 0.4)):.3f} s")
    print("Fisher sample size, .2 against .4, power .8: "
          f"{seconds(lambda: power_proportions(0.2, 0.4, power=0.8)):.3f} s")
