"""The laboratory value before treatment: the last measured before the first infusion."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Threshold
from remission.definitions.inputs import Lazy

_ABOVE = Threshold(1, "limits of normal", inclusive=False)


def baseline_samples(samples: Lazy, windows: Lazy) -> Lazy:
    """Return the last measured sample of each subject and test before the first infusion.

    ``samples`` hold ``subject_id, test, day, sequence, value, sign`` and the limits of normal,
    ``windows`` the day of the ``first_infusion``. A sample of that day was taken before it: of
    several, the first. A value given as a limit (``<``, ``>``) is no baseline.
    """
    firsts = windows.select("subject_id", "first_infusion").unique()
    measured = ~nw.col("value").is_null() & (nw.col("sign").fill_null("=") == "=")
    early = samples.filter(measured).join(firsts, on="subject_id").filter(
        nw.col("day") <= nw.col("first_infusion"))
    keys = ("subject_id", "test")
    latest = early.filter(nw.col("day") == nw.col("day").max().over(*keys))
    number = nw.col("sequence").fill_null(1)
    order = nw.when(nw.col("day") == nw.col("first_infusion")).then(number).otherwise(-number)
    return latest.with_columns(order=order).filter(
        nw.col("order") == nw.col("order").min().over(*keys)).drop("order", "first_infusion")


def with_baseline(rows: Lazy, baselines: Lazy, *, itself: bool = False) -> Lazy:
    """Return the samples with their ``baseline``, without the baseline ``itself`` unless asked.

    ``baseline_high`` and ``baseline_low`` are 1 or 0, null where its limit is not known;
    ``after_baseline`` tells whether the sample is later.
    """
    value = nw.col("value")
    is_high = _ABOVE.met_by(value, of=nw.col("upper_limit"))
    is_low = _ABOVE.undercut_by(value, of=nw.col("lower_limit"))
    before = baselines.select(
        "subject_id", "test", value.alias("baseline"), nw.col("day").alias("baseline_day"),
        nw.col("sequence").fill_null(1).alias("baseline_sequence"),
        *(nw.when(state).then(nw.lit(1)).when(~state).then(nw.lit(0)).alias(name)
          for name, state in (("baseline_high", is_high), ("baseline_low", is_low))))
    joined = rows.join(before, on=["subject_id", "test"], how="left")
    same_day = nw.col("day") == nw.col("baseline_day")
    number = nw.col("sequence").fill_null(1)
    is_itself = same_day & (number == nw.col("baseline_sequence"))
    later = (nw.col("day") > nw.col("baseline_day")) | (
        same_day & (number > nw.col("baseline_sequence")))
    return joined.filter(nw.lit(itself) | ~is_itself.fill_null(value=False)).with_columns(
        number=number, after_baseline=later)
