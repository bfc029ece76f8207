"""Estimates beside what users would pick instead, how their cost grows, how far they hold.

    python benchmarks/estimates.py [counts curves design models risks growth] [--runs 5]
    python benchmarks/estimates.py --coverage

Ours and the peers (lifelines, scikit-survival, firthmodels, scipy) run in turn in one process; R
runs through Rscript where it is installed, and times itself. Read ratios, with their spread: times
belong to the machine of the day. ``--whole`` adds minutes of R's Fine–Gray variance; ``--coverage``
simulates instead how often intervals hold and how often tests reject without cause.

The name: a file ``statistics.py`` in this folder would hide Python's own module of that name from
every script beside it.
"""

from __future__ import annotations

import argparse

import estimates_counts
import estimates_curves
import estimates_design
import estimates_growth
import estimates_models
import estimates_risks

SPEED = {
    "counts": estimates_counts.speed,
    "curves": estimates_curves.speed,
    "design": estimates_design.speed,
    "models": estimates_models.speed,
    "risks": estimates_risks.speed,
    "growth": estimates_growth.growth,
}


def coverage() -> None:
    """Print how far intervals and tests hold; takes some minutes."""
    estimates_counts.coverage()
    estimates_curves.coverage()
    estimates_design.coverage()
    estimates_design.immortal_time()
    estimates_risks.level_of_gray()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *SPEED], default=[])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--whole", action="store_true")
    chosen = parser.parse_args()
    if chosen.coverage:
        coverage()
        return
    for part in chosen.parts or SPEED:
        options = {"whole": True} if part == "risks" and chosen.whole else {}
        SPEED[part](chosen.runs, **options)


if __name__ == "__main__":
    main()
