"""Adjusting the p values of several tests: Bonferroni, Holm, Hochberg, Benjamini–Hochberg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, finite_vector, refuse
from remission.statistics.tidy import TidyRow, tidy_row

Adjustment = Literal["holm", "hochberg", "bh", "bonferroni"]
_METHODS = {
    "bonferroni": ("Bonferroni", "family-wise error, whatever the dependence"),
    "holm": ("Holm", "family-wise error, whatever the dependence"),
    "hochberg": ("Hochberg", "family-wise error, if the tests are independent or positively "
                             "dependent"),
    "bh": ("Benjamini–Hochberg", "false discovery rate, if the tests are independent or "
                                 "positively dependent"),
}


@dataclass(frozen=True, eq=False)
class Adjusted:
    """The ``given`` p values of ``n`` tests and the ``adjusted`` ones, both in the order given."""

    given: FloatArray
    adjusted: FloatArray
    n: int
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the p of each test, given and adjusted, as rows by its place from 1."""
        return tuple(
            tidy_row(name, p, level=str(place))
            for place, both in enumerate(zip(self.given, self.adjusted, strict=True), start=1)
            for name, p in zip(("p", "adjusted p"), both, strict=True))


def adjust(p: ArrayLike, *, method: Adjustment = "holm") -> Adjusted:
    """Return the p values of several tests adjusted for their number.

    ``p`` (n,): the p values of all tests of the family, each from 0 to 1. A missing p is refused
    rather than left out, since the number of tests is what is adjusted for. Raises
    :class:`~remission.errors.NotEstimable` for an empty family, a value that is not a
    probability, or an unknown method. Holm 1979, Scand J Stat 6:65; Hochberg 1988, Biometrika
    75:800; Benjamini & Hochberg 1995, J R Stat Soc B 57:289.
    """
    if method not in _METHODS:
        raise refuse("adjust", f"Method {method!r} is not known.",
                     "Use " + ", ".join(sorted(_METHODS)) + ".")
    given = finite_vector(p, name="adjust").copy()
    n = len(given)
    if not n:
        raise refuse("adjust", "There are no p values.")
    if ((given < 0) | (given > 1)).any():
        raise refuse("adjust", "A p value lies between 0 and 1.")
    name, keeps = _METHODS[method]
    warnings = ("A p of 0 has underflowed; it stays 0.",) if (given == 0).any() else ()
    return Adjusted(given, _adjusted(given, method), n, name, (f"keeps the {keeps}",), warnings)


def _adjusted(given: FloatArray, method: Adjustment) -> FloatArray:
    n = len(given)
    order = np.argsort(given, kind="stable")
    ascending, place = given[order], np.arange(1, n + 1)
    if method == "bonferroni":
        steps = ascending * n
    elif method == "holm":
        steps = np.maximum.accumulate(ascending * (n + 1 - place))
    else:
        factor = n + 1 - place if method == "hochberg" else n / place
        steps = np.minimum.accumulate((ascending * factor)[::-1])[::-1]
    adjusted: FloatArray = np.empty(n)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
