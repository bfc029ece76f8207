"""How long regressions take beside what users would pick instead.

Whole fits in turn (A B A B …) after one warm-up each, so that a drift of the machine falls on
both. Ratios are printed with their spread; absolute times belong to the machine of the day. R runs
through Rscript where it is installed, and times its own fits.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import Timings, in_turn, seconds, tell

from remission.statistics import Outcome, cox, firth_cox, firth_logistic

R_FIT = """
suppressMessages(library(survival))
path <- commandArgs(TRUE)[1]; n <- {n}; p <- {p}
d <- matrix(readBin(path, "double", n * (p + 2)), n)
y <- Surv(d[, 1], d[, 2]); x <- d[, -(1:2)]
bare <- function() coxph.fit(x, y, strata = NULL, offset = NULL, init = NULL,
  control = coxph.control(), weights = NULL, method = "efron",
  rownames = as.character(1:n), resid = FALSE)
invisible(bare())
cat(system.time(bare())[3], system.time(coxph(y ~ x))[3])
"""

def speed(runs: int) -> None:
    """Print regressions beside the peers."""
    small_firth(runs)
    large_cox(runs, in_days=False)
    large_cox(runs, in_days=True)


def large_cox(runs: int, *, in_days: bool, n: int = 100_000, p: int = 20) -> None:
    """Cox, Efron, 100,000 subjects and 20 covariates, half of them with the event."""
    import pandas as pd
    from lifelines import CoxPHFitter

    random = np.random.default_rng(0)
    covariates = random.normal(size=(n, p))
    hazard = np.exp(covariates @ (random.normal(size=p) / 5))
    event_time, censored = random.exponential(1 / hazard), random.exponential(1.0, n)
    times = np.minimum(event_time, censored)
    times = np.ceil(times * 365) if in_days else times
    events = (event_time <= censored).astype(int)
    frame = pd.DataFrame(covariates)
    frame["time"], frame["event"] = times, events
    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: cox(Outcome(times, events), covariates),
        "lifelines": lambda: CoxPHFitter().fit(frame, "time", "event"),
    }
    timings: Timings = {name: [] for name in calls}
    rscript = shutil.which("Rscript")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        np.column_stack((times, events, covariates)).T.tofile(data)
        for number in range(runs + 1):
            once = {name: seconds(call) for name, call in calls.items()}
            if rscript:
                once |= in_r(rscript, data, n, p)
            if number:
                for name, taken in once.items():
                    timings.setdefault(name, []).append(taken)
    unit = "days" if in_days else "continuous times"
    tell(f"Cox, Efron, n = {n}, p = {p}, {unit}", timings)


def in_r(rscript: str, data: Path, n: int, p: int) -> dict[str, float]:
    script = data.with_suffix(".R")
    script.write_text(R_FIT.format(n=n, p=p), encoding="utf-8")
    done = subprocess.run([rscript, str(script), str(data)], check=True, capture_output=True,
                          text=True)
    bare, whole = map(float, done.stdout.split())
    return {"R coxph.fit": bare, "R coxph": whole}


def small_firth(runs: int, n: int = 51) -> None:
    """Firth regressions of 51 subjects with profile intervals and penalised tests."""
    from firthmodels import FirthCoxPH, FirthLogisticRegression

    random = np.random.default_rng(5)
    covariates = np.column_stack((
        random.random(n) < 0.4, random.normal(size=n), random.random(n) < 0.3)).astype(float)
    binary = (random.random(n) < 1 / (1 + np.exp(1.2 - covariates[:, 0]))).astype(int)
    times, events = np.ceil(random.exponential(300, n)), random.random(n) < 0.2

    def peer(model: object, *data: object, tolerance: float = 1e-4) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit(covariates, *data)  # type: ignore[attr-defined]  # one of two peers
            fitted.lrt()
            fitted.conf_int(method="pl", tol=tolerance)

    tight = {"gtol": 1e-8, "xtol": 1e-8}
    tell(f"Firth logistic, n = {n}, 3 covariates", in_turn({
        "ours": lambda: firth_logistic(binary, covariates),
        "firthmodels": lambda: peer(FirthLogisticRegression(), binary),
        "firthmodels, tolerance 1e-8": lambda: peer(
            FirthLogisticRegression(**tight), binary, tolerance=1e-8),
    }, 10 * runs))
    tell(f"Firth Cox, n = {n}, 3 covariates, {events.sum()} events", in_turn({
        "ours": lambda: firth_cox(Outcome(times, events), covariates),
        "firthmodels": lambda: peer(FirthCoxPH(), (events, times)),
        "firthmodels, tolerance 1e-8": lambda: peer(
            FirthCoxPH(**tight), (events, times), tolerance=1e-8),
    }, 10 * runs))
