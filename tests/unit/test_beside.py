"""The second process that derives: the same values, and its loss is no loss."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from remission import second_process
from remission.definitions.beside import Beside
from remission.definitions.cohort import Cohort, derive_cohort
from remission.definitions.definition import REGISTRY
from remission.records.study import Study
from remission.sources.study_folder import read_study

NAMES = ("crs_grade", "cycle_response", "disease_status", "lymphocytes", "relapse", "responder")
ASKED = [name for name in REGISTRY if name in NAMES]


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(Path(__file__).parents[2] / "studies" / "olaya-2025")


@pytest.fixture(scope="module")
def alone(study: Study) -> Cohort:
    return derive_cohort(study, only=NAMES)


def same(one: Cohort, other: Cohort) -> bool:
    return one.frames.keys() == other.frames.keys() and all(
        frame.to_native().equals(other.frames[grain].to_native())
        for grain, frame in one.frames.items())


def wait_for(beside: Beside, values: int) -> None:
    until = time.monotonic() + 60
    while len(beside._values) < values and time.monotonic() < until:
        time.sleep(0.02)
    assert len(beside._values) == values


def test_what_comes_from_the_other_process_is_what_would_be_derived_here(
    study: Study, alone: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Beside() as beside:
        beside.ask(study, ASKED)
        wait_for(beside, len(ASKED))
        monkeypatch.setattr(beside, "ask", lambda *_: None)  # all is here already
        monkeypatch.setattr("remission.definitions.cohort.derived_values", None)  # nor derived anew
        assert same(derive_cohort(study, only=NAMES, beside=beside), alone)
        process = beside.process
    assert process is not None
    assert process.returncode is not None, "it has ended and was waited for"


def test_the_last_is_derived_first(study: Study) -> None:
    with Beside() as beside:
        beside.ask(study, ASKED)
        until = time.monotonic() + 60
        while not beside._values and time.monotonic() < until:
            time.sleep(0.002)
        assert ASKED[-1] in beside._values


def untouched(beside: Beside) -> None:
    """Leave it as it is: whatever it has sent by then is taken."""


def kill(beside: Beside) -> None:
    assert beside.process is not None
    beside.process.kill()


@pytest.mark.parametrize("lose", [untouched, kill, Beside.end])
def test_it_may_be_lost_at_any_time(
    study: Study, alone: Cohort, lose: Callable[[Beside], None]
) -> None:
    with Beside() as beside:
        lose(beside)
        assert same(derive_cohort(study, only=NAMES, beside=beside), alone)
        lose(beside)
        assert same(derive_cohort(study, only=NAMES, beside=beside), alone)


def test_it_may_not_start(study: Study, alone: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_process.sys, "executable", "/no/such/python")
    with Beside() as beside:
        assert beside.process is None
        assert same(derive_cohort(study, only=NAMES, beside=beside), alone)
