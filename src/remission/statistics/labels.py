"""Labels of groups, strata, subjects and states: one for each row, of any kind that sorts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.statistics.arrays import IntArray, refuse


def checked_labels(
    labels: ArrayLike, n: int, *, where: str, what: str = "group"
) -> NDArray[Any]:
    """Return the labels (n,); raises ``NotEstimable`` when one is missing or the shape is wrong."""
    given = np.asarray(labels)
    if given.shape != (n,):
        raise refuse(where, f"{n} subjects but {len(given) if given.ndim else 1} {what} labels.")
    if given.dtype.kind == "f":
        is_missing = bool(np.isnan(given).any())
    else:
        is_missing = given.dtype.kind == "O" and any(
            label is None or (isinstance(label, float) and math.isnan(label)) for label in given)
    if is_missing:
        raise refuse(where, f"A {what} label is missing.", f"Drop subjects without a {what}.")
    return given


def coded_labels(
    labels: ArrayLike, n: int, *, where: str, what: str = "group"
) -> tuple[tuple[object, ...], IntArray]:
    """Return (the distinct labels in order, each subject's place (n,) among them).

    Raises ``NotEstimable`` when there are not ``n`` labels, one is missing (None or NaN), or
    they cannot be put in order. Whole numbers close together are counted instead of sorted.
    """
    given = checked_labels(labels, n, where=where, what=what)
    if given.dtype.kind in "biu" and int(given.max()) - int(given.min()) <= n:
        lowest = int(given.min())
        places: IntArray = given.astype(np.int64, copy=False)
        if lowest:
            places = places - lowest
        is_used = np.bincount(places) > 0
        distinct = (np.flatnonzero(is_used) + lowest).astype(given.dtype)
        dense = places if is_used.all() else (np.cumsum(is_used) - 1)[places]
        return tuple(distinct.tolist()), dense
    try:
        distinct, member = np.unique(given, return_inverse=True)
    except TypeError:
        raise refuse(where, f"The {what} labels are of kinds that have no order.",
                     "Use texts, or numbers, for all.") from None
    return tuple(distinct.tolist()), member.astype(np.int64)
