"""Timelines of single children: what stands where, who may be drawn, and the drawing itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import Cohort, derive_cohort
from remission.errors import PlanError
from remission.plan.courses import MOST_CHILDREN
from remission.report.drawn import TimelineChild, Timelines
from remission.report.explain import explain
from remission.report.figures.draw import draw
from remission.report.figures.svg import as_svg
from remission.report.outline import outline
from remission.report.parts import Refusal
from remission.report.stretches import labelled, place_of, stretches
from tests.conftest import study_of

TIMELINE = {"kind": "timeline", "title": "Course"}
CHILD = {
    "exposure": "subject_id | cycle_no | segment_no | start_day | end_day\nA | 1 | 1 | 0 | 27",
    "adverse_event": "subject_id | event_no | term | group | start_day | end_day | grade\n"
                     "A | 1 | CRS | CRS | 2 | 4 | 2\nA | 2 | Sepsis | INFECTION | 30 |  | 3",
    "toxicity_sign": "subject_id | day | temperature_c | hypotension | oxygen | ice_score\n"
                     "A | 2 | 38.0 | FLUIDS | NONE | 10\nA | 3 | 37.9 | NONE | NONE | 0",
    "transplant": "subject_id | transplant_no | day\nA | 1 | 90",
    "gvhd": "subject_id | gvhd_no | kind | onset_day | max_grade\nA | 1 | ACUTE | 120 | II\n"
            "A | 2 | CHRONIC | 300 | MODERATE",
    "disease_episode": "subject_id | episode_no | phase | start_day\nA | 1 | RELAPSE | 400",
    "assessment": "subject_id | assessment_no | day | specimen | mrd_percent | mrd_sign | "
                  "mrd_lod_percent\nA | 1 | -3 | BM | 2.5 | = | 0.01\n"
                  "A | 2 | 28 | BM |  | ND | 0.01",
    "laboratory": "subject_id | test | day | sequence | value | unit\n"
                  "A | ANC | 5 | 1 | 0.4 | 10*9/L\nA | PLT | 5 | 1 | 60 | 10*9/L\n"
                  "A | CHIMERISM_WB | 120 | 1 | 99 | %\nA | IGG | 5 | 1 | 7 | g/L",
    "follow_up": "subject_id | vital_status | last_contact_day | death_day\n"
                 "A | DEAD | 500 | 500",
}


def cohort(*children: str, study: object = None, **analysis: object) -> Cohort:
    """Return the cohort of child A, with others of whom nothing is recorded."""
    subject = "subject_id | site_id\n" + "\n".join(f"{name} | 1" for name in children or "A")
    plan = {"analyses": ({**TIMELINE, **analysis},)}
    if study is not None:
        plan["study"] = study  # type: ignore[assignment]  # a table beside a list of tables
    return derive_cohort(study_of(plan, subject=subject, **CHILD))


def timelines_of(of: Cohort) -> Timelines:
    return next(part for part in outline(of, analyse_cohort(of)).parts
                if isinstance(part, Timelines))


def refusal_of(of: Cohort) -> Refusal:
    return next(part for part in outline(of, analyse_cohort(of)).parts
                if isinstance(part, Refusal))


@pytest.fixture(scope="module")
def child() -> TimelineChild:
    return timelines_of(cohort()).children[0]


def test_each_lane_holds_what_is_recorded(child: TimelineChild) -> None:
    lanes = {lane.name: lane for lane in child.lanes}
    assert lanes["Treatment"].stretches == ((0, 27, "cycle 1"),)
    assert lanes["Treatment"].marks == ((90, "transplant", ""),)
    assert lanes["Harm"].stretches == ((2, 4, "CRS grade 2"), (30, 30, "infection grade 3"))
    assert lanes["After graft"].marks == (
        (120, "acute GVHD II", "aGVHD II"), (300, "chronic GVHD moderate", "cGVHD moderate"))
    assert lanes["Donor cells, %"].marks == ((120, "CHIMERISM_WB", "99"),)
    assert lanes["Disease"].marks[-2:] == ((400, "relapse", ""), (500, "death", ""))
    assert child.end == 500


def test_a_sign_is_a_day_at_the_limit_of_fever_or_with_a_score_below_the_whole(
    child: TimelineChild,
) -> None:
    signs = next(lane.marks for lane in child.lanes if lane.name == "Harm")
    assert [(day, kind) for day, kind, _ in signs] == [
        (2, "fever"), (2, "hypotension"), (3, "neurological sign")]


def test_mrd_below_its_limit_is_open_and_counts_are_by_test(child: TimelineChild) -> None:
    assert child.mrd == ((-3, 2.5, False), (28, 0.01, True))
    assert child.counts == (("neutrophils", ((5, 0.4, False),)),
                            ("platelets", ((5, 60, False),)))


def test_recovery_stands_on_its_day_after_the_graft() -> None:
    days = "\n".join(f"A | ANC | {90 + day} | 1 | {0.1 if day < 15 else 0.9} | 10*9/L"
                     for day in range(1, 22))
    of = derive_cohort(study_of(
        {"analyses": (TIMELINE,)}, subject="subject_id | site_id\nA | 1",
        transplant="subject_id | transplant_no | day\nA | 1 | 90",
        laboratory=f"subject_id | test | day | sequence | value | unit\n{days}"))
    lane = next(lane for lane in timelines_of(of).children[0].lanes
                if lane.name == "After graft")
    assert lane.marks == ((105, "neutrophil recovery", ""),)


def test_children_stand_in_the_order_in_which_they_are_named() -> None:
    part = timelines_of(cohort("A", "B", "C", subjects=["C", "A"]))
    assert [one.label.text for one in part.children] == ["C", "A"]
    assert part.children[0].lanes == () and part.children[0].end is None


def test_a_study_number_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(PlanError, match="no child 'Z'"):
        analyse_cohort(cohort(subjects=["A", "Z"]))


def test_more_children_than_a_page_holds_are_not_drawn() -> None:
    names = [f"B{number}" for number in range(MOST_CHILDREN)]
    told = refusal_of(cohort("A", *names))
    assert f"holds {MOST_CHILDREN + 1} children" in "".join(map(str, told.reason))
    with pytest.raises(ValueError, match=f"a timeline holds {MOST_CHILDREN}"):
        cohort("A", *names, subjects=["A", *names])


@pytest.mark.parametrize("kind", ["timeline", "swimmer", "marrow_course"])
def test_a_report_for_readers_outside_says_why_no_child_is_drawn(kind: str) -> None:
    of = cohort(kind=kind, study={"title": "T", "shows_single_children": False})
    results: Results = analyse_cohort(of)
    assert not results.select(statistic=("n", "event_day", "marrow"))
    told = refusal_of(of)
    assert "readers could tell who it is" in "".join(map(str, told.reason))
    assert "remove that line" in told.cure


@pytest.mark.parametrize("limit", [None, "100 days"])
def test_the_drawing_names_the_child_and_ends_where_it_is_asked_to(limit: str | None) -> None:
    part = timelines_of(cohort(**({} if limit is None else {"until": limit})))
    assert part.limit == (500 if limit is None else 100)
    svg = as_svg(draw(part, banner="simulated"))
    assert ">A<" in svg and "CRS grade 2" in svg and "SIMULATED" in svg
    assert ("cGVHD moderate" in svg) is (limit is None)


def test_the_number_of_the_child_tells_its_course_day_by_day() -> None:
    of = cohort()
    results = analyse_cohort(of)
    told = str(explain(timelines_of(of).numbers[0], of, results, ()))
    assert "day 2: CRS grade 2 begins" in told and "day 400: relapse" in told


@given(first=st.integers(-3000, 0), last=st.integers(1, 6000), graft=st.integers(0, 900))
def test_days_keep_their_order_on_the_axis(first: int, last: int, graft: int) -> None:
    axis = stretches(first, last, 0.0, 1.0, near_to=graft + 100)
    places = [place_of(day, axis) for day in (first, first / 2, 0, last / 2, last)]
    assert places == sorted(places)
    assert places[0] >= -1e-9
    assert places[-1] <= 1 + 1e-9
    xs = sorted(x for _, x in labelled(axis, 0.06))
    assert all(after - before >= 0.06 - 1e-9 for before, after in pairwise(xs))


@pytest.mark.parametrize("graft", [None, 40])
def test_the_first_half_year_keeps_its_room_whatever_the_treatment(graft: int | None) -> None:
    """Without a transplant the near days still end half a year after day 0, not on day 0."""
    near_to = 0.0 if graft is None else graft + 100.0
    (near, _) = stretches(-2, 730, 0.0, 1.0, near_to=near_to)
    assert (near.first, near.last) == (-2, 180)
