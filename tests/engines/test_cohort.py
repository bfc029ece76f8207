"""The whole cohort of the embedded example is the same on every engine."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from remission.definitions import engines
from remission.definitions.cohort import Cohort, derive_cohort
from remission.definitions.engines import ENGINES, on_engine
from remission.errors import PlanError
from remission.sources.study_folder import read_study
from tests.conftest import run
from tests.engines.case import EVERY_ENGINE, start


@pytest.fixture(scope="module")
def on_polars(demo: Path) -> Cohort:
    """The cohort as polars derives it."""
    return derive_cohort(read_study(demo / "study"))


@pytest.mark.parametrize("engine", EVERY_ENGINE[1:])
def test_the_cohort_is_the_same(on_polars: Cohort, engine: str) -> None:
    start(engine)
    cohort = derive_cohort(on_polars.study, engine=engine)
    assert cohort.variables == on_polars.variables
    assert list(cohort.frames) == list(on_polars.frames)
    for grain, frame in cohort.frames.items():
        # Polars divides by a constant in another way: the last binary digit may differ.
        assert_frame_equal(_plain(frame.to_native()), _plain(on_polars.frames[grain].to_native()),
                           rel_tol=1e-14, abs_tol=0)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose columns without any value have no type: they are all the same."""
    return frame.with_columns(pl.lit(None).alias(name) for name in frame.columns
                              if frame[name].null_count() == len(frame))


def test_an_engine_that_does_not_exist_is_refused(on_polars: Cohort) -> None:
    with pytest.raises(PlanError, match=r"There is no engine 'duck'.*Did you mean 'duckdb'"):
        derive_cohort(on_polars.study, engine="duck")


def test_an_engine_that_is_not_installed_says_what_to_install(
    on_polars: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(PlanError, match=r"needs duckdb and pyarrow.*remission\[duckdb\]"), \
            on_engine(on_polars.study, "duckdb"):
        pass


def test_every_engine_says_what_it_needs() -> None:
    assert list(ENGINES) == ["polars", "duckdb", "pandas", "spark"]


def test_a_table_is_converted_once(on_polars: Cohort) -> None:
    start("duckdb")
    with on_engine(on_polars.study, "duckdb") as study:
        assert study.lazy("subject") is study.lazy("subject")
        assert study.subjects == on_polars.study.subjects


def test_the_command_line_takes_an_engine(demo: Path, tmp_path: Path) -> None:
    start("duckdb")
    done = run("derive", demo / "study", "--engine", "duckdb", "-o", tmp_path / "cohort")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cohort" / "subject.csv").is_file()
    refused = run("derive", demo / "study", "--engine", "sas", "-o", tmp_path / "other")
    assert refused.returncode == 2
    assert "There is no engine 'sas'" in refused.stderr
    assert not (tmp_path / "other").exists()
