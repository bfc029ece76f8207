"""Samples of measured numbers: what every comparison of numbers asks of its data."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, finite_vector, refuse

_LARGEST = 1e150
"""Beyond this a square is no longer a number."""
ROUNDING = 1e-12
"""Share of the largest value below which a difference is rounding: 0.3 − 0.2 is 0.1 − 0."""


def sample(values: ArrayLike, *, name: str) -> FloatArray:
    """Return a sample (n,) of at least one finite number; refuses anything else."""
    array = finite_vector(values, name=name)
    if not len(array):
        raise refuse(name, "There are no values.")
    if np.abs(array).max() > _LARGEST:
        raise refuse(name, f"Values beyond {_LARGEST:g} cannot be squared.", "Change the unit.")
    return array


def pairs(first: ArrayLike, second: ArrayLike, *, name: str) -> tuple[FloatArray, FloatArray]:
    """Return two samples (n,) of the same subjects; refuses different lengths."""
    x, y = sample(first, name=name), sample(second, name=name)
    if len(x) != len(y):
        raise refuse(name, f"{len(x)} first values but {len(y)} second ones.",
                     "Pairs need both values of every subject, in the same order.")
    return x, y
