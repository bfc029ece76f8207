"""Days searched for give the printed survival, its error and the log-rank test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.reconstruct.curves import log_rank_p, survival_at
from remission.reconstruct.follow_up import Between, Course, Differ, Survived
from remission.reconstruct.survival_conflicts import survival_conflicts
from remission.reconstruct.times import find_days
from remission.statistics import Outcome, kaplan_meier, log_rank

YEAR = 365.25
CHILDREN = np.arange(75)
POSITIVE = CHILDREN < 30
NOBODY = np.zeros(75, dtype=np.bool_)


def followed(failed: np.ndarray, died: np.ndarray, first_loss: int = 270) -> Course:
    return Course(failed, died, Between(1, 364), Between(1, 364), Between(first_loss, 1280),
                  by_death=died & ~POSITIVE)


def test_survival_and_error_of_groups_and_of_all_together_are_met() -> None:
    # Zhang 2025, Results: 26 of 30, 44 of 45, and 98.6 only if one is lost before the one death
    failed = np.isin(CHILDREN, [0, 1, 2, 3, 40])
    died = np.isin(CHILDREN, [40])
    everyone = ~NOBODY
    found = find_days(followed(failed, died), [
        Survived("efs", POSITIVE, YEAR, "86.7", "6.2"), Survived("efs", ~POSITIVE, YEAR, "97.8"),
        Survived("efs", everyone, YEAR, "93.3", "2.9"), Survived("os", POSITIVE, YEAR, "100"),
        Survived("os", everyone, YEAR, "98.6", "1.3")])
    assert found.complete, [str(outcome) for outcome in found.unmet]
    before = found.last[POSITIVE] < found.death[40]
    assert before.sum() == 1


def test_days_lie_in_their_windows_and_in_their_order() -> None:
    failed = CHILDREN % 5 == 0
    died = CHILDREN % 15 == 0
    course = Course(failed, died, Between(30, 200), Between(100, 400), Between(270, 900))
    found = find_days(course, [Differ("os", (POSITIVE, ~POSITIVE), "0.9")], most_moves=500)
    assert ((found.event[failed] >= 30) & (found.event[failed] <= 200)).all()
    assert (found.event[died] <= found.death[died]).all()
    assert np.isnan(found.event[~failed]).all()
    assert np.isnan(found.last[died]).all()
    alive = failed & ~died
    assert (found.event[alive] <= found.last[alive]).all()


def test_one_seed_gives_the_same_days() -> None:
    course = followed(CHILDREN < 9, NOBODY)
    targets = [Differ("efs", (CHILDREN < 20, CHILDREN >= 20), "<0.0001")]
    first, second = (find_days(course, targets, seed=5) for _ in range(2))
    assert first.complete
    assert np.array_equal(first.event, second.event, equal_nan=True)


def test_a_p_value_that_no_order_of_the_events_gives_is_not_met() -> None:
    # Zhang 2025, Figure 4: 2 of 30 and 1 of 75 cannot give P = 0.009
    course = followed(NOBODY | (CHILDREN == 1), NOBODY)
    found = find_days(course, [Differ("efs", (POSITIVE, ~POSITIVE), "0.009")],
                      starts=2, most_moves=300)
    assert not found.complete
    assert found.unmet[0].got > 0.05


def test_survival_beyond_all_follow_up_is_not_met() -> None:
    course = Course(NOBODY, NOBODY, Between(1, 100), Between(1, 100), Between(100, 300))
    found = find_days(course, [Survived("os", POSITIVE, YEAR, "100")], starts=1, most_moves=200)
    assert not found.complete


def test_windows_without_any_days_are_refused() -> None:
    failed = CHILDREN < 1
    course = Course(failed, NOBODY, Between(500, 600), Between(1, 2), Between(100, 300))
    with pytest.raises(ValueError, match="child 0"):
        find_days(course, [Survived("efs", POSITIVE, 100, "97")])


def test_a_death_without_an_event_is_refused() -> None:
    with pytest.raises(ValueError, match="A death is an event"):
        followed(NOBODY, CHILDREN < 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.integers(0, 2)),
                min_size=6, max_size=40))
def test_fast_estimates_are_those_of_the_statistics(
    rows: list[tuple[int, bool, int]],
) -> None:
    days, had, group = (np.array(column) for column in zip(*rows, strict=True))
    point = kaplan_meier(Outcome(time=days, event=had.astype(int))).at([20])[0]
    survival, error = survival_at(days.tolist(), days[had].tolist(), 20)
    assert survival == pytest.approx(point.survival, nan_ok=True)
    assert error == pytest.approx(point.se, nan_ok=True)
    parts = [(days[group == one].tolist(), days[had & (group == one)].tolist())
             for one in sorted(set(group.tolist()))]
    fast = log_rank_p(parts) if len(parts) > 1 else np.nan
    if not np.isnan(fast):
        exact = log_rank(Outcome(time=days, event=had.astype(int)), group).p
        assert fast == pytest.approx(exact, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_survival_of_true_follow_up_is_met(seed: int) -> None:
    random = np.random.default_rng(seed)
    failed = random.random(75) < 0.25
    failed[0] = True
    event = random.integers(1, 700, 75)
    last = random.integers(270, 1200, 75)
    ended = np.where(failed, event, last)
    last[~failed] = np.maximum(last[~failed], 270)
    course = Course(failed, NOBODY, Between(1, 700), Between(1, 2), Between(270, 1200))
    targets = []
    for rows in (POSITIVE, ~NOBODY):
        point = kaplan_meier(Outcome(time=ended[rows], event=failed[rows].astype(int))).at([YEAR])
        targets.append(Survived("efs", rows, YEAR, f"{100 * point[0].survival:.1f}",
                                f"{100 * point[0].se:.1f}"))
    found = find_days(course, targets, seed=seed, starts=4)
    assert found.complete, [str(outcome) for outcome in found.unmet]


def test_survival_counts_from_the_day_of_each_graft() -> None:
    grafts = np.where(CHILDREN < 40, 60, 115)
    failed = CHILDREN % 7 == 0
    course = Course(failed, failed, Between(130, 900), Between(130, 900), Between(700, 1500),
                    by_death=failed)
    found = find_days(course, [
        Survived("os", ~NOBODY, YEAR, "89.3", origin=grafts), Survived("os", POSITIVE, YEAR, "87"),
        Differ("os", (POSITIVE, ~POSITIVE), "0.8", origin=grafts)], most_moves=4000)
    assert found.complete, [str(outcome) for outcome in found.unmet]
    ended = np.where(failed, found.death, found.last) - grafts
    point = kaplan_meier(Outcome(time=ended, event=failed.astype(int))).at([YEAR])[0]
    assert f"{100 * point.survival:.1f}" == "89.3"


def test_survival_of_all_that_groups_exclude_is_named_with_them() -> None:
    # Olaya-Vargas 2025, Table 5: 58 % of 38 and 100 % of 3 leave at most 78.1 % of 41, not 82 %
    haploidentical, transplanted = CHILDREN < 38, CHILDREN < 41
    origin = np.full(75, 90)
    whole, haplo, matched, other = (
        Survived("os", rows, 5 * YEAR, estimate, name=name, origin=origin)
        for rows, estimate, name in (
            (transplanted, "82", "all"), (haploidentical, "58", "haplo"),
            (transplanted & ~haploidentical, "100", "matched"), (CHILDREN < 2, "50", "two")))
    found = list(survival_conflicts([whole], [whole, other, haplo, matched]))
    assert [str(one) for one in found] == ["all: estimate 82; haplo: estimate 58"]
    from_elsewhere = Survived("os", haploidentical, 5 * YEAR, "58")
    assert not list(survival_conflicts([whole], [whole, from_elsewhere]))


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_planted_curves_of_two_origins_are_met(seed: int) -> None:
    random = np.random.default_rng(seed)
    grafts = random.integers(50, 120, 75)
    failed = random.random(75) < 0.3
    failed[:3] = True
    ended = np.where(failed, random.integers(150, 900, 75), random.integers(700, 1500, 75))
    course = Course(failed, failed, Between(150, 900), Between(150, 900), Between(700, 1500),
                    by_death=failed)
    targets = []
    for rows, origin in ((POSITIVE, None), (~NOBODY, grafts), (~POSITIVE, grafts)):
        days = ended - (grafts if origin is not None else 0)
        point = kaplan_meier(Outcome(time=days[rows], event=failed[rows].astype(int))).at([500])[0]
        targets.append(Survived("os", rows, 500, f"{100 * point.survival:.1f}", origin=origin))
    found = find_days(course, targets, seed=seed, most_moves=6000)
    assert found.complete, [str(outcome) for outcome in found.unmet]
