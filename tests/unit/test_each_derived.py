"""What is derived by two threads on DuckDB: all of it, once, and errors of either come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import get_ident

import pytest
from polars.testing import assert_frame_equal

from remission.definitions.cohort import derive_cohort
from remission.definitions.definition import REGISTRY
from remission.definitions.derived_values import derived_values
from remission.definitions.engines import each_derived, on_engine
from remission.records.storage import Frame
from remission.records.study import Study
from remission.sources.study_folder import read_study

NAMES = ("age_months", "crs_grade", "cycle_response", "death", "disease_status", "relapse")


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(Path(__file__).parents[2] / "studies" / "olaya-2025")


def values_of(study: Study, name: str) -> Frame:
    return derived_values(REGISTRY[name], study, spare_empty=False)


def test_everything_comes_once_with_the_answers_of_polars(study: Study) -> None:
    threads = set()

    def derive(placed: Study, name: str) -> Frame:
        threads.add(get_ident())
        return values_of(placed, name)

    with on_engine(study, "duckdb") as placed:
        found = list(each_derived(placed, NAMES, derive))
    assert sorted(name for name, _ in found) == sorted(NAMES)
    assert len(threads) == 2
    with on_engine(study) as placed:
        assert [name for name, _ in each_derived(placed, NAMES, values_of)] == list(NAMES)
    whole = {engine: derive_cohort(study, only=NAMES, engine=engine).subjects.to_native()
             for engine in ("polars", "duckdb")}
    assert_frame_equal(whole["polars"], whole["duckdb"], rel_tol=1e-12)  # a digit of the months


class BrokenError(Exception):
    """What a rule of the test raises."""


def first_fails(place: int) -> bool:
    return place == 0


def last_fails(place: int) -> bool:
    return place == len(NAMES) - 1


@pytest.mark.parametrize("fails", [first_fails, last_fails])
def test_an_error_of_either_thread_comes_out(study: Study, fails: Callable[[int], bool]) -> None:
    derived = []

    def derive(placed: Study, name: str) -> Frame:
        if fails(NAMES.index(name)):
            raise BrokenError
        derived.append(name)
        return values_of(placed, name)

    with on_engine(study, "duckdb") as placed, pytest.raises(BrokenError):
        list(each_derived(placed, NAMES, derive))
    assert len(derived) < len(NAMES)


def test_the_database_is_free_again_where_only_the_first_answers_are_taken(study: Study) -> None:
    with on_engine(study, "duckdb") as placed:
        some = each_derived(placed, NAMES, values_of)
        assert next(some)[0] == NAMES[0]
        some.close()  # type: ignore[attr-defined]  # it is a generator
    with on_engine(study, "duckdb") as placed:
        assert len(values_of(placed, NAMES[0])) == len(study.subjects)
