"""Values below or above what a test can measure: kept as limits, and compared as such.

A value below the limit of detection is not 0 and not missing. It stands as its limit, with the
flag ``<``; a value above the range stands as its limit with the flag ``>``.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import RELATIVE
from remission.definitions.inputs import Lazy

MEASURED, BELOW, ABOVE = "=", "<", ">"
IS_BELOW = "below the limit of detection: the limit stands for the value"
IS_ABOVE = "above the range of the test: the limit stands for the value"
RAISED = "a measured value lies below the other's limit of detection"
SIZE_NOT_KNOWN = "the size of the difference is not known"
LIMITS_DIFFER = "values are limits that do not decide"
"""What is said of a pair of which a member is, or was raised to, a limit."""
TIE, UP, DOWN = "TIE", "UP", "DOWN"


def with_flags(rows: Lazy) -> Lazy:
    """Return laboratory rows with ``flag`` and ``limit``; the value below detection is its limit.

    ``limit`` is the limit of detection recorded with the value, else the value of one given as
    ``<``, else null.
    """
    value, sign, lod = nw.col("value"), nw.col("sign"), nw.col("lod")
    is_under = (~(sign == ABOVE)).fill_null(value=True) & (value < lod * (1 - RELATIVE)).fill_null(
        value=False)
    flag = nw.when(sign == BELOW).then(nw.lit(BELOW)).when(sign == ABOVE).then(
        nw.lit(ABOVE)).when(is_under).then(nw.lit(BELOW)).otherwise(nw.lit(MEASURED))
    return rows.with_columns(flag=flag).with_columns(
        limit=nw.coalesce(lod, nw.when(nw.col("flag") == BELOW).then(value)),
        value=nw.when((nw.col("flag") == BELOW) & ~(sign == BELOW).fill_null(value=False))
        .then(lod).otherwise(value))


def caution(flag: nw.Expr) -> nw.Expr:
    """Return what has to be said of a flagged value; null for a measured one."""
    return nw.when(flag == BELOW).then(nw.lit(IS_BELOW)).when(flag == ABOVE).then(
        nw.lit(IS_ABOVE))


def paired(before: Lazy, after: Lazy, *keys: str) -> Lazy:
    """Return the pairs that exist of two sets of flagged values, compared fairly.

    Both hold the keys, ``value, flag, limit, row``. Both members are raised to the higher of
    their limits of detection; back come ``before, after`` (raised), ``direction`` (UP, DOWN, TIE,
    null where limits do not decide), ``is_censored``, ``is_raised`` (a measured member lay below
    the other's limit), ``flag_before, flag_after`` and ``row_before, row_after``.
    """
    parts = ("value", "flag", "limit", "row")
    pairs = before.select(*keys, *(nw.col(part).alias(f"{part}_before") for part in parts)).join(
        after.select(*keys, *(nw.col(part).alias(f"{part}_after") for part in parts)),
        on=list(keys)).with_columns(common=nw.max_horizontal("limit_before", "limit_after"))
    raised = pairs.with_columns(before=_raised("before"), after=_raised("after"))
    is_raised = _was_raised("before") | _was_raised("after")
    is_limit = (nw.col("flag_before") != MEASURED) | (nw.col("flag_after") != MEASURED)
    return raised.with_columns(
        direction=_direction(), is_raised=is_raised, is_censored=is_limit | is_raised)


def _raised(member: str) -> nw.Expr:
    value = nw.col(f"value_{member}")
    return nw.when(nw.col(f"flag_{member}") == ABOVE).then(value).otherwise(
        nw.max_horizontal(value, nw.col("common")))


def _was_raised(member: str) -> nw.Expr:
    below_common = nw.col(f"value_{member}") < nw.col("common") * (1 - RELATIVE)
    return (nw.col(f"flag_{member}") == MEASURED) & below_common.fill_null(value=False)


def _direction() -> nw.Expr:
    """Return the sign of the difference; a value above the range only tells a rise to it."""
    before, after = nw.col("before"), nw.col("after")
    before_above, after_above = (nw.col(f"flag_{name}") == ABOVE for name in ("before", "after"))
    same = (after - before).abs() <= nw.max_horizontal(before, after) * RELATIVE
    not_less = same | (after > before)
    not_more = same | (after < before)
    return (
        nw.when(before_above & after_above).then(nw.lit(None, dtype=nw.String))
        .when(after_above).then(nw.when(not_less).then(nw.lit(UP)))
        .when(before_above).then(nw.when(not_more).then(nw.lit(DOWN)))
        .when(same).then(nw.lit(TIE))
        .when(after > before).then(nw.lit(UP)).otherwise(nw.lit(DOWN))
    )


def change_of_pairs() -> tuple[nw.Expr, nw.Expr]:
    """Return after − before of pairs, null where one is above the range, and what to say of it."""
    is_above = (nw.col("flag_before") == ABOVE) | (nw.col("flag_after") == ABOVE)
    change = nw.when(~is_above).then(nw.col("after") - nw.col("before"))
    note = nw.when(is_above).then(nw.lit("a value is above the range of the test")).when(
        nw.col("is_censored")).then(nw.lit(
            "a value lies below a limit of detection: both are compared at the higher limit"))
    return change, note
