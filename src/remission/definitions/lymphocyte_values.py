"""Lymphocytes and their subsets on each day: counted, or from percentages of the lymphocytes."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.definition import Item
from remission.definitions.detection import ABOVE, BELOW, MEASURED, with_flags
from remission.definitions.inputs import OUTSIDE, Lazy, is_share, settled, stacked
from remission.definitions.visits import first_of_day
from remission.records.column import SOURCE

COUNTED, FROM_PERCENT = "counted", "lymphocytes × percentage"
NO_CD8 = "CD8⁺ cells are 0 or below detection: the ratio is not defined"
SUBSETS = {"cd3": "CD3⁺ T cells", "cd4": "CD4⁺ T cells", "cd8": "CD8⁺ T cells",
           "cd19": "CD19⁺ B cells", "nk": "NK cells"}
RATIO = "cd4_cd8_ratio"
MEASURES = {
    "alc": Item("Lymphocytes", "10*9/L"),
    **{name: Item(label, "10*9/L") for name, label in SUBSETS.items()},
    **{f"{name}_percent": Item(f"{label}, share of lymphocytes", "%")
       for name, label in SUBSETS.items()},
    RATIO: Item("CD4/CD8 ratio"),
}
"""What is measured, as named in the items of the definitions: label and unit."""

TESTS = ("ALC", *(name.upper() for name in SUBSETS),
         *(f"{name.upper()}_PERCENT" for name in SUBSETS))
_PARTS = ("subject_id", "day", "measure", "value", "flag", "limit", "how", "row", "why")


def lymphocyte_values(laboratory: Lazy) -> Lazy:
    """Return one row a subject, day and measure: ``value, flag, limit, how, row, why``.

    ``laboratory`` holds the rows of :data:`TESTS`. Of several values of a test on a day the one
    numbered first is taken. ``value`` is null, with ``why``, where a ratio is not defined or a
    percentage lies outside 0 to 100.
    """
    is_outside = nw.col("test").str.ends_with("_PERCENT") & ~is_share(nw.col("value"))
    rows = settled(with_flags(first_of_day(laboratory, "subject_id", "test")).select(
        "subject_id", "day", nw.col("test").str.to_lowercase().alias("measure"), "value", "flag",
        "limit", nw.lit(COUNTED).alias("how"), nw.col(SOURCE).alias("row"),
        why=nw.when(is_outside).then(nw.lit(OUTSIDE)),
    ).with_columns(value=nw.when(nw.col("why").is_null()).then(nw.col("value"))))
    absolute = settled(stacked([rows.filter(nw.col("measure").is_in(["alc", *SUBSETS])),
                                  _from_percent(rows)]))
    percent = rows.filter(nw.col("measure").is_in([f"{name}_percent" for name in SUBSETS]))
    by_counts = settled(_ratio(absolute, "cd4", "cd8"))
    by_percent = _without(_ratio(percent, "cd4_percent", "cd8_percent"), by_counts)
    return stacked([part.select(*_PARTS) for part in (absolute, percent, by_counts, by_percent)])


def _from_percent(rows: Lazy) -> Lazy:
    """Return lymphocytes × percentage / 100 on the days on which a subset was not counted."""
    lymphocytes = rows.filter(nw.col("measure") == "alc").select(
        "subject_id", "day", nw.col("value").alias("alc"), nw.col("flag").alias("alc_flag"))
    joined = rows.filter(nw.col("measure").is_in([f"{name}_percent" for name in SUBSETS])).join(
        lymphocytes, on=["subject_id", "day"])
    flags = (nw.col("flag"), nw.col("alc_flag"))
    is_below = (flags[0] == BELOW) | (flags[1] == BELOW)
    is_above = (flags[0] == ABOVE) | (flags[1] == ABOVE)
    flag = nw.when(is_below).then(nw.lit(BELOW)).when(is_above).then(nw.lit(ABOVE)).otherwise(
        nw.lit(MEASURED))
    computed = joined.filter(~(is_below & is_above)).with_columns(
        measure=nw.col("measure").str.replace_all("_percent", "", literal=True),
        value=nw.col("alc") * nw.col("value") / 100, flag=flag, how=nw.lit(FROM_PERCENT),
    ).with_columns(limit=nw.when(nw.col("flag") == BELOW).then(nw.col("value")))
    return _without(computed.select(*_PARTS), rows)


def _without(rows: Lazy, others: Lazy) -> Lazy:
    """Return the rows of the days and measures that the others do not have."""
    keys = ["subject_id", "day", "measure"]
    return rows.join(others.select(*keys, nw.lit(1).alias("is_there")), on=keys, how="left").filter(
        nw.col("is_there").is_null()).drop("is_there")


def _ratio(rows: Lazy, helper: str, cytotoxic: str) -> Lazy:
    """Return CD4 / CD8 of each day that has both, or why it is not defined."""
    parts = ("value", "flag", "how")
    below = rows.filter(nw.col("measure") == cytotoxic).select(
        "subject_id", "day", *(nw.col(part).alias(f"cd8_{part}") for part in parts))
    joined = rows.filter(nw.col("measure") == helper).join(below, on=["subject_id", "day"])
    is_defined = (nw.col("cd8_flag") == MEASURED) & (nw.col("cd8_value") > 0)
    ratio = nw.when(is_defined).then(nw.col("value") / nw.col("cd8_value"))
    both_counted = (nw.col("how") == COUNTED) & (nw.col("cd8_how") == COUNTED)
    return joined.with_columns(
        how=nw.when(both_counted).then(nw.lit(COUNTED)).otherwise(nw.lit(FROM_PERCENT)),
        measure=nw.lit(RATIO), value=ratio, why=nw.when(~is_defined).then(nw.lit(NO_CD8)).otherwise(
            nw.col("why")),
    ).with_columns(limit=nw.when(nw.col("flag") == BELOW).then(nw.col("value"))).select(*_PARTS)
