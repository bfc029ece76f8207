"""CTCAE steps against the public grades of pharmaverseadam (derived by admiral, CTCAE v4).

Versions 4 and 5 agree where the baseline was not above normal; there every one of the samples must
get the same grade. Version 4 knows no baseline, so the other samples are not compared.
"""

from __future__ import annotations

from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from remission.definitions.criteria import criteria_sets
from remission.definitions.ctcae import grade_samples

NUMBERS = {"AVAL": "value", "ANRLO": "lower_limit", "ANRHI": "upper_limit"}


@pytest.fixture(scope="module")
def graded(shared_data: Path) -> pl.DataFrame:
    """The published samples, each beside the baseline of its subject."""
    rows = pl.read_csv(shared_data / "pharmaverseadam" / "adlb_graded_subset.csv",
                       infer_schema=False).with_columns(
        pl.col(name).cast(pl.Float64).alias(ours) for name, ours in NUMBERS.items())
    before = rows.filter(pl.col("ABLFL") == "Y").select(
        "USUBJID", "PARAMCD", baseline="value",
        baseline_high=(pl.col("value") > pl.col("upper_limit")).cast(pl.Int64),
        baseline_low=(pl.col("value") < pl.col("lower_limit")).cast(pl.Int64),
    ).unique(["USUBJID", "PARAMCD"])
    return rows.join(before, on=["USUBJID", "PARAMCD"], how="left").with_columns(
        sign=pl.lit(None, dtype=pl.String))


@pytest.mark.parametrize(("code", "term", "grade", "samples"), [
    ("WBC", "white_blood_cell_decreased", "ATOXGRL", 2499),
    ("PLAT", "platelet_count_decreased", "ATOXGRL", 2475),
    ("ALT", "alanine_aminotransferase_increased", "ATOXGRH", 2390),
    ("AST", "aspartate_aminotransferase_increased", "ATOXGRH", 2330),
    ("BILI", "blood_bilirubin_increased", "ATOXGRH", 2414),
])
def test_every_sample_has_the_published_grade(
    graded: pl.DataFrame, code: str, term: str, grade: str, samples: int
) -> None:
    rows = graded.filter(pl.col("PARAMCD") == code)
    if grade == "ATOXGRH":
        rows = rows.filter(pl.col("baseline_high") == 0)
    steps = criteria_sets(f"ctcae.{term}")["ctcae_v5"]
    ours = grade_samples(nw.from_native(rows.lazy()), steps).collect()
    known = [str(least) if least == most else None
             for least, most in zip(ours["least"].to_list(), ours["most"].to_list(), strict=True)]
    assert known == ours[grade].to_list()
    assert len(known) == samples
