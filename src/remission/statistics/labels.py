"""Labels of groups, strata, subjects and states: one for each row, of any kind that sorts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.statistics.arrays import IntArray, refuse


def checked_labels(labels: ArrayLike, n: int, *, where: str, name: str) -> NDArray[Any]:
    """Return the labels (n,); raises ``NotEstimable`` when one is missing or the shape is wrong."""
    given = np.asarray(labels)
    if given.shape != (n,):
        raise refuse(where, f"{n} rows but {name} of shape {given.shape}.")
    if given.dtype.kind in "fO":
        missing = sum(label is None or (isinstance(label, float) and math.isnan(label))
                      for label in given.tolist())
        if missing:
            raise refuse(where, f"The {name} of {missing} rows is missing.",
                         "Drop rows without one.")
    return given


def numbered(
    labels: ArrayLike, n: int, *, where: str, name: str
) -> tuple[IntArray, tuple[object, ...]]:
    """Return the place (n,) of each row's label among the distinct labels, and these in order."""
    found, place = np.unique(
        checked_labels(labels, n, where=where, name=name), return_inverse=True)
    return place.astype(np.int64), tuple(found.tolist())
