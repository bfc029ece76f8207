"""Virtual trials of 105 children with every model, and what drawing only their course saves.

    python benchmarks/trial.py [REPLICATES] [RUNS]

A trial has two arms; it is read by Kaplan–Meier, the log-rank test, Firth's Cox model, and with the
transplant from its day on by Mantel–Byar and the start–stop Cox model.
"""

from __future__ import annotations

import sys
from functools import partial

from timing import in_turn, spread, tell

from remission.days import Duration
from remission.virtual.children import draw_children, streams_of
from remission.virtual.parameters import read_parameters
from remission.virtual.planning.design import TrialDesign
from remission.virtual.planning.effects import Effect, with_effect
from remission.virtual.planning.power import read_all
from remission.virtual.simulate import simulate_block

CHILDREN, SEED, DRAWN = 105, 7, 50
LIKE = "zhang-2025"


def trials(replicates: int, jobs: int) -> None:
    """Draw and read the trials of one size."""
    standard = read_parameters(LIKE)
    arms = (standard, with_effect(standard, "efs", -0.5))
    design = TrialDesign(LIKE, "efs", 0.05, (CHILDREN,), at=Duration(2, "year"),
                         replicates=replicates, seed=SEED)
    for _ in read_all(Effect(arms, -0.5, (0.84, 0.89), 0.84, {}, {}), design, jobs):
        pass


def courses() -> None:
    """Draw children as a trial needs them."""
    for replicate in range(DRAWN):
        draw_children(read_parameters(LIKE), streams_of(
            seed=SEED, replicate=replicate, block=0), CHILDREN)


def records() -> None:
    """Draw the same children with all that is written of them."""
    for replicate in range(DRAWN):
        simulate_block(read_parameters(LIKE), seed=SEED, replicate=replicate, block=0, n=CHILDREN)


def main() -> None:
    """Measure, the calls in turn."""
    given = [int(text) for text in sys.argv[1:]]
    replicates, runs = given + [1000, 5][len(given):]
    times = in_turn({f"{jobs} process{'es' if jobs > 1 else ''}": partial(
        trials, replicates, jobs) for jobs in (2, 1)}, runs)
    print(f"{replicates:,} trials of {CHILDREN} children, every model")
    for name, values in times.items():
        print(f"  {name}: {spread(values)} s", flush=True)
    tell(f"{DRAWN} times {CHILDREN} children drawn",
         in_turn({"their course": courses, "all that is recorded": records}, runs))


if __name__ == "__main__":
    main()
