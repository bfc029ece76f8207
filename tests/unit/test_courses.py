"""Courses of single children: what stands in a lane, and what a marrow below its limit shows."""

from __future__ import annotations

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import derive_cohort
from remission.report.drawn import Courses, Lanes
from remission.report.outline import outline
from tests.conftest import study_of
from tests.unit.course import cohort_of

SWIMMER = {"kind": "swimmer", "title": "Courses"}
MARROW = {"kind": "marrow_course", "title": "MRD"}


def test_a_lane_holds_what_is_recorded_of_the_child() -> None:
    cohort = derive_cohort(study_of(
        {"analyses": (SWIMMER,)}, subject="subject_id | site_id\nA | 1",
        exposure="subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 28",
        transplant="subject_id | transplant_no | day\nA | 1 | 90",
        disease_episode="subject_id | episode_no | phase | start_day\nA | 1 | RELAPSE | 200",
        follow_up="subject_id | vital_status | last_contact_day | death_day\nA | DEAD | 300 | 300"))
    lanes = next(part for part in outline(cohort, analyse_cohort(cohort)).parts
                 if isinstance(part, Lanes))
    lane = lanes.lanes[0]
    assert lane.label.text == "A" and lane.end == 300
    assert lane.stretches == ((0, 28),)
    assert lane.marks == ((90, "transplant"), (200, "relapse"), (300, "death"))


def test_the_longest_lane_of_each_group_comes_first() -> None:
    cohort = cohort_of({**SWIMMER, "by": "status"})
    lanes = next(part for part in outline(cohort, analyse_cohort(cohort)).parts
                 if isinstance(part, Lanes))
    assert lanes.names == ("R/R", "MRD positive")
    ends = {colour: [lane.end for lane in lanes.lanes if lane.colour == colour]
            for colour in (0, 1)}
    assert all(own == sorted(own, reverse=True) for own in ends.values())
    assert len({lane.label.address for lane in lanes.lanes}) == len(lanes.lanes) == 48


def test_mrd_that_was_not_detected_stands_open_at_its_limit() -> None:
    cohort = cohort_of(MARROW)
    results: Results = analyse_cohort(cohort)
    limits = results.select(statistic="marrow", level="limit")
    assert limits and {row.value for row in limits} == {0.001}
    drawn = next(part for part in outline(cohort, results).parts if isinstance(part, Courses))
    assert drawn.is_log
    assert any(is_limit for course in drawn.courses for _, _, is_limit in course.points)


def test_blasts_are_drawn_on_a_plain_axis() -> None:
    cohort = cohort_of({**MARROW, "measure": "blasts"})
    drawn = next(part for part in outline(cohort, analyse_cohort(cohort)).parts
                 if isinstance(part, Courses))
    assert not drawn.is_log and drawn.y_label == "Blasts in the marrow, %"
