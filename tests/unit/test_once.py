"""What several definitions of one run need is computed once, and nothing outlives the run."""

from __future__ import annotations

from remission.definitions.engines import on_engine
from remission.definitions.inputs import frame_for, in_common
from remission.records.once import kept, once, one_run
from tests.conftest import study_of

CALLS: list[tuple[object, ...]] = []


@once
def summed(*given: object) -> int:
    CALLS.append(given)
    return len(CALLS)


def test_the_same_frames_are_answered_once() -> None:
    one, other = object(), object()
    CALLS.clear()
    with one_run():
        assert summed(one, other) == summed(one, other) == 1
        assert summed(other, one) == 2
        assert summed(one) == 3
        assert summed(one, other) == 4
    assert len(CALLS) == 4


def test_words_and_plain_values_are_the_same_by_what_they_say() -> None:
    CALLS.clear()
    with one_run():
        assert summed((0.5, "10*9/L"), "values") == summed((0.5, "10*9/L"), "values") == 1
        assert summed((0.5, "10*9/L"), "calendar days") == 2
        assert summed([1]) != summed([1])


def test_outside_a_run_nothing_is_kept() -> None:
    CALLS.clear()
    one = object()
    with one_run():
        summed(one)
    summed(one)
    with one_run():
        summed(one)
    assert len(CALLS) == 3
    assert kept(one, "key", list) is not kept(one, "key", list)


def test_equal_owners_are_not_the_same_owner() -> None:
    one, other = [1], [1]
    with one_run():
        first = kept(one, "key", list)
        assert kept(one, "key", list) is first
        assert kept(other, "key", list) is not first
        assert kept(one, "other key", list) is not first


def test_the_same_columns_of_a_table_are_one_frame() -> None:
    study = study_of({}, subject="subject_id\nA\n")
    with on_engine(study) as placed:
        asked = frame_for(placed, "subject", ("subject.sex",))
        assert frame_for(placed, "subject", ("subject.sex", "exposure.dose")) is asked
        assert frame_for(placed, "subject", ("subject.cohort",)) is not asked


def test_rules_that_need_different_columns_have_the_others_in_common() -> None:
    study = study_of({}, subject="subject_id\nA\n")
    with on_engine(study) as placed:
        one = frame_for(placed, "subject", ("subject.sex",))
        other = frame_for(placed, "subject", ("subject.sex", "subject.cohort"))
        shared = in_common(one, "subject_id", "sex")
        assert in_common(other, "subject_id", "sex") is shared
        assert in_common(one, "subject_id") is not shared
        assert len(in_common(other.head(0), "subject_id").collect()) == 0
