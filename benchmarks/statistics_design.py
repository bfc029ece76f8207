"""How fast studies are resampled and planned, and how well the bootstrap covers.

    PYTHONPATH=src python benchmarks/statistics_design.py [--runs 7]

Peers run in turn with ours (A B A B …) after a warm-up each; ratios are pair by pair.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from remission.statistics import (
    Outcome,
    bootstrap,
    clopper_pearson,
    mantel_byar,
    permutation_test,
    power_proportions,
    simon_two_stage,
)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(
    ours: Callable[[], object], peer: Callable[[], object], runs: int
) -> tuple[list[float], list[float]]:
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(runs)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def tell(name: str, mine: list[float], theirs: list[float]) -> None:
    ratios = sorted(b / a for a, b in zip(mine, theirs, strict=True))
    print(f"{name}: {statistics.median(mine):.3f} s against {statistics.median(theirs):.3f} s, "
          f"ratio {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})")


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

    tell("BCa of a mean, n = 105, 10,000 replicates, against scipy", *in_turn(
        lambda: bootstrap(105, lambda index: values[index].mean(axis=1), form="indices"),
        peer_bootstrap, runs))
    tell("permutation test, n = 105, 10,000 arrangements, against scipy", *in_turn(
        lambda: permutation_test(
            groups, lambda g: (g @ values) / 55 - ((1 - g) @ values) / 50, vectorised=True),
        peer_permutation, runs))


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


def exposure_growth() -> None:
    for n in (10**3, 10**4, 10**5, 10**6):
        random = np.random.default_rng(n)
        time_ = random.exponential(1000, n).round() + 1
        outcome = Outcome(time_, random.integers(0, 2, n))
        exposed = np.where(random.random(n) < 0.5, random.exponential(500, n).round(), np.nan)
        took = seconds(lambda o=outcome, x=exposed: mantel_byar(o, x))
        print(f"Mantel–Byar in days, n = {n:,}: {took:.3f} s")


def planning() -> None:
    print(f"Simon optimal, .2 against .4: {seconds(lambda: simon_two_stage(0.2, 0.4)):.3f} s")
    print(f"Simon optimal, .3 against .4: {seconds(lambda: simon_two_stage(0.3, 0.4)):.3f} s")
    print("Fisher sample size, .2 against .4, power .8: "
          f"{seconds(lambda: power_proportions(0.2, 0.4, power=0.8)):.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resampling(runs)
        exposure_growth()
        planning()
        immortal_time()
        coverage()


if __name__ == "__main__":
    main()
