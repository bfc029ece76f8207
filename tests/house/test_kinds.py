"""The tables of contents of the kinds of analysis are true, and load only what is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

from remission.analyses.run import ANSWERED_BY
from remission.plan import kinds_of_analysis
from remission.report.kinds import KINDS, SAID_BY, kind_of

FIRST_FOUR = {"characteristics", "transplant", "survival", "cumulative_incidence"}


def test_every_kind_is_answered() -> None:
    assert set(ANSWERED_BY) == set(kinds_of_analysis())
    for file, function in ANSWERED_BY.values():
        assert callable(getattr(import_module(f"remission.analyses.{file}"), function))


def test_every_kind_is_reported() -> None:
    assert set(KINDS) == set(kinds_of_analysis()) - FIRST_FOUR


def test_every_statistic_is_said_by_the_kind_that_has_its_sentences() -> None:
    assert dict(SAID_BY) == {
        statistic: kind for kind in KINDS for statistic in kind_of(kind).says}


def test_a_kind_that_is_not_asked_for_is_not_loaded() -> None:
    code = ("import sys, remission.analyses.run, remission.report.write_report; "
            "print([name for name in sys.modules if 'risk_factors' in name])")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "['remission.plan.risk_factors']\n"
