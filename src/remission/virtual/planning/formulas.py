"""What the formulae of the textbooks give for a trial without its particulars."""

from __future__ import annotations

import numpy as np

from remission.errors import NotEstimable
from remission.statistics.cox import cox
from remission.statistics.outcome import Outcome
from remission.statistics.power_log_rank import power_log_rank
from remission.statistics.power_proportions import power_proportions
from remission.virtual.planning.design import TrialDesign
from remission.virtual.planning.effects import Effect
from remission.virtual.planning.trial import Trial

METHODS = {
    ("mrd_clearance", True): "exact power of Fisher's test",
    ("mrd_clearance", False): "exact power of the binomial test",
    ("efs", True): "Schoenfeld, from the mean hazard ratio and the share with an event",
    ("nrm", True): "Schoenfeld, from the mean hazard ratio and the share with an event",
}
"""(Outcome, whether there are two arms) → the formula that stands beside the first analysis."""


def formula_powers(effect: Effect, design: TrialDesign, large: Trial) -> dict[int, float | None]:
    """Return the power by the formula at each size; None where there is no formula.

    ``large`` is a trial of the design from which hazard ratio and share of events are taken.
    """
    if (design.outcome, design.has_two_arms) not in METHODS or not design.difference:
        return dict.fromkeys(design.sizes)
    if design.outcome == "mrd_clearance":
        return {n: power_proportions(
            effect.reference, effect.values[-1], samples=2 if design.has_two_arms else 1,
            n=(n - n // 2, n // 2) if design.has_two_arms else n, alpha=design.alpha).power
            for n in design.sizes}
    is_event = large.event == 1
    try:
        ratio = cox(Outcome(large.time, is_event), large.arm[:, None].astype(np.float64)
                    ).terms[0].ratio
        return {n: power_log_rank(ratio, n=n, event_probability=float(is_event.mean()),
                                  alpha=design.alpha).power for n in design.sizes}
    except NotEstimable:
        return dict.fromkeys(design.sizes)
