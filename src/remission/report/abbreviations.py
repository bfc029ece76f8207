"""What the field's abbreviations stand for, those that a report uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ABBREVIATIONS: Mapping[str, str] = MappingProxyType({
    "ALL": "acute lymphoblastic leukaemia",
    "CAR-T": "chimeric antigen receptor T cells",
    "CI": "confidence interval",
    "CNS": "central nervous system",
    "CR": "complete remission",
    "CRS": "cytokine release syndrome",
    "CSF": "cerebrospinal fluid",
    "CTCAE": "Common Terminology Criteria for Adverse Events",
    "GVHD": "graft-versus-host disease",
    "HR": "hazard ratio",
    "HSCT": "haematopoietic stem cell transplantation",
    "ICANS": "immune effector cell-associated neurotoxicity syndrome",
    "MRD": "minimal residual disease",
    "OR": "odds ratio",
    "R/R": "relapsed or refractory",
    "TKI": "tyrosine kinase inhibitor",
})


def abbreviations_in(texts: Iterable[str]) -> str:
    """Return ``CRS, cytokine release syndrome; …`` of those used, in order; empty without any.

    ``CR-MRDneg`` uses CR; a word with a suffix in small letters, such as MRDneg, uses its stem.
    """
    text = " ".join(texts)
    return "; ".join(f"{short}, {words}" for short, words in sorted(ABBREVIATIONS.items())
                     if re.search(rf"(?<![\w/]){re.escape(short)}(?![A-Z0-9/_])", text))
