"""Power by virtual trials: a visible effect, exact formulae beside, the same on any workers."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from remission.cli.app import app
from remission.errors import InputError
from remission.statistics.binomials import binomial, two_sided
from remission.statistics.power_log_rank import power_log_rank
from remission.virtual.children import draw_children, streams_of
from remission.virtual.parameters import Parameters, read_parameters, studies
from remission.virtual.planning import effects, models, power
from remission.virtual.planning.design import TrialDesign, read_design
from remission.virtual.planning.effects import find_effect, with_effect
from remission.virtual.planning.models import ANALYSES, Question
from remission.virtual.planning.power import Power, plan_trial, read_trials
from remission.virtual.planning.trial import Trial, draw_trial, eligible
from remission.virtual.simulate import simulate_block
from remission.virtual.truth_table import event_free_survival, has_cleared, responders
from tests.conftest import run

CLEARANCE = TrialDesign("olaya-2025", "mrd_clearance", 0.15, (60,), replicates=300, seed=7)
EFS = TrialDesign("zhang-2025", "efs", 0.05, (60,), replicates=50, seed=7)
ERRORS = 3.5
"""Monte Carlo errors within which a true equality is found: 1 in 2,000 would fail by chance."""


@pytest.fixture(autouse=True)
def small_population(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure in 20,000 children, which is quick."""
    monkeypatch.setattr(effects, "POPULATION", 20_000)


def only_first(monkeypatch: pytest.MonkeyPatch, design: TrialDesign) -> None:
    """Let the design have only the analysis it is planned for."""
    key = design.outcome, design.has_two_arms
    monkeypatch.setitem(ANALYSES, key, ANALYSES[key][:1])


def power_of(found: tuple[Power, ...], analysis: str, of: str = "arm") -> Power:
    return next(one for one in found if (one.analysis, one.of) == (analysis, of))


@pytest.mark.parametrize("like", studies())
def test_children_without_rows_are_those_of_the_written_cohort(like: str) -> None:
    parameters = read_parameters(like)
    children = draw_children(parameters, streams_of(seed=4, replicate=2, block=0), 80)
    truth = simulate_block(parameters, seed=4, replicate=2, block=0, n=80).truth
    responder = responders(children)
    time, event = event_free_survival(children, responder)
    assert truth["efs_time"].to_list() == time.astype(int).tolist()
    assert truth["efs_event"].to_list() == event.astype(int).tolist()
    cleared = [None if best == "NE" else "Y" if flag else "N" for best, flag in zip(
        truth["best_response"], has_cleared(children), strict=True)]
    assert truth["best_mrd_response"].to_list() == cleared


def test_the_effect_is_a_visible_change_that_makes_the_difference_asked_for() -> None:
    effect = find_effect(CLEARANCE)
    assert effect.difference == pytest.approx(0.15, abs=0.001)
    assert set(effect.after) == {"response.first_poor", "response.first_good",
                                 "response.conversion"}
    odds = [values["response.conversion"] / (1 - values["response.conversion"])
            for values in (effect.before, effect.after)]
    assert math.log(odds[1] / odds[0]) == pytest.approx(effect.log_effect, abs=1e-4)
    assert effect.arms[1].entries["response.conversion"]["origin"] == "changed"
    assert effect.arms[0].entries is read_parameters("olaya-2025").entries


@pytest.mark.parametrize(("outcome", "points"), [("efs", 5), ("efs", -10), ("nrm", 4)])
def test_hazards_are_multiplied_by_one_ratio(outcome: str, points: float) -> None:
    design = replace(EFS, outcome=outcome, difference=points / 100)
    effect = find_effect(design)
    assert effect.difference == pytest.approx(points / 100, abs=0.001)
    for name, before in effect.before.items():
        if name.endswith("_rate"):
            ratios = np.array(effect.after[name]) / np.array(before)
            assert ratios == pytest.approx(math.exp(effect.log_effect), rel=1e-4)


def test_no_difference_changes_no_parameter() -> None:
    effect = find_effect(replace(EFS, difference=0.0))
    assert effect.before == {} == effect.after
    assert effect.arms[0] is effect.arms[1]


def test_a_difference_beyond_what_the_children_can_have_is_refused() -> None:
    with pytest.raises(InputError, match="at most, however the hazards are changed"):
        find_effect(replace(EFS, difference=0.15))


def test_a_historical_value_is_where_the_difference_begins() -> None:
    effect = find_effect(replace(CLEARANCE, historical=0.6, difference=0.05))
    assert effect.reference == 0.6
    assert effect.values == (pytest.approx(0.65, abs=0.001),)
    assert effect.log_effect < 0  # the generator's own is 73 %


def test_a_trial_of_clearance_enrols_who_has_something_to_clear() -> None:
    parameters = eligible(read_parameters("zhang-2025"), "mrd_clearance")
    children = draw_children(parameters, streams_of(seed=1, replicate=0, block=0), 5000)
    assert (children.people.status != 2).all()
    # Zhang 2025, Results: 21 of 30, all 21 and 9 of 54 children had MRD
    shares = np.bincount(children.people.cohort, minlength=3) / 5000
    assert shares == pytest.approx(np.array([21, 21, 9]) / 51, abs=0.03)


def test_power_of_clearance_is_that_of_the_exact_formula(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for design in (CLEARANCE, replace(CLEARANCE, historical="own", difference=0.1)):
        only_first(monkeypatch, design)
        found = plan_trial(design).powers[0]
        assert found.formula is not None
        assert abs(found.power - found.formula) < ERRORS * found.se
        assert abs(found.bias) < ERRORS * found.bias_se
        assert found.coverage > 0.95 - ERRORS * found.coverage_se


def plain(parameters: Parameters) -> Parameters:
    """Return children who all respond and relapse at one constant rate, followed alike."""
    return parameters.changed({
        "people.cohort": {"CHEMO_INTOLERANT": 1}, "people.status_of_CHEMO_INTOLERANT": {
            "MRD_NEG": 1}, "response.stays_negative": 1.0, "treatment.death_on_treatment": 0.0,
        "course.bridge_RESPONDER_CHEMO_INTOLERANT": {"NONE": 1},
        "course.bridge_NON_RESPONDER": {"NONE": 1}, "course.breaks": [0],
        "course.relapse_log_hazard": dict.fromkeys(
            ("RR", "MRD_LEFT", "POOR_GENETICS", "TRANSPLANT"), 0.0),
        **{f"course.{name}_death_rate": [0.0] for name in (
            "remission", "transplant", "relapse", "refractory")},
        "course.relapse_rate": [6e-4], "course.follow_up": [1000, 1000], "course.lost": 0.0})


def test_log_rank_power_is_that_of_the_formula_where_the_design_is_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only_first(monkeypatch, EFS)
    standard = plain(read_parameters("zhang-2025"))
    arms = (standard, with_effect(standard, "efs", math.log(0.5)))
    readings = read_trials(arms, EFS, Question(730.5, 0.0, 0.95), 120, range(500))
    shown = float((readings[:, 0, 0] <= 0.05).mean())
    large = draw_trial(arms, (4000, 4000), "efs", seed=1, replicate=0)
    formula = power_log_rank(0.5, n=120, event_probability=float(large.event.mean())).power
    assert 0.5 < formula < 0.9
    # Schoenfeld's formula is itself an approximation, good to about two points here
    assert abs(shown - formula) < ERRORS * math.sqrt(formula * (1 - formula) / 500) + 0.02


def test_without_a_difference_the_log_rank_test_keeps_its_level(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    design = replace(EFS, difference=0.0, replicates=600)
    only_first(monkeypatch, design)
    found = plan_trial(design).powers[0]
    assert abs(found.power - 0.05) < ERRORS * math.sqrt(0.05 * 0.95 / 600)
    assert found.formula is None


def test_any_number_of_workers_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "POPULATION", 10_000)
    alone, together = (plan_trial(EFS, jobs=jobs) for jobs in (1, 2))
    assert [repr(one) for one in alone.powers] == [repr(one) for one in together.powers]


def test_replicates_are_the_same_whatever_is_simulated_beside_them() -> None:
    effect = find_effect(EFS)
    question = Question(730.5, effect.reference, 0.95)
    all_of_them = read_trials(effect.arms, EFS, question, 40, range(6))
    last = read_trials(effect.arms, EFS, question, 40, range(4, 6))
    assert np.array_equal(all_of_them[4:], last, equal_nan=True)


def test_what_stands_in_for_a_separated_model_is_counted() -> None:
    design = replace(EFS, outcome="nrm", difference=0.04, sizes=(40,), replicates=25)
    found = power_of(plan_trial(design).powers, "start–stop Cox")
    assert found.stand_in == "Firth Cox"
    assert found.stood_in > 0
    assert found.stood_in + found.failed <= 25


def test_a_trial_without_events_has_no_answer_and_is_not_significant() -> None:
    nobody = Trial(
        arm=np.array([0, 1] * 10), is_success=np.zeros(20, dtype=bool),
        time=np.full(20, 900.0), event=np.zeros(20, dtype=np.int64),
        transplant=np.full(20, np.nan), covariates=np.zeros((20, 2)))
    for analysis in ANALYSES["efs", True]:
        assert math.isnan(power._reading(analysis, nobody, Question(730.5, 0.5, 0.95)).p)


def test_the_transplant_counts_from_its_day_on() -> None:
    # the only event with a transplanted child at risk is of that child, on day 50
    trial = Trial(
        arm=np.array([0, 1, 0, 1]), is_success=np.ones(4, dtype=bool),
        time=np.array([10.0, 50.0, 60.0, 70.0]), event=np.array([1, 1, 0, 0]),
        transplant=np.array([np.nan, 20.0, 65.0, np.nan]), covariates=np.zeros((4, 2)))
    found = models.mantel_byar(models._first_cause(trial), models._before_end(trial))
    assert found.observed == (1.0, 1.0)
    assert found.n_exposed == 1
    assert found.expected[1] == pytest.approx(1 / 3)


def test_the_binomial_p_counts_what_is_no_likelier() -> None:
    # X ~ Bin(4, 1/2): 1, 4, 6, 4, 1 of 16
    assert two_sided(binomial(4, 0.5)) == pytest.approx([2 / 16, 10 / 16, 1, 10 / 16, 2 / 16])


def test_everything_wrong_with_a_design_is_said_at_once() -> None:
    with pytest.raises(InputError) as refused:
        read_design("zhang", "survival", 0.15, "60,x", "700", "soon", alpha=0.7, replicates=1,
                    seed=-1)
    told = str(refused.value)
    for said in ("--like zhang", "--outcome survival", "percentage points", "--n 60,x",
                 "--historical 700", "--at soon", "--alpha 0.7", "--replicates 1", "--seed -1"):
        assert said in told


def test_a_page_holds_the_figure_the_tables_and_the_change(tmp_path: Path) -> None:
    arguments = ["power", "--outcome", "mrd_clearance", "--difference", "10", "--n", "20,30",
                 "--replicates", "20", "--jobs", "1", "-o", str(tmp_path / "plan")]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert {path.name for path in (tmp_path / "plan").iterdir()} == {
        "files.json", "power.html", "power.json", "power.png", "power.svg"}
    page = (tmp_path / "plan" / "power.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1 and "Fisher exact" in page
    assert "response.first_good" in page and "virtual trials, no patient" in page
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 0
    assert (tmp_path / "plan" / "power.html").read_text(encoding="utf-8") == page
    (tmp_path / "plan" / "mine.txt").write_text("mine")
    assert CliRunner().invoke(app, arguments).exit_code != 0
    assert (tmp_path / "plan" / "mine.txt").exists()


def test_the_command_prints_tables_and_one_json_document() -> None:
    arguments = ["power", "--like", "olaya-2025", "--outcome", "mrd_clearance", "--difference",
                 "15", "--n", "30,40", "--replicates", "30", "--seed", "7", "--jobs", "1"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0
    assert "response.conversion  0.2 →" in shown.stdout
    assert "Fisher exact: none of these numbers" in shown.stdout
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert {row["n"] for row in told["powers"]} == {30, 40}
    assert told["effect"]["changed"]["response.conversion"]["from"] == 0.2
    assert all(row["model_failed"] == row["failed"] + row["stood_in"] for row in told["powers"])


def test_a_difference_out_of_reach_is_told_the_greatest_that_can_be_had() -> None:
    done = run("power", "--outcome", "efs", "--difference", "15", "--n", "60", "--replicates", "20")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())     # a narrow terminal breaks lines
    target, furthest, room = (float(re.search(words, said)[1]) for words in (
        r"would be ([\d.]+) %", r"come to ([\d.]+) %", r"between 0 and (\d+\.\d)"))
    assert room == pytest.approx(furthest - (target - 15), abs=0.15)   # each rounded to 0.1
