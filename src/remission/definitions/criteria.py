"""Criteria: the numbers of a rule, outside the rule, each set with its source and evidence.

One TOML file a clinical notion in ``criteria/``; one entry a definition set. Evidence tags:
``S`` read in a founding paper, ``V`` primary text read, ``V2`` confirmed through a secondary
copy, ``C`` computed, ``M`` from memory and to be verified, ``D`` our own choice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import narwhals.stable.v2 as nw

EVIDENCE = {
    "S": "read in a founding paper",
    "V": "primary text read",
    "V2": "confirmed through a secondary copy",
    "C": "computed",
    "M": "from memory, to be verified by a person",
    "D": "our own choice where sources are silent",
}

RELATIVE = 1e-9
"""Values within this relative distance of a threshold are on it: no rounding decides a grade."""


@dataclass(frozen=True)
class Threshold:
    """A number to compare with: value, unit, and whether meeting it exactly counts."""

    value: float
    unit: str
    inclusive: bool

    def met_by(self, values: nw.Expr, of: nw.Expr | None = None) -> nw.Expr:
        """Return whether values (in ``unit``) lie above the threshold, or on it if inclusive.

        With ``of`` the threshold is so many times that.
        """
        bound, slack = self._bound(of)
        met: nw.Expr = values >= bound - slack if self.inclusive else values > bound + slack
        return met

    def undercut_by(self, values: nw.Expr, of: nw.Expr | None = None) -> nw.Expr:
        """Return whether values lie below the threshold, or on it if inclusive."""
        bound, slack = self._bound(of)
        met: nw.Expr = values <= bound + slack if self.inclusive else values < bound - slack
        return met

    def _bound(self, of: nw.Expr | None) -> tuple[Any, Any]:
        """Return what is compared with, and how near to it is on it."""
        if of is None:
            return self.value, abs(self.value) * RELATIVE
        return of * self.value, (of * self.value).abs() * RELATIVE

    def __str__(self) -> str:
        """Return ``≥ 0.5 ×10⁹/L``."""
        shown = self.unit.replace("10*9/L", "×10⁹/L")
        return f"{'≥' if self.inclusive else '>'} {self.value:g} {shown}".strip()


@dataclass(frozen=True)
class Criteria:
    """One definition set of one notion: its parameters, in words, with source and evidence."""

    notion: str
    name: str
    wording: str
    source: str
    evidence: str
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        """Return a parameter by name."""
        return self.values[key]

    def threshold(self, key: str) -> Threshold:
        """Return a parameter that is a threshold."""
        return threshold_of(self.values[key])


def threshold_of(given: Mapping[str, Any]) -> Threshold:
    """Return a threshold as a criteria file writes it."""
    return Threshold(float(given["value"]), given["unit"], bool(given["inclusive"]))


@cache
def _file(topic: str) -> dict[str, Any]:
    text = (files("remission.definitions") / "criteria" / f"{topic}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def criteria_sets(notion: str) -> Mapping[str, Criteria]:
    """Return every definition set of a notion (``engraftment.neutrophil``) by name."""
    topic, _, part = notion.partition(".")
    entries = _file(topic)[part]
    return {
        name: Criteria(
            notion=notion, name=name, wording=entry["wording"], source=entry["source"],
            evidence=entry["evidence"],
            values={key: value for key, value in entry.items()
                    if key not in ("wording", "source", "evidence")},
        )
        for name, entry in entries.items()
        if name != "default"
    }


def default_set(notion: str) -> str:
    """Return the name of the set used when the plan does not choose."""
    topic, _, part = notion.partition(".")
    return str(_file(topic)[part]["default"])
