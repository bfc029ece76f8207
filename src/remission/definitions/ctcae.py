"""CTCAE grades of laboratory values: one rule, the terms and their steps as data.

The plan chooses the version once for all terms, as ``ctcae``: versions are not mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.baseline_samples import baseline_samples, with_baseline
from remission.definitions.criteria import Criteria, Threshold, threshold_of
from remission.definitions.grades import Graded, graded, observations, of_cycles
from remission.definitions.inputs import Lazy, settled
from remission.definitions.toxicity_window import (
    COURSE,
    baseline_keys,
    in_windows,
    toxicity_windows,
    window_criteria,
)

TERMS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "neutrophil_count_decreased": ("ANC", "Neutrophil count decreased"),
    "platelet_count_decreased": ("PLT", "Platelet count decreased"),
    "white_blood_cell_decreased": ("WBC", "White blood cell decreased"),
    "lymphocyte_count_decreased": ("ALC", "Lymphocyte count decreased"),
    "cd4_lymphocytes_decreased": ("CD4", "CD4 lymphocytes decreased"),
    "anaemia": ("HGB", "Anaemia"),
    "alanine_aminotransferase_increased": ("ALT", "Alanine aminotransferase increased"),
    "aspartate_aminotransferase_increased": ("AST", "Aspartate aminotransferase increased"),
    "blood_bilirubin_increased": ("BILIRUBIN", "Blood bilirubin increased"),
    "ggt_increased": ("GGT", "GGT increased"),
    "creatinine_increased": ("CREATININE", "Creatinine increased"),
    "fibrinogen_decreased": ("FIBRINOGEN", "Fibrinogen decreased"),
})
"""Term → test and label; ``criteria/ctcae.toml`` holds the steps of each."""

CHOSEN_AS = "ctcae"
FROM_SAMPLES = "derived from laboratory values"
WITHIN_NORMAL = "the value is within its normal limits"
NO_TERM = "this version of CTCAE has no such term"
_REFERENCES = {"LLN": "lower_limit", "ULN": "upper_limit", "baseline": "baseline"}


def grade_samples(samples: Lazy, criteria: Criteria) -> Lazy:
    """Add ``least, most`` and a ``note`` to samples that know their baseline.

    ``samples`` hold ``value, sign, lower_limit, upper_limit``, the ``baseline`` and whether it
    was high or low (``baseline_high, baseline_low``: 1, 0 or null where it is not known).
    """
    none = nw.lit(0)
    least, most = [none, none], [none, none]  # Spark takes the greatest of two or more
    for step in criteria["steps"]:
        is_met, is_open = _under_condition(step, criteria["direction"])
        least.append(nw.when(is_met).then(nw.lit(step["grade"])).otherwise(nw.lit(0)))
        most.append(nw.when(is_met | is_open).then(nw.lit(step["grade"])).otherwise(nw.lit(0)))
    within = nw.col("value") >= nw.col("lower_limit") if criteria["direction"] == "down" else (
        nw.col("value") <= nw.col("upper_limit"))
    return samples.with_columns(
        least=nw.max_horizontal(*least), most=nw.max_horizontal(*most),
    ).with_columns(note=nw.when((nw.col("least") >= 1) & within).then(nw.lit(WITHIN_NORMAL)))


def _under_condition(step: dict[str, Any], direction: str) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a step is met, and whether it is open, given what the baseline was."""
    is_met, is_open = _compared(step, direction)
    if "when" not in step:
        return is_met, is_open
    state = nw.col("baseline_high" if step["when"].endswith("high") else "baseline_low")
    applies = (state == (0 if " not " in step["when"] else 1)).fill_null(value=False)
    maybe = state.is_null() & (is_met | is_open) & ~_excluded(step, direction)
    return applies & is_met, (applies & is_open) | maybe


def _compared(step: dict[str, Any], direction: str) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a value meets a step, and whether that is open.

    It is open where the value or what it is compared with is missing, and where only a limit of
    the value was measured (``<`` or ``>``) and the threshold lies beyond that limit.
    """
    name = _REFERENCES.get(step["unit"])
    of = None if name is None else nw.col(name)
    value, sign = nw.col("value"), nw.col("sign").fill_null("=")
    plain = _beyond(threshold_of(step), direction, value, of)
    inclusive = _beyond(Threshold(step["value"], "", inclusive=True), direction, value, of)
    strict = _beyond(Threshold(step["value"], "", inclusive=False), direction, value, of)
    towards, away = ("<", ">") if direction == "down" else (">", "<")
    is_missing = value.is_null() if of is None else value.is_null() | of.is_null()
    is_met = nw.when(sign == towards).then(inclusive).when(sign == away).then(
        nw.lit(False)).otherwise(plain)
    is_open = nw.when(sign == towards).then(~inclusive).when(sign == away).then(
        strict).otherwise(nw.lit(False))
    return (is_met.fill_null(value=False) & ~is_missing,
            is_missing | is_open.fill_null(value=False))


def _excluded(step: dict[str, Any], direction: str) -> nw.Expr:
    """Return whether a step by an abnormal baseline cannot be met although there is no baseline.

    Such a baseline would lie beyond the limit of normal, and the value does not reach so many
    times the limit itself.
    """
    matching = {"up": ("baseline high", "upper_limit", ">"),
                "down": ("baseline low", "lower_limit", "<")}[direction]
    if (step["when"], step["unit"]) != (matching[0], "baseline"):
        return nw.lit(False)
    reaches = _beyond(threshold_of(step), direction, nw.col("value"), nw.col(matching[1]))
    is_limit = nw.col("sign").fill_null("=") == matching[2]
    return nw.col("baseline").is_null() & ~reaches.fill_null(value=True) & ~is_limit


def _beyond(
    threshold: Threshold, direction: str, value: nw.Expr, of: nw.Expr | None
) -> nw.Expr:
    return threshold.undercut_by(value, of) if direction == "down" else threshold.met_by(value, of)


def _rule(*given: Any) -> Graded:
    """Return the worst grade of one term in every cycle."""
    *_, criteria, plan = given
    windows, rows, before = graded_samples(*given)
    if not criteria["steps"]:
        return Graded(of_cycles(windows, rows.head(0)).with_columns(
            note=nw.lit(NO_TERM)))
    keys = baseline_keys(plan)
    emergent = window_criteria(plan)["above_baseline"]
    return Graded(of_cycles(windows, rows), baseline_of=keys,
                  baseline=_baseline_grades(before, criteria, keys) if emergent else None)


def graded_samples(*given: Any) -> tuple[Lazy, Lazy, Lazy]:
    """Return the windows, the samples of one term as observations, and the baselines."""
    *course, samples, criteria, plan = given
    windows = toxicity_windows(course, plan)
    keys = baseline_keys(plan)
    before = settled(baseline_samples(samples, windows, *keys))
    own = with_baseline(in_windows(samples, windows), before, *keys)
    return windows, settled(observations(grade_samples(own, criteria))), before


def _baseline_grades(before: Lazy, criteria: Criteria, keys: tuple[str, ...]) -> Lazy:
    """Return the keys and ``baseline_grade``: the baseline by the same steps, its own baseline."""
    graded_before = grade_samples(with_baseline(before, before, *keys, itself=True), criteria)
    return graded_before.select(*keys, baseline_grade=(
        nw.when(nw.col("least") == nw.col("most")).then(nw.col("least"))))


for _name, (_test, _label) in TERMS.items():
    graded(
        f"{_name}_grade", label=_label, criteria=f"ctcae.{_name}", chosen_as=CHOSEN_AS,
        how=FROM_SAMPLES, needs=(*COURSE, *(f"laboratory.{column}" for column in (
            _test, "unit", "sign", "sequence", "lower_limit", "upper_limit"))),
        words=f"CTCAE grade of {_test} from each sample",
    )(_rule)
