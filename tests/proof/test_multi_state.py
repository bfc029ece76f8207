"""Multi-state models: worked by hand, exact loops, R's numbers, properties, bad input."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import NotEstimable
from remission.statistics import (
    Outcome,
    Transitions,
    cumulative_incidence,
    illness_death,
    kaplan_meier,
    multi_state,
)

from .oracles import records, reference

PROOF = settings(max_examples=100, deadline=None, database=None)

# Seven subjects, W well, I ill, D dead. Two fall ill at 2 (tied); a death at 3 tied with a
# censoring; at 5 one falls ill and one of the ill dies; a lone censoring of an ill at 6 and of a
# well at 7; lone deaths at 8 (ill) and 9 (well).
#         subject, from, to, entry, time
STAYS = [(1, "W", "I", 0, 2), (1, "I", "D", 2, 5),
         (2, "W", "I", 0, 2), (2, "I", "I", 2, 6),
         (3, "W", "D", 0, 3),
         (4, "W", "W", 0, 3),
         (5, "W", "I", 0, 5), (5, "I", "D", 5, 8),
         (6, "W", "W", 0, 7),
         (7, "W", "D", 0, 9)]


def transitions_of(stays, **options):
    subject, origin, target, entry, time = (list(column) for column in zip(*stays, strict=True))
    return Transitions(subject, origin, target, time, entry=entry, **options)


def hand():
    return multi_state(transitions_of(STAYS, states="WID"))


def test_occupation_of_seven_subjects_worked_by_hand():
    model = hand()
    # t  at risk W, I  moves          well               ill                       dead
    # 2  7, 0          2 W->I         5/7                2/7                       0
    # 3  5, 2          1 W->D         5/7 * 4/5 = 4/7    2/7                       1/7
    # 5  3, 2          W->I, I->D     4/7 * 2/3 = 8/21   2/7 * 1/2 + 4/21 = 1/3    1/7 + 1/7
    # 8  1, 1          I->D           8/21               0                         2/7 + 1/3
    # 9  1, 0          W->D           0                  0                         1
    assert model.time.tolist() == [2, 3, 5, 8, 9]
    assert model.at_risk.tolist() == [[7, 0, 0], [5, 2, 0], [3, 2, 0], [1, 1, 0], [1, 0, 0]]
    assert model.occupation == pytest.approx(np.array(
        [[5 / 7, 2 / 7, 0], [4 / 7, 2 / 7, 1 / 7], [8 / 21, 1 / 3, 2 / 7],
         [8 / 21, 0, 13 / 21], [0, 0, 1]]))
    assert (model.n, model.events, model.initial.tolist()) == (7, 7, [1, 0, 0])
    assert [p.probability for p in model.at([1, 5])] == pytest.approx(
        [1, 0, 0, 8 / 21, 1 / 3, 2 / 7])


def test_the_error_of_a_probability_worked_by_hand():
    # Dead at 5. Each step scatters p(before)^2 * var(g) / at risk, g the chance to be dead at 5
    # from the state stepped into: P(2,5): W 1/5, I 1/2; P(3,5): W 0, I 1/2; dead 1
    # 2, W: 7 of whom 5 stay, 2 to I: mean g (5/5 + 2/2)/7 = 2/7, mean g^2 (5/25 + 2/4)/7 = 1/10,
    #    (1/10 - 4/49)/7 = 9/3430
    # 3, W: p 5/7, 4 stay (0), 1 to D (1): (1/5 - 1/25)/5 = 4/125, * 25/49 = 4/245
    # 5, I: p 2/7, 1 stays (0), 1 to D: (1/2 - 1/4)/2 = 1/8, * 4/49 = 1/98
    # sum (9 + 56 + 35)/3430 = 10/343, the binomial 2/7 * 5/7 / 7, as nobody was lost who mattered
    model = hand()
    assert model.variance[2, 2] == pytest.approx(10 / 343)
    point = model.at([5])[2]
    assert (point.state, point.se) == ("D", pytest.approx(math.sqrt(10 / 343)))
    # log-log: a = 1.959964 sqrt(10/343) / (2/7 ln(7/2)) = .934938; (2/7)^e^a, (2/7)^e^-a
    bend = 1.959963984540054 * math.sqrt(10 / 343) / (2 / 7 * math.log(7 / 2))
    assert (point.lower, point.upper) == pytest.approx(
        ((2 / 7) ** math.exp(bend), (2 / 7) ** math.exp(-bend)))


def test_transition_probabilities_worked_by_hand():
    found = hand().transition_probabilities(2, 5)
    # at 3 W: 4/5 stay, 1/5 to D; at 5 W: 2/3 stay, 1/3 to I; I: 1/2 stay, 1/2 to D
    # from W: stay 4/5 * 2/3 = 8/15, I 4/5 * 1/3 = 4/15, D 1/5
    assert found.probability == pytest.approx(np.array(
        [[8 / 15, 4 / 15, 1 / 5], [0, 1 / 2, 1 / 2], [0, 0, 1]]))
    # from I to D: one of two, variance 1/2 * 1/2 / 2
    assert found.se[1, 2] == pytest.approx(math.sqrt(1 / 8))
    values = {(row.group, row.level): row.value for row in found.tidy()
              if row.statistic == "transition_probability"}
    assert values["W", "I"] == pytest.approx(4 / 15)


# --------------------------------------------------------------------------------- R and data


def ebmt3():
    rows = records("mstate_ebmt", "ebmt3.csv")
    outcome = Outcome([float(r["rfstime"]) for r in rows], [int(r["rfsstat"]) for r in rows])
    onset = [float(r["prtime"]) if r["prstat"] == "1" else math.nan for r in rows]
    return illness_death(outcome, onset, states=("Tx", "PR", "RelDeath"))


# R 4.2.2, etm 1.1.1: etm(ebmt3 as id, from, to, entry, exit; tra of illness-death, "cens", s):
# est and sqrt of cov of Tx to Tx, PR, RelDeath, then PR to PR, RelDeath
EBMT3 = {
    (0, 30): ([0.6475705011, 0.3278791594, 0.02455033954, 0.997105644, 0.002894356006],
              [0.01018791616, 0.01001124995, 0.003299629633, 0.002043654791, 0.002043654791]),
    (0, 365): ([0.3023832549, 0.4150676404, 0.2825491048, 0.7715662147, 0.2284337853],
               [0.009875908811, 0.01061352892, 0.00976413723, 0.01273844606, 0.01273844606]),
    (0, 1000): ([0.2648062497, 0.3670255379, 0.3681682124, 0.6814243162, 0.3185756838],
                [0.009640269044, 0.01052389584, 0.01071093775, 0.01432857021, 0.01432857021]),
    (100, 365): ([0.721570993, 0.07098366356, 0.2074453434, 0.8136189422, 0.1863810578],
                 [0.01504696613, 0.007964019266, 0.01324628536, 0.01203971545, 0.01203971545]),
    (100, 1000): ([0.6319017522, 0.06376484709, 0.3043334007, 0.7185640334, 0.2814359666],
                  [0.01664053647, 0.007152658134, 0.01542545059, 0.01416406968, 0.01416406968]),
}


def test_illness_death_agrees_with_etm():
    model = multi_state(ebmt3())
    for (start, end), (probabilities, errors) in EBMT3.items():
        found = model.transition_probabilities(start, end)
        assert [*found.probability[0], *found.probability[1, 1:]] == pytest.approx(
            probabilities, rel=1e-8)
        assert [*found.se[0], *found.se[1, 1:]] == pytest.approx(errors, rel=1e-8)
    points = model.at([1000])
    assert [p.probability for p in points] == pytest.approx(EBMT3[0, 1000][0][:3], rel=1e-8)
    assert [p.se for p in points] == pytest.approx(EBMT3[0, 1000][1][:3], rel=1e-8)


def test_a_later_start_agrees_with_survfit():
    # R 4.2.2, survival 3.5-3: survfit(Surv(a, b, ev) ~ 1, ebmt3, id=id, istate=i0,
    #   start.time=100), summary(times = c(365, 1000))$pstate
    found = [p.probability for p in multi_state(ebmt3(), start=100).at([365, 1000])]
    assert found == pytest.approx([0.338772731, 0.4649566707, 0.1962705983,
                                   0.2966736251, 0.4111402169, 0.292186158], rel=1e-8)


def test_the_transitions_of_ebmt3_are_those_published():
    expected = [int(part.split()[-1]) for part in reference("ebmt3", "transitions").split(",")]
    counts = multi_state(ebmt3()).transitions.sum(axis=0)
    assert [counts[0, 1], counts[0, 2], counts[1, 2]] == expected


# R 4.2.2, etm 1.1.1, mstate's prothr (liver cirrhosis; prothrombin 1 low, 2 normal, 3 dead, both
# ways), rows of no length left out: 0 to 500 and 0 to 2000 days, rows 1 and 2; then
# survfit(Surv(entry, exit, to) ~ 1, id=id, istate=from): pstate at 500 and 2000
PROTHR = {
    "Placebo": (
        [0.5957799703, 0.2043220399, 0.1998979898, 0.4087230001, 0.2891803653, 0.3020966346],
        [0.03662237289, 0.02765221699, 0.03057059437, 0.03590008224, 0.03347615268, 0.03594241111],
        [0.3250568201, 0.1059844751, 0.5689587048, 0.2657588655, 0.09156687775, 0.6426742567],
        [0.03585237994, 0.02357000721, 0.03757404708, 0.03160090305, 0.02061708835, 0.03464341736],
        [0.4955426909, 0.2497946446, 0.2546626645, 0.2932811229, 0.09825858961, 0.6084602875]),
    "Prednisone": (
        [0.6528797918, 0.1870521865, 0.1600680218, 0.434335874, 0.2151992242, 0.3504649018],
        [0.03560705426, 0.0277252581, 0.02630588137, 0.03569712244, 0.0293629897, 0.03658991708],
        [0.4643984569, 0.1019577564, 0.4336437867, 0.3496492053, 0.07985457891, 0.5704962158],
        [0.0394977178, 0.02503938356, 0.03883685453, 0.03456842316, 0.01994532448, 0.03633396589],
        [0.5283707071, 0.2030881482, 0.2685411447, 0.3990233853, 0.08936510948, 0.5116115053]),
}


@pytest.mark.parametrize("treatment", PROTHR)
def test_states_that_are_left_and_entered_again_agree_with_etm(treatment):
    stays = {}
    for row in records("mstate_ebmt", "prothr.csv"):
        start, stop = float(row["Tstart"]), float(row["Tstop"])
        if row["treat"] == treatment and stop > start:
            stay = stays.setdefault((row["id"], start), [row["from"], row["from"], start, stop])
            if row["status"] == "1":
                stay[1] = row["to"]
    model = multi_state(transitions_of([(key[0], *stay) for key, stay in stays.items()]))
    early, early_se, late, late_se, occupation = PROTHR[treatment]
    for end, probabilities, errors in ((500, early, early_se), (2000, late, late_se)):
        found = model.transition_probabilities(0, end)
        assert list(found.probability[:2].ravel()) == pytest.approx(probabilities, rel=1e-8)
        assert list(found.se[:2].ravel()) == pytest.approx(errors, rel=1e-8)
    assert [p.probability for p in model.at([500, 2000])] == pytest.approx(occupation, rel=1e-8)


def waiting_list():
    return [row for row in records("survival_pkg", "transplant.csv") if row["futime"]]


def from_list(rows):
    return Transitions(
        range(len(rows)), ["waiting"] * len(rows),
        ["waiting" if row["event"] == "censored" else row["event"] for row in rows],
        [float(row["futime"]) for row in rows],
        states=("waiting", "death", "ltx", "withdraw"))


def test_the_waiting_list_agrees_with_the_reference_values():
    for expected in reference("transplant", "aj"):
        group = expected["strata"].removeprefix("abo=")
        model = multi_state(from_list([row for row in waiting_list() if row["abo"] == group]))
        found = [p.probability for p in model.at([expected["time"]])]
        assert found == pytest.approx([expected[f"X{k}"] for k in range(1, 5)], rel=1e-6,
                                      abs=1e-8)


def test_the_waiting_list_agrees_with_survfit():
    # R 4.2.2, survival 3.5-3: survfit(Surv(futime, event) ~ 1, transplant) at 90 and 365 days;
    # its infinitesimal jackknife is Greenwood's where all start in one state and leave it once
    points = multi_state(from_list(waiting_list())).at([90, 365])
    assert [p.probability for p in points] == pytest.approx(
        [0.6262679486, 0.04438693797, 0.3182431145, 0.01110199902,
         0.1786888261, 0.07292177704, 0.7112552013, 0.03713419555], rel=1e-8)
    assert [p.se for p in points] == pytest.approx(
        [0.01699413755, 0.007231890433, 0.01636160831, 0.003680071635,
         0.01350634761, 0.009141525391, 0.01595884594, 0.006652860312], rel=1e-6)


# ---------------------------------------------------------------------------------- properties


@st.composite
def histories(draw):
    """Stays of some subjects in states A, B (left and entered again) and C (for good)."""
    stays = []
    for subject in range(draw(st.integers(2, 8))):
        now = draw(st.integers(0, 2))
        state = draw(st.sampled_from("AAB"))
        for _ in range(draw(st.integers(1, 4))):
            end = now + draw(st.integers(1, 3))
            target = draw(st.sampled_from("ABC"))
            stays.append((subject, state, target, now, end))
            if target == "C":
                break
            state, now = target, end
    return stays


def modelled(stays, **options):
    try:
        return multi_state(transitions_of(stays, states="ABC"), **options)
    except NotEstimable:
        assert not any(origin != target for _, origin, target, _, _ in stays)
        return None


def exact_steps(stays, states):
    """{time: matrix of fractions} of all transition times, and the numbers at risk."""
    steps, at_risk = {}, {}
    for now in sorted({time for _, origin, target, _, time in stays if origin != target}):
        matrix = [[Fraction(int(a == b)) for b in states] for a in states]
        counts = []
        for i, state in enumerate(states):
            here = [(target, time) for _, origin, target, entry, time in stays
                    if origin == state and entry < now <= time]
            for target, time in here:
                if time == now and target != state:
                    matrix[i][states.index(target)] += Fraction(1, len(here))
                    matrix[i][i] -= Fraction(1, len(here))
            counts.append(len(here))
        steps[now], at_risk[now] = matrix, counts
    return steps, at_risk


def times_of(one, two):
    size = range(len(one))
    return [[sum(one[i][k] * two[k][j] for k in size) for j in size] for i in size]


def product_of(steps, low, high, size=3):
    """Product of the steps at low < time <= high."""
    product = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    for time, matrix in steps.items():
        if low < time <= high:
            product = times_of(product, matrix)
    return product


@PROOF
@given(histories(), st.integers(0, 3), st.integers(1, 9))
def test_probabilities_and_variances_equal_the_exact_sum(stays, start, span):
    model = modelled(stays)
    last = max(time for *_, time in stays)
    end = min(start + span, last)
    if model is None or end <= start:
        return
    found = model.transition_probabilities(start, end)
    steps, at_risk = exact_steps(stays, "ABC")
    expected = product_of(steps, start, end)
    for i in range(3):
        if np.isnan(found.probability[i, 0]):
            assert not any(at_risk[t][i] for t in steps if start < t <= end)
            continue
        assert list(found.probability[i]) == pytest.approx([float(v) for v in expected[i]])
        for j in range(3):
            # each step: the chance to be in the state, squared, times the variance of the chance
            # to come to j from where the row of the state leads
            variance = Fraction(0)
            for time, matrix in steps.items():
                if not start < time <= end:
                    continue
                come = product_of({t: m for t, m in steps.items() if t < time}, start, time)[i]
                go = [row[j] for row in product_of(steps, time, end)]
                for h in range(3):
                    if at_risk[time][h]:
                        mean = sum(p * g for p, g in zip(matrix[h], go, strict=True))
                        square = sum(p * g * g for p, g in zip(matrix[h], go, strict=True))
                        variance += come[h] ** 2 * (square - mean**2) / at_risk[time][h]
            assert found.se[i, j] ** 2 == pytest.approx(float(variance), abs=1e-12)


@PROOF
@given(histories())
def test_occupation_sums_to_one_and_is_a_probability(stays):
    model = modelled(stays)
    if model is None:
        return
    assert model.occupation.sum(axis=1) == pytest.approx(1)
    assert model.initial.sum() == pytest.approx(1)
    assert (model.occupation >= 0).all()
    assert (model.occupation <= 1).all()
    assert (model.variance >= 0).all()
    known = ~np.isnan(model.lower)
    assert (model.lower[known] <= model.occupation[known]).all()
    assert (model.upper[known] >= model.occupation[known]).all()


@PROOF
@given(histories(), st.randoms(use_true_random=False), st.sampled_from([1 / 30.4375, 7, 1e9]))
def test_order_unit_and_names_do_not_matter(stays, random, unit):
    one = modelled(stays)
    if one is None:
        return
    names = {"A": 9, "B": 4, "C": 7}
    mixed = [(f"subject {subject}", names[a], names[b], entry * unit, time * unit)
             for subject, a, b, entry, time in random.sample(stays, len(stays))]
    two = multi_state(transitions_of(mixed, states=(4, 7, 9)))
    order = [2, 0, 1]  # A, B, C among 4, 7, 9
    np.testing.assert_allclose(two.occupation[:, order], one.occupation, atol=1e-12)
    np.testing.assert_allclose(two.variance[:, order], one.variance, atol=1e-12)
    np.testing.assert_allclose(two.time, one.time * unit)
    assert (two.n, two.events) == (one.n, one.events)


@PROOF
@given(histories(), st.data())
def test_a_stay_split_in_two_changes_nothing(stays, data):
    one = modelled(stays)
    if one is None:
        return
    place = data.draw(st.integers(0, len(stays) - 1))
    subject, origin, target, entry, time = stays[place]
    middle = (entry + time) / 2
    parts = [(subject, origin, origin, entry, middle), (subject, origin, target, middle, time)]
    two = modelled([*stays[:place], *parts, *stays[place + 1 :]])
    np.testing.assert_allclose(two.occupation, one.occupation)
    np.testing.assert_allclose(two.variance, one.variance)
    np.testing.assert_array_equal(two.at_risk, one.at_risk)


@PROOF
@given(histories(), st.integers(1, 3))
def test_whole_weights_equal_repeated_subjects(stays, weight):
    weights = [weight if subject % 2 else 1 for subject, *_ in stays]
    one = modelled(stays, weights=weights)
    again = [(subject + 100 * copy, *stay) for subject, *stay in stays
             for copy in range(weight if subject % 2 else 1)]
    two = modelled(again)
    if one is None:
        return
    for name in ("at_risk", "transitions", "occupation", "variance", "initial"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-12)


single = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), min_size=1, max_size=12)


@PROOF
@given(single)
def test_with_one_way_out_it_is_kaplan_meier_and_with_two_cumulative_incidence(cohort):
    times, causes = (list(column) for column in zip(*cohort, strict=True))
    if not any(causes):
        return
    n = len(times)
    model = multi_state(Transitions(range(n), [0] * n, causes, times, states=(0, 1, 2)))
    free = kaplan_meier(Outcome(times, [int(c > 0) for c in causes])).at(model.time)
    assert list(model.occupation[:, 0]) == pytest.approx([p.survival for p in free], abs=1e-12)
    assert list(np.sqrt(model.variance[:, 0])) == pytest.approx([p.se for p in free], abs=1e-9)
    for cause in (1, 2):
        curve = cumulative_incidence(Outcome(times, causes), cause=cause)
        found = [p.incidence for p in curve.at(model.time)]
        assert list(model.occupation[:, cause]) == pytest.approx(found, abs=1e-12)


@PROOF
@given(histories())
def test_probabilities_over_two_spans_multiply(stays):
    model = modelled(stays)
    last = max(time for *_, time in stays)
    if model is None or last < 3:
        return
    spans = [model.transition_probabilities(a, b).probability for a, b in pairwise((0, 2, last))]
    whole = model.transition_probabilities(0, last).probability
    product = spans[0] @ spans[1]
    known = ~np.isnan(product)
    np.testing.assert_allclose(product[known], whole[known], atol=1e-12)


# --------------------------------------------------------------------------- illness and death


def test_stays_of_illness_and_death():
    outcome = Outcome([5, 4, 6, 3, 2, 7], [1, 1, 0, 0, 1, 1], [0, 0, 0, 0, 0, 1])
    # ill at 2 then dead; dead without; ill at 4, alive; alive; ill on the day of death (not seen
    # ill); ill since before entry at 1
    rows = illness_death(outcome, [2, math.nan, 4, math.nan, 2, 0.5])
    stays = sorted(zip(rows.subject.tolist(), rows.entry.tolist(), rows.time.tolist(),
                       [rows.states[s] for s in rows.origin],
                       [rows.states[s] for s in rows.target], strict=True))
    assert stays == [
        (0, 0, 2, "well", "ill"), (0, 2, 5, "ill", "dead"),
        (1, 0, 4, "well", "dead"),
        (2, 0, 4, "well", "ill"), (2, 4, 6, "ill", "ill"),
        (3, 0, 3, "well", "well"),
        (4, 0, 2, "well", "dead"),
        (5, 1, 7, "ill", "dead"),
    ]
    # without entry all are under observation from the beginning, also for what happens at 0
    early = illness_death(Outcome([0, 3], [1, 1]), [math.nan, 0])
    assert multi_state(early).occupation.tolist() == [[0, 0.5, 0.5], [0, 0, 1]]


def test_beyond_follow_up_and_outside_the_model_nothing_is_said():
    model = multi_state(transitions_of([*STAYS, (8, "W", "W", 0, 9.5)], states="WID"), start=1)
    beyond, before = model.at([10])[0], model.at([0.5])[0]
    assert math.isnan(beyond.probability)
    assert "beyond" in beyond.note
    assert math.isnan(before.probability)
    assert "start" in before.note
    assert hand().at([50])[2].probability == 1  # all are dead: nothing can change
    for start, end in ((0, 5), (5, 5), (5, 10), (3, math.nan)):
        with pytest.raises(NotEstimable):
            model.transition_probabilities(start, end)
    # nobody is ill after 8.5
    late = model.transition_probabilities(8.5, 9)
    assert np.isnan(late.probability[1]).all()
    assert late.notes == ("", "nobody was in I after 8.5", "")
    assert late.probability[2].tolist() == [0, 0, 1]


def test_a_state_without_anybody_under_observation_is_said():
    # the one in A goes at 1; another comes under observation in A at 2
    stays = [(1, "A", "B", 0, 1), (2, "A", "A", 0, 0.5), (3, "B", "B", 0, 5),
             (4, "A", "A", 0, 1.5), (5, "B", "A", 0, 2), (6, "B", "C", 0, 1.7),
             (5, "A", "C", 2, 3)]
    model = modelled(stays)
    assert any("nobody under observation was in A" in warning for warning in model.warnings)


# ----------------------------------------------------------------------------------- bad input

BAD = {
    "negative time": lambda: Transitions([1], ["A"], ["B"], [-1]),
    "time NaN": lambda: Transitions([1], ["A"], ["B"], [math.nan]),
    "entry NaN": lambda: Transitions([1], ["A"], ["B"], [1], entry=[math.nan]),
    "entry after exit": lambda: Transitions([1], ["A"], ["B"], [1], entry=[2]),
    "no length": lambda: Transitions([1], ["A"], ["B"], [1], entry=[1 - 1e-10]),
    "no rows": lambda: Transitions([], [], [], []),
    "a target is missing": lambda: Transitions([1, 2], ["A", "A"], ["B", None], [1, 2]),
    "too few subjects": lambda: Transitions([1], ["A", "A"], ["B", "B"], [1, 2]),
    "unknown state": lambda: Transitions([1], ["A"], ["B"], [1], states=["A", "C"]),
    "state named twice": lambda: Transitions([1], ["A"], ["B"], [1], states=["A", "B", "B"]),
    "two stays at once": lambda: transitions_of([(1, "A", "B", 0, 5), (1, "B", "C", 3, 6)]),
    "two from the beginning": lambda: Transitions([1, 1], ["A", "B"], ["B", "C"], [5, 6]),
    "a jump": lambda: transitions_of([(1, "A", "B", 0, 5), (1, "A", "C", 5, 6)]),
    "no transition": lambda: multi_state(transitions_of([(1, "A", "A", 0, 5)])),
    "none after the start": lambda: multi_state(transitions_of(STAYS), start=9),
    "start NaN": lambda: multi_state(transitions_of(STAYS), start=math.nan),
    "unknown initial": lambda: multi_state(transitions_of(STAYS), initial="X"),
    "weights zero": lambda: multi_state(transitions_of(STAYS), weights=[0] * 10),
    "weights negative": lambda: multi_state(transitions_of(STAYS), weights=[-1] + [1] * 9),
    "level": lambda: multi_state(transitions_of(STAYS), level=1.5),
    "illness after the end": lambda: illness_death(Outcome([3], [1]), [4]),
    "illness negative": lambda: illness_death(Outcome([3], [1]), [-1]),
    "too few illnesses": lambda: illness_death(Outcome([3, 4], [1, 1]), [1]),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_is_refused(call):
    with pytest.raises(NotEstimable) as refusal:
        call()
    assert str(refusal.value).strip()


def test_the_model_says_what_it_is():
    model = multi_state(transitions_of(STAYS, states="WID"), initial="W",
                        weights=[1.5] + [1] * 9)
    assert model.method == "Aalen–Johansen"
    assert any("Greenwood" in convention for convention in model.conventions)
    assert any("not whole" in warning for warning in model.warnings)
    values = {(row.statistic, row.group, row.at): row.value for row in hand().tidy()}
    assert values["occupation", "D", 5] == pytest.approx(2 / 7)
    assert values["at_risk", "W", 5] == 3
