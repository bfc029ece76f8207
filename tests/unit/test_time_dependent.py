"""A transplant during follow-up: time in and out of it, the naive comparison, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import derive_cohort
from remission.errors import PlanError
from remission.plan import read_plan
from remission.report.drawn import Figure
from remission.report.outline import outline
from remission.report.spans import plain
from remission.report.table_parts import Table
from remission.statistics import Outcome, cox
from tests.conftest import study_of
from tests.unit.course import cohort_of

ASKED: dict[str, Any] = {"kind": "time_dependent", "title": "Transplant", "endpoint": "os",
                         "at": ("100 days",), "unit": "days"}
FOUR = {
    "subject": "subject_id | site_id\nA | 1\nB | 1\nC | 1\nD | 1",
    "follow_up": "subject_id | vital_status | last_contact_day | death_day\n"
                 "A | DEAD | 20 | 20\nB | DEAD | 60 | 60\nC | ALIVE | 200 |\nD | ALIVE | 150 |",
    "transplant": "subject_id | transplant_no | day\nB | 1 | 40\nC | 1 | 50",
}
"""A dies on day 20 and D lives, without a graft; B (day 40) dies on day 60, C (day 50) lives."""


def four(**changed: Any) -> Results:
    tables = {**FOUR, **changed.pop("tables", {})}
    plan = {"analyses": ({**ASKED, **changed},), "endpoints": {"os": {"events": ("death",)}}}
    return analyse_cohort(derive_cohort(study_of(plan, **tables)))


def test_time_before_the_transplant_is_time_without() -> None:
    results = four()
    time = {row.group: row.value for row in results.select(statistic="person_time")}
    # Without: 20 + 40 + 50 + 150; after: 20 + 150.
    assert time == {"no transplant yet": 260, "after transplant": 170}
    assert results.one(statistic="compared_events_exposed", group="time-dependent").value == 1


def test_the_mantel_byar_test_counts_who_is_at_risk_in_which_state() -> None:
    results = four()
    # Day 20: nobody exposed of 4. Day 60: B and C of B, C, D exposed, so 2/3 is expected.
    expected = results.one(statistic="expected", group="after transplant")
    assert expected.value == pytest.approx(2 / 3)
    # Variance 2/3 · 1/3; (1 − 2/3)² / (2/9) = 0.5, whose tail is 0.4795.
    p = results.one(statistic="p", group="time-dependent")
    assert p.value == pytest.approx(0.4795, abs=1e-4)


def test_the_curves_are_those_of_the_states() -> None:
    results = four()
    at = {row.group: row.value for row in results.select(statistic="survival", at=100)}
    # No transplant yet: 3/4 after day 20. After: 1/2 after day 60. Ever: 1/2 too; never: 1/2.
    assert at == {"no transplant yet": 75, "after transplant": 50, "never transplanted": 50,
                  "ever transplanted": 50}


def test_those_at_risk_are_named_in_the_state_they_are_in() -> None:
    results = four()
    for row in results.select(statistic="at_risk"):
        assert len(row.subjects) == row.value, row.id
    after = results.one(statistic="at_risk", group="after transplant", at=100)
    assert after.subjects == ("C",)


def test_the_naive_comparison_says_why_it_misleads() -> None:
    results = four()
    share = results.one(statistic="immortal_share")
    assert share.value == pytest.approx(100 * (40 + 50) / (60 + 200))
    cohort = cohort_of({**ASKED, "endpoint": "efs", "unit": "years", "at": ("1 year",)})
    parts = outline(cohort, analyse_cohort(cohort)).parts
    table = next(part for part in parts if isinstance(part, Table))
    assert "immortal time" in plain(table.note)
    figures = [part for part in parts if isinstance(part, Figure)]
    assert figures[0].test.startswith("Mantel–Byar P")
    assert figures[1].test.startswith("naive log-rank P")
    assert "do not report it" in plain(figures[1].note)


def test_a_landmark_leaves_out_who_had_the_event_and_fixes_the_groups() -> None:
    results = four(landmarks=("45 days",))
    group = "landmark 45 days"
    assert results.one(group=group, statistic="compared_n").subjects == ("B", "C", "D")
    assert results.one(group=group, statistic="compared_exposed").subjects == ("B",)
    assert results.one(group=group, statistic="landmark_left_out").subjects == ("A",)
    late = four(landmarks=("300 days",))
    assert "Nobody is followed beyond 300" in late.one(group="landmark 300 days").note


def test_from_a_landmark_the_groups_have_curves_and_a_test() -> None:
    results = four(landmarks=("45 days",), at=("10 days", "100 days"))
    # From day 45: B, exposed then, dies 15 days on; C and D live 155 and 105 days.
    at = {(row.group, row.at): row.value for row in results.select(statistic="survival")
          if "at 45 days" in row.group}
    assert at == {("after transplant at 45 days", 10): 100, ("after transplant at 45 days", 100): 0,
                  ("no transplant yet at 45 days", 10): 100,
                  ("no transplant yet at 45 days", 100): 100}
    # One death of 3 at risk, 1 of them exposed: (1 − 1/3)² / (1/3 · 2/3) = 2, whose tail is 0.1573.
    p = results.one(group="landmark 45 days", statistic="p")
    assert p.value == pytest.approx(0.1573, abs=1e-4)


SEVEN = {
    "subject": "subject_id | site_id | sex\n" + "\n".join(
        f"{name} | 1 | {sex}" for name, sex in zip("ABCDEFG", "FMMFMFF", strict=True)),
    "follow_up": "subject_id | vital_status | last_contact_day | death_day\n"
                 "A | DEAD | 20 | 20\nB | DEAD | 50 | 50\nC | DEAD | 30 | 30\n"
                 "D | ALIVE | 100 |\nE | ALIVE | 90 |\nF | DEAD | 70 | 70\nG | DEAD | 60 | 60",
    "transplant": "subject_id | transplant_no | day\nB | 1 | 10\nD | 1 | 15\nF | 1 | 40",
}


def test_the_adjusted_model_holds_other_factors_beside_the_exposure() -> None:
    results = four(tables=SEVEN, adjust=({"name": "sex", "reference": "F"},))
    # The seven children as ten stretches of follow-up, written down by hand.
    stretches = np.array([
        # from, to, death, after transplant, male
        (0, 20, 1, 0, 0), (0, 10, 0, 0, 1), (10, 50, 1, 1, 1), (0, 30, 1, 0, 1),
        (0, 15, 0, 0, 0), (15, 100, 0, 1, 0), (0, 90, 0, 0, 1), (0, 40, 0, 0, 0),
        (40, 70, 1, 1, 0), (0, 60, 1, 0, 0)], dtype=float)
    entry, time, death = stretches[:, :3].T
    fit = cox(Outcome(time, death, entry), stretches[:, 3:], names=["exposed", "male"])
    group = "time-dependent, adjusted"
    ratio = results.one(group=group, statistic="ratio")
    assert ratio.value == pytest.approx(fit.term("exposed").ratio)
    assert "adjusted for Sex as recorded: male" in ratio.method
    assert results.one(group=group, statistic="compared_events_exposed").value == 2
    alone = results.one(group="time-dependent", statistic="ratio")
    assert alone.value != pytest.approx(ratio.value, rel=1e-3)


def test_a_level_in_which_all_or_none_were_exposed_is_named() -> None:
    # Of the boys only B was transplanted; of the girls all, once A and G are boys too.
    subject = SEVEN["subject"].replace("A | 1 | F", "A | 1 | M").replace("G | 1 | F", "G | 1 | M")
    results = four(tables={**SEVEN, "subject": subject}, adjust=("sex",))
    told = results.one(statistic="one_sided")
    assert told.subjects == ("D", "F") and told.note.startswith("all with Sex as recorded: female")
    assert not four(tables=SEVEN, adjust=("sex",)).select(statistic="one_sided")


def test_a_factor_of_one_level_changes_nothing() -> None:
    results = four(
        tables={**SEVEN, "subject": SEVEN["subject"].replace("| M", "| F")}, adjust=("sex",))
    values = [results.one(group=group, statistic="ratio").value
              for group in ("time-dependent", "time-dependent, adjusted")]
    assert values[0] == pytest.approx(values[1])


def test_the_table_and_the_curves_of_an_adjusted_comparison() -> None:
    cohort = cohort_of({**ASKED, "unit": "years", "at": ("1 year",), "landmarks": ("100 days",),
                        "adjust": ({"name": "sex", "label": "sex"},)})
    parts = outline(cohort, analyse_cohort(cohort)).parts
    labels = [row.label for part in parts if isinstance(part, Table) for row in part.rows]
    assert labels[:8] == [
        "Time-dependent Cox regression", "penalised (Firth)", "Mantel–Byar test",
        "Adjusted for sex", "penalised (Firth)", "From a landmark at 100 days", "log-rank test",
        "Naive: ever against never (biased)"]
    drawn = [part for part in parts if isinstance(part, Figure)]
    assert [part.x_label for part in drawn][1] == "Years from the landmark at 100 days"
    assert plain(drawn[1].note).startswith("Kaplan–Meier from the landmark")


def test_a_factor_that_is_not_there_is_refused() -> None:
    with pytest.raises(PlanError, match="no variable 'sexe'"):
        four(adjust=("sexe",))


def test_a_transplant_without_its_day_is_left_out_and_counted() -> None:
    results = four(tables={"transplant": "subject_id | transplant_no | day\nB | 1 | 40\nC | 1 |"})
    assert results.one(statistic="unknown", level="exposure").subjects == ("C",)


def test_a_death_at_time_zero_is_refused_with_its_cure() -> None:
    follow_up = FOUR["follow_up"].replace("A | DEAD | 20 | 20", "A | DEAD | 0 | 0")
    refused = four(tables={"follow_up": follow_up}).one(statistic="refused")
    assert refused.note == "An event at time 0 has no time before it."
    assert refused.method


def test_an_exposure_needs_a_day() -> None:
    with pytest.raises(PlanError, match="sex has no day"):
        four(exposure="sex")


def test_competing_events_are_refused_by_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('[study]\ntitle = "x"\n[endpoints.cir]\nevents = ["relapse"]\n'
                    'competing = ["death"]\n[[analyses]]\nkind = "time_dependent"\ntitle = "T"\n'
                    'endpoint = "cir"\nat = ["1 year"]\n', encoding="utf-8")
    with pytest.raises(PlanError, match="has competing events"):
        read_plan(path)
