"""The laboratory value before treatment: the last measured before an infusion began."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Threshold
from remission.definitions.inputs import Lazy, settled
from remission.definitions.sequences import Bounds, bounds_of, different, reached
from remission.records.once import once

_ABOVE = Threshold(1, "limits of normal", inclusive=False)


def baseline_samples(samples: Lazy, origins: Lazy, *keys: str) -> Lazy:
    """Return the last measured sample of each test up to a day, for each of the keys.

    ``samples`` hold ``subject_id, test, day, sequence, value, sign`` and the limits of normal,
    ``origins`` the keys (a subject, or its cycles) and ``baseline_until``, the first day of
    treatment. A sample of that day was taken before it: of several, the first. A value given as a
    limit (``<``, ``>``) is no baseline.
    """
    until, bounds = _days_before(origins, *keys)
    measured = ~nw.col("value").is_null() & (nw.col("sign").fill_null("=") == "=")
    near = reached(samples.filter(measured), bounds, and_before=True)
    early = near.join(until, on="subject_id").filter(
        nw.col("day") <= nw.col("baseline_until"))
    of_test = (*keys, "test")
    latest = early.filter(nw.col("day") == nw.col("day").max().over(*of_test))
    number = nw.col("sequence").fill_null(1)
    order = nw.when(nw.col("day") == nw.col("baseline_until")).then(number).otherwise(-number)
    return latest.with_columns(order=order).filter(
        nw.col("order") == nw.col("order").min().over(*of_test)).drop("order", "baseline_until")


@once
def _days_before(origins: Lazy, *keys: str) -> tuple[Lazy, Bounds]:
    """Return ``baseline_until`` of the keys, and between which days it lies."""
    until = settled(different(origins.select(*keys, "baseline_until")))
    return until, bounds_of(until, since="baseline_until", until="baseline_until")


def with_baseline(rows: Lazy, baselines: Lazy, *keys: str, itself: bool = False) -> Lazy:
    """Return the samples with their ``baseline``, without the baseline ``itself`` unless asked.

    Both hold the keys. ``baseline_high`` and ``baseline_low`` are 1 or 0, null where its limit is
    not known; ``after_baseline`` tells whether the sample is later.
    """
    value = nw.col("value")
    is_high = _ABOVE.met_by(value, of=nw.col("upper_limit"))
    is_low = _ABOVE.undercut_by(value, of=nw.col("lower_limit"))
    before = baselines.select(
        *keys, "test", value.alias("baseline"), nw.col("day").alias("baseline_day"),
        nw.col("sequence").fill_null(1).alias("baseline_sequence"),
        *(nw.when(state).then(nw.lit(1)).when(~state).then(nw.lit(0)).alias(name)
          for name, state in (("baseline_high", is_high), ("baseline_low", is_low))))
    joined = rows.join(before, on=[*keys, "test"], how="left")
    same_day = nw.col("day") == nw.col("baseline_day")
    number = nw.col("sequence").fill_null(1)
    is_itself = same_day & (number == nw.col("baseline_sequence"))
    later = (nw.col("day") > nw.col("baseline_day")) | (
        same_day & (number > nw.col("baseline_sequence")))
    return joined.filter(nw.lit(itself) | ~is_itself.fill_null(value=False)).with_columns(
        number=number, after_baseline=later)
