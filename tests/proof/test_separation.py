"""Separation: worked by hand, an exhaustive search, properties, a peer; fits that refuse it."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import Outcome, cox, detect_separation, logistic

PROOF = settings(max_examples=60, deadline=None, database=None)

# Eight subjects with ties of outcome and covariate.
X = [1, 2, 3, 3, 4, 5, 5, 6]
TIMES = [2, 2, 3, 5, 5, 7, 9, 10]


def test_logistic_worked_by_hand():
    # everybody above 3.5 has the outcome and nobody below: complete
    found = detect_separation([0, 0, 0, 0, 1, 1, 1, 1], X, names=["dose"])
    assert (found.is_separated, found.kind) == (True, "complete")
    assert (found.covariates, found.signs) == (("dose",), (1,))
    assert (found.n, found.events) == (8, 4)
    assert "Firth" in found.warnings[0]
    # one of the two at 3 has it: everybody above, nobody below, quasi-complete
    found = detect_separation([0, 0, 0, 1, 1, 1, 1, 1], X)
    assert (found.is_separated, found.kind, found.signs) == (True, "quasi-complete", (1,))
    # the other way round the odds ratio would be 0
    assert detect_separation([1, 1, 1, 0, 0, 0, 0, 0], X).signs == (-1,)
    # one at 2 has it and one at 6 has not: the values overlap
    found = detect_separation([0, 1, 0, 1, 1, 1, 1, 0], X)
    assert (found.is_separated, found.kind, found.covariates) == (False, "none", ())
    assert found.warnings == ()


def test_only_the_covariates_concerned_are_named():
    # group is 1 only in those with the outcome; age overlaps within the group at 0
    group = [0, 0, 0, 0, 0, 1, 1, 1]
    outcome = [0, 1, 0, 1, 0, 1, 1, 1]
    age = [1, 2, 3, 1, 2, 5, 1, 3]
    found = detect_separation(outcome, np.column_stack((group, age)), names=["group", "age"])
    assert (found.kind, found.covariates, found.signs) == ("quasi-complete", ("group",), (1,))


def test_cox_worked_by_hand():
    # whoever has the event has the smallest value of those at risk: 1 and 1 (tied), 2, 3
    outcome = Outcome(TIMES, [1, 1, 0, 1, 0, 1, 0, 0])
    values = [1, 1, 4, 2, 4, 3, 3, 5]
    found = detect_separation(outcome, values, names=["counts"])
    assert (found.is_separated, found.kind) == (True, "monotone likelihood")
    assert (found.covariates, found.signs) == (("counts",), (-1,))
    # tied events of different values: one of them is above the smallest at risk
    found = detect_separation(outcome, [1, 2, 4, 2, 4, 3, 3, 5])
    assert found.is_separated is False
    # with exact ties the pair of the tied is compared with other pairs: it is the smallest still
    assert detect_separation(outcome, [1, 2, 4, 2, 4, 3, 3, 5], ties="exact").is_separated
    # the subject with 4 left before the event at 5; one more with 1 at risk then: overlap
    assert detect_separation(outcome, [1, 1, 4, 2, 4, 3, 3, 1]).is_separated is False
    # which is no matter when that one is in another stratum
    assert detect_separation(outcome, [1, 1, 4, 2, 4, 3, 3, 1], strata=[0] * 7 + [1]).is_separated
    # nor when that one comes under observation after the last event
    late = Outcome(TIMES, [1, 1, 0, 1, 0, 1, 0, 0], [0] * 7 + [8])
    assert detect_separation(late, [1, 1, 4, 2, 4, 3, 3, 1]).is_separated


# ------------------------------------------------------------------------- exhaustive search


def pairs_of(rows, ties):
    """Differences of covariates of events and of those they are compared with."""
    differences = []
    for time, event, x, _, stratum in rows:
        if not event:
            continue
        for other in rows:
            is_tied = other[1] and other[0] == time and other[4] == stratum
            if other[4] == stratum and other[3] < time <= other[0] and not (
                    ties == "exact" and is_tied):
                differences.append(np.subtract(x, other[2]))
    return differences


def can_run_away(differences):
    """Whether some direction of the plane loses nowhere and gains somewhere, by trying them all.

    Such directions are a cone: if there are any, one is a difference or at a right angle to one.
    """
    found = {tuple(d) for d in differences if any(d)}
    candidates = [(a, b) for d in found for a, b in (d, (-d[1], d[0]), (d[1], -d[0]))]
    for direction in candidates:
        gains = [float(np.dot(direction, d)) for d in found]
        if min(gains) >= -1e-12 and max(gains) > 1e-12:
            return True
    return False


def cohorts(min_size=5, max_size=9):
    covariate = st.tuples(st.integers(-2, 2), st.integers(0, 2))
    subject = st.tuples(st.integers(3, 7), st.sampled_from([0, 0, 1]), covariate,
                        st.integers(0, 2), st.sampled_from("ab"))
    return st.lists(subject, min_size=min_size, max_size=max_size)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
@pytest.mark.parametrize("has_entry", [True, False])
@PROOF
@given(rows=cohorts())
def test_cox_equals_the_search_and_refuses_just_then(ties, has_entry, rows):
    if not has_entry:
        rows = [(*row[:3], 0, row[4]) for row in rows]
    times, events, covariates, entries, strata = (list(part) for part in zip(*rows, strict=True))
    outcome = Outcome(times, events, entries if has_entry else None)
    try:
        found = detect_separation(outcome, covariates, strata=strata, ties=ties)
    except NotEstimable:
        return  # no events, or covariates without variation: nothing to look for
    assert found.is_separated == can_run_away(pairs_of(rows, ties))
    try:
        fit = cox(outcome, covariates, strata=strata, ties=ties)
    except NotEstimable as refusal:
        assert found.is_separated
        assert "monotone in " + ", ".join(found.covariates) in str(refusal)
        assert "firth_cox" in str(refusal)
    else:
        assert not found.is_separated
        assert np.abs(fit.estimate).max() < 30


@PROOF
@given(rows=st.lists(st.tuples(st.integers(0, 1), st.tuples(st.integers(-2, 2),
                                                           st.integers(0, 2))),
                     min_size=5, max_size=14))
def test_logistic_equals_the_search_and_refuses_just_then(rows):
    outcome, covariates = (list(part) for part in zip(*rows, strict=True))
    try:
        found = detect_separation(outcome, covariates)
    except NotEstimable:
        return
    ones = [x for y, x in rows if y]
    zeros = [x for y, x in rows if not y]
    differences = [np.subtract(a, b) for a, b in itertools.product(ones, zeros)]
    assert found.is_separated == can_run_away(differences)
    if found.kind == "complete":
        assert is_strictly_apart(differences)
    try:
        fit = logistic(outcome, covariates)
    except NotEstimable as refusal:
        assert found.is_separated
        assert found.kind in str(refusal)
        assert "firth_logistic" in str(refusal)
    else:
        assert not found.is_separated
        assert np.abs(fit.estimate).max() < 60


def is_strictly_apart(differences):
    """Whether some direction of a fine fan gains in every difference."""
    fan = [(math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 3601)]
    return any(min(float(np.dot(d, way)) for d in differences) > 1e-9 for way in fan)


@PROOF
@given(rows=st.lists(st.tuples(st.integers(0, 1), st.tuples(st.integers(-2, 2),
                                                           st.integers(0, 2))),
                     min_size=5, max_size=14))
def test_firthmodels_agrees(rows):
    firthmodels = pytest.importorskip("firthmodels", reason="make test installs it")
    outcome, covariates = (list(part) for part in zip(*rows, strict=True))
    try:
        found = detect_separation(outcome, covariates)
    except NotEstimable:
        return
    peer = firthmodels.detect_separation(np.array(covariates, dtype=float), np.array(outcome))
    assert found.is_separated == peer.separation


@pytest.mark.parametrize(("outcome", "options", "message"), [
    ([0, 0, 0, 0], {}, "same outcome"),
    ([0, 1, 0, 3], {}, "0 or 1"),
    ([0, 1, 0, 1], {"strata": [1, 1, 2, 2]}, "Strata belong to"),
    (Outcome([1, 2, 3, 4], [0, 0, 0, 0]), {}, "no events"),
    (Outcome([1, 2, 3, 4], [1, 0, 0, 0]), {"ties": "none"}, "no method"),
])
def test_bad_input_is_refused(outcome, options, message):
    with pytest.raises(NotEstimable, match=message):
        detect_separation(outcome, [1.0, 2.0, 4.0, 3.0], **options)
