"""The unit of each laboratory test and the conversions that are known; nothing is guessed.

Factors are exact ratios (numerator, denominator), so that 500 cells/µL is 0.5 ×10⁹/L to the
last bit and a threshold met exactly stays met. Sources: SI and molar masses as printed in
``docs/data-dictionary.md``; Hb 1 g/dL = 10 g/L = 0.6206
mmol/L; bilirubin 1 mg/dL = 17.1 µmol/L; creatinine
1 mg/dL = 88.4 µmol/L; fibrinogen and immunoglobulins 1 g/L = 100 mg/dL; urate 1 mg/dL =
59.48 µmol/L; phosphate 1 mg/dL = 0.3229 mmol/L; calcium 1 mg/dL = 0.2495 mmol/L; potassium
1 mEq/L = 1 mmol/L.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Ratio = tuple[float, float]

_COUNT: Mapping[str, Ratio] = {
    "10*9/L": (1, 1),
    "10*3/uL": (1, 1),
    "cells/uL": (1, 1000),
    "/uL": (1, 1000),
    "/mm3": (1, 1000),
    "10*6/L": (1, 1000),
}
_MASS_PER_LITRE: Mapping[str, Ratio] = {"g/L": (1, 1), "mg/dL": (1, 100), "g/dL": (10, 1)}
_PICOGRAM: Mapping[str, Ratio] = {"pg/mL": (1, 1), "ng/mL": (1000, 1)}
_ENZYME: Mapping[str, Ratio] = {"U/L": (1, 1), "ukat/L": (60, 1)}
_CELLS_OF_FLUID: Mapping[str, Ratio] = {"/uL": (1, 1), "cells/uL": (1, 1)}
_PERCENT: Mapping[str, Ratio] = {"%": (1, 1), "fraction": (100, 1)}
# Copies become international units only by a factor that belongs to one assay: not known here.
_VIRUS: Mapping[str, Ratio] = {"IU/mL": (1, 1)}

_COUNT_TESTS = ("WBC", "ANC", "ALC", "PLT", "CD3", "CD4", "CD8", "CD19", "NK")
_SUBSET_PERCENT_TESTS = tuple(f"{name}_PERCENT" for name in ("CD3", "CD4", "CD8", "CD19", "NK"))
_CYTOKINES = tuple(
    "IL1B IL2 IL4 IL5 IL6 IL8 IL10 IL12 IL17 IFNG TNFA IFNA".split()  # noqa: SIM905 - reads as the panel
)

TEST_UNITS: Mapping[str, Mapping[str, Ratio]] = MappingProxyType(
    {
        **dict.fromkeys(_COUNT_TESTS, _COUNT),
        **dict.fromkeys(_SUBSET_PERCENT_TESTS, _PERCENT),
        **dict.fromkeys(_CYTOKINES, _PICOGRAM),
        **dict.fromkeys(("IGG", "IGA", "IGM", "FIBRINOGEN", "CSF_PROTEIN", "CSF_ALBUMIN"),
                        _MASS_PER_LITRE),
        "HGB": {"g/L": (1, 1), "g/dL": (10, 1), "mmol/L": (100_000, 6206)},
        "CRP": {"mg/L": (1, 1), "mg/dL": (10, 1)},
        "FERRITIN": {"ug/L": (1, 1), "ng/mL": (1, 1)},
        "ALT": _ENZYME,
        "AST": _ENZYME,
        "GGT": _ENZYME,
        "BILIRUBIN": {"umol/L": (1, 1), "mg/dL": (171, 10)},
        "CREATININE": {"umol/L": (1, 1), "mg/dL": (884, 10)},
        "URATE": {"umol/L": (1, 1), "mg/dL": (5948, 100)},
        "POTASSIUM": {"mmol/L": (1, 1), "mEq/L": (1, 1)},
        "PHOSPHATE": {"mmol/L": (1, 1), "mg/dL": (3229, 10000)},
        "CALCIUM": {"mmol/L": (1, 1), "mg/dL": (2495, 10000)},
        "CHIMERISM_WB": _PERCENT,
        "CHIMERISM_CD3": _PERCENT,
        **dict.fromkeys(("CMV", "EBV", "BKV"), _VIRUS),
        "RBC": {"10*12/L": (1, 1), "10*6/uL": (1, 1)},
        "CSF_WBC": _CELLS_OF_FLUID,
        "CSF_RBC": _CELLS_OF_FLUID,
        "WEIGHT": {"kg": (1, 1), "g": (1, 1000)},
        "HEIGHT": {"cm": (1, 1), "m": (100, 1)},
    }
)
"""Test → unit → ratio to the canonical unit, which stands first."""


def canonical_unit(test: str) -> str:
    """Return the unit in which a test is compared. Raises ``KeyError`` for an unknown test."""
    return next(iter(TEST_UNITS[test]))


_SPELLINGS = {
    **dict.fromkeys(("10^9/l", "x10^9/l", "×10^9/l", "10⁹/l", "×10⁹/l", "x10⁹/l", "10e9/l"),
                    "10*9/L"),
    **dict.fromkeys(("10^12/l", "x10^12/l", "×10^12/l", "10¹²/l", "×10¹²/l"), "10*12/L"),
    **dict.fromkeys(("10^3/ul", "10^3/µl", "10³/µl", "×10³/µl", "x10^3/ul", "k/ul", "k/µl"),
                    "10*3/uL"),
    **dict.fromkeys(("cells/µl", "cells/mm3", "cells/mm³"), "cells/uL"),
    **dict.fromkeys(("/µl", "/mm³"), "/uL"),
}
"""Other ways to write a unit of cell counts; letter case and spaces do not matter."""


def spelled(unit: str) -> str:
    """Return a unit as it is written here: ``×10⁹/L`` is ``10*9/L``; an unknown one unchanged."""
    plain = unit.replace(" ", "").replace("μ", "µ").casefold()
    return _SPELLINGS.get(plain, unit)


def ratio_to_canonical(test: str, unit: str) -> Ratio | None:
    """Return (numerator, denominator) that turn ``unit`` into the canonical unit.

    ``None`` when the test is unknown or cannot have that unit: nothing is guessed.
    """
    return TEST_UNITS.get(test, {}).get(unit)


def convert(value: float, *, test: str, unit: str) -> float:
    """Return a value in the canonical unit of its test.

    Raises ``ValueError`` when the test cannot have that unit.
    """
    ratio = ratio_to_canonical(test, unit)
    if ratio is None:
        known = ", ".join(TEST_UNITS.get(test, {})) or "none: the test is unknown"
        raise ValueError(f"{test} cannot have the unit {unit!r} (known: {known}).")
    return value * ratio[0] / ratio[1]
