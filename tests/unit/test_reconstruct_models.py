"""Ratios as targets: tables that print so, exchanges that keep counts, models that print so."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.audit.claims import Claims, read_claims
from remission.errors import InputError, NotEstimable
from remission.reconstruct.blueprint import Blueprint, read_blueprint
from remission.reconstruct.conditions import Resolver
from remission.reconstruct.described import Searched
from remission.reconstruct.exchange import Exchange
from remission.reconstruct.facts import Facts, facts_of
from remission.reconstruct.fourfold import fitted_table, fourfold
from remission.reconstruct.hazard_fit import fitted_hazards
from remission.reconstruct.model_fit import fitted_ratios
from remission.reconstruct.model_times import ModelTimes
from remission.reconstruct.models import modelled
from remission.reconstruct.ratios import printed_ratios
from remission.reconstruct.times import FoundDays
from remission.statistics import Outcome as FollowedUp
from remission.statistics import cox, firth_logistic, logistic
from remission.virtual.parameters import read_parameters

pytest.importorskip("ortools", reason="OR-tools finds the counts: remission[reconstruct]")

HEAD = '[paper]\ntitle = "Children"\n\n[bases]\npatients = {n}\n'
BLUEPRINT = """
children = "patients"
like = "zhang-2025"
core = ["response"]

[facts]
sex = {}
episode = { levels = ["FIRST_RELAPSE", "REFRACTORY"] }
response = { levels = ["NEGATIVE", "OVERT"] }
"""
PARTS = {"sex": ("F", "M"), "episode": ("REFRACTORY", "FIRST_RELAPSE"),
         "response": ("OVERT", "NEGATIVE")}


def _claim(name: str, kind: str, **fields: str) -> str:
    rows = "".join(f"{key} = {value}\n" for key, value in fields.items())
    return f'\n[[claims]]\nid = "{name}"\nwhere = "Table"\nkind = "{kind}"\n{rows}'


def _study(
    folder: Path, counts: dict[str, tuple[int, int]], ratios: str, models: str, more: str = "",
) -> tuple[Blueprint, Claims]:
    """Write and read a study whose facts have some counts, and whose ratios models ask for."""
    n = sum(next(iter(counts.values())))
    claims = HEAD.replace("{n}", str(n)) + "".join(
        _claim(fact, "parts", parts=str(list(parts)), total='"patients"')
        for fact, parts in counts.items()) + ratios
    targets = "".join(
        f'\n[[targets]]\nclaim = "{fact}"\nparts = [{{ {fact} = "{PARTS[fact][0]}" }}, '
        f'{{ {fact} = "{PARTS[fact][1]}" }}]\ntotal = {{}}\nweight = 2\n' for fact in counts)
    (folder / "claims.toml").write_text(claims, encoding="utf-8")
    (folder / "reconstruction.toml").write_text(BLUEPRINT + more + models + targets,
                                                encoding="utf-8")
    return (read_blueprint(folder / "reconstruction.toml"), read_claims(folder / "claims.toml"))


ONE = """
[[models]]
outcome = { response = "NEGATIVE" }
test = "fisher"
terms = [{ who = { sex = "F" }, claims = ["or"] }]
"""


def _table(facts: Facts) -> list[int]:
    """Return girls with and without remission, boys with and without."""
    return [sum(child["sex"] == sex and child["response"] == response
                for child in facts.children)
            for sex in ("F", "M") for response in ("NEGATIVE", "OVERT")]


def test_the_table_behind_a_printed_ratio_is_found(tmp_path: Path) -> None:
    # Olaya-Vargas 2025, Table 2, 24 children with one cycle: 2 of 5 and 16 of 19 in remission give
    # 0.125, and Fisher P = 0.078
    blueprint, claims = _study(
        tmp_path, {"response": (6, 18)}, _claim("or", "ratio", measure='"OR"',
                                                estimate='"0.125"', p='"0.08"'), ONE)
    facts = facts_of(blueprint, claims, 1, "x")
    assert not facts.unmet
    assert _table(facts) == [2, 3, 16, 3]


def test_a_ratio_that_no_whole_children_give_is_named_and_met_as_nearly_as_can_be(
    tmp_path: Path
) -> None:
    # Olaya-Vargas 2025, Tables 1 and 2: with 19 of 54 and 14 failures it is 5.40 or 8.61
    counts = {"episode": (19, 35), "response": (14, 40)}
    blueprint, claims = _study(
        tmp_path, counts, _claim("or", "ratio", measure='"OR"', estimate='"6.3"', p='"NS"'), """
[[models]]
outcome = { response = "OVERT" }
terms = [{ who = { episode = "REFRACTORY" }, claims = ["or"] }]
""")
    facts = facts_of(blueprint, claims, 1, "x")
    assert [unmet.claim.id for unmet in facts.unmet] == ["or"]
    assert {one.id for one in facts.unmet[0].conflict} == {"or", "episode", "response"}
    failed = sum(child["episode"] == "REFRACTORY" and child["response"] == "OVERT"
                 for child in facts.children)
    assert failed == 9


def test_the_ratio_of_the_other_outcome_is_one_over_it(tmp_path: Path) -> None:
    inverse = ONE.replace('"NEGATIVE"', '"OVERT"').replace('["or"]', '["or"], inverse = true')
    blueprint, claims = _study(
        tmp_path, {"response": (6, 18)}, _claim("or", "ratio", measure='"OR"',
                                                estimate='"0.125"', p='"0.08"'), inverse)
    assert _table(facts_of(blueprint, claims, 1, "x")) == [2, 3, 16, 3]


def test_a_claim_that_prints_no_ratio_is_refused(tmp_path: Path) -> None:
    blueprint, claims = _study(tmp_path, {"response": (6, 18)}, "",
                               ONE.replace('"or"', '"response"'))
    with pytest.raises(InputError, match="has no ratio"):
        facts_of(blueprint, claims, 1, "x")


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(1, 12)] * 4), st.sampled_from(["maximum_likelihood", "firth"]))
def test_a_table_gives_the_ratio_of_the_fitted_model(
    table: tuple[int, int, int, int], method: str
) -> None:
    had = np.repeat([1, 0, 1, 0], table)
    with_it = np.repeat([1.0, 1.0, 0.0, 0.0], table)[:, None]
    fit = firth_logistic if method == "firth" else logistic
    term = fit(had, with_it).terms[1]
    found = fitted_table(table, "firth" if method == "firth" else "maximum_likelihood", "wald")
    assert found.numbers(0.95)[0] == pytest.approx(term.ratio, rel=1e-5)
    if method != "firth":
        assert found.numbers(0.95)[1:] == pytest.approx(
            (term.ratio_lower, term.ratio_upper, term.p), rel=1e-5)


def test_every_table_of_a_size_prints_so_and_none_is_left_out(tmp_path: Path) -> None:
    blueprint, claims = _study(
        tmp_path, {"response": (6, 18)}, _claim("or", "ratio", measure='"OR"',
                                                estimate='"0.25"'), ONE)
    asked = fourfold(blueprint.models[0], claims.claims[-1], Resolver(blueprint))
    found = set(asked.tables(12, {}))
    every = {(a, b, c, 12 - a - b - c) for a in range(1, 10) for b in range(1, 11 - a)
             for c in range(1, 12 - a - b)}
    # by rounding, or with the digits cut off
    assert found == {table for table in every
                     if 0.245 <= table[0] * table[3] / (table[1] * table[2]) < 0.26}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_many_models_at_once_are_those_of_the_statistics(seed: int) -> None:
    random = np.random.default_rng(seed)
    covariates = np.stack([random.integers(0, 2, (3, 60)), random.integers(0, 2, (3, 60)),
                           random.lognormal(8, 1, (3, 60))], axis=2).astype(float)
    outcome = random.random((3, 60)) < 0.4
    among = random.random((3, 60)) < 0.9
    found, _ = fitted_ratios(outcome, covariates, among, level=0.9, method="maximum_likelihood")
    for model in range(3):
        try:
            fitted = logistic(outcome[model, among[model]].astype(int),
                              covariates[model, among[model]], level=0.9)
        except NotEstimable:
            continue
        # beyond that over the range of a covariate the search takes it for separation
        reach = covariates.max(axis=(0, 1)) * [term.estimate for term in fitted.terms[1:]]
        assume(np.abs(reach).max() < 11)
        for part, name in zip(found, ("ratio", "ratio_lower", "ratio_upper", "p"), strict=True):
            expected = [getattr(term, name) for term in fitted.terms[1:]]
            assert part[model] == pytest.approx(expected, rel=1e-4, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_many_hazards_at_once_are_those_of_the_statistics(seed: int) -> None:
    """Ties, children left out, and a beginning elsewhere: the estimates are those of ``cox``."""
    random = np.random.default_rng(seed)
    covariates = random.integers(0, 2, (3, 50, 2)).astype(float)
    time = random.integers(0, 20, (3, 50)).astype(float)
    event, among = random.random((3, 50)) < 0.6, random.random((3, 50)) < 0.9
    found, beta = fitted_hazards(time, event, covariates, among, level=0.9,
                                 method="maximum_likelihood", start=np.array([0.3, -0.2]))
    for model, own in enumerate(among):
        try:
            fitted = cox(FollowedUp(time=time[model, own], event=event[model, own]),
                         covariates[model, own], level=0.9)
        except NotEstimable:
            continue
        for part, name in zip(found, ("ratio", "ratio_lower", "ratio_upper", "p"), strict=True):
            assert part[model] == pytest.approx(
                [getattr(term, name) for term in fitted.terms], rel=1e-6, abs=1e-9)
        assert beta[model] == pytest.approx([term.estimate for term in fitted.terms], abs=1e-7)


def test_a_hazard_that_grows_without_bound_is_no_number() -> None:
    time = np.array([[1.0, 2, 3, 4, 5, 6]])
    event = np.array([[True, True, True, False, False, False]])
    covariate = np.array([[1.0, 1, 1, 0, 0, 0]])[..., None]
    found, _ = fitted_hazards(time, event, covariate, np.ones((1, 6), dtype=np.bool_), level=0.95,
                              method="maximum_likelihood")
    assert np.isnan(found.p).all()


RULED = """
[[rules]]
when = { episode = "REFRACTORY" }
then = { sex = "M" }
"""


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_exchanges_keep_every_count_and_rule(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    blueprint, claims = _study(
        tmp_path_factory.mktemp("exchange"),
        {"sex": (12, 18), "episode": (9, 21), "response": (10, 20)}, "", RULED)
    facts = facts_of(blueprint, claims, 1, "x")
    exchange = Exchange(blueprint, facts, {"sex", "episode"})
    random = Random(seed)
    before = [dict(child) for child in exchange.children]
    for _ in range(60):
        change = exchange.proposed(random)
        if change is None:
            continue
        exchange.make(change)
    for fact, levels in PARTS.items():
        for level in levels:
            counts = [sum(child[fact] == level for child in children)
                      for children in (before, exchange.children)]
            assert counts[0] == counts[1]
    assert all(child["sex"] == "M" for child in exchange.children
               if child["episode"] == "REFRACTORY")
    assert exchange.children != before


TWO = """
[[models]]
outcome = { response = "OVERT" }
terms = [
    { who = { sex = "F" }, claims = ["sex.or"] },
    { who = { episode = "REFRACTORY" }, claims = ["episode.or"] },
    { of = "ages.months", per = 12 },
]
moves = 800

[values.ages.columns]
months = { test = "AGE", step = "1", low = 1, high = 216 }
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_model_of_true_children_is_met(tmp_path: Path, seed: int) -> None:
    """Children are planted, their model printed with one decimal: others are found that do so."""
    random = np.random.default_rng(seed)
    n = 48
    had = random.permutation(n) < 18
    girl, refractory = random.random(n) < 0.5, random.random(n) < 0.4
    months = random.permutation(np.arange(20, 20 + 3 * n, 3)).astype(float)
    try:
        terms = logistic(had.astype(int), np.column_stack([girl, refractory, months / 12])).terms
    except NotEstimable:
        pytest.fail("the planted children have a model")
    printed = [{"estimate": f'"{term.ratio:.1f}"', "p": f'"{term.p:.1f}"'} for term in terms[1:3]]
    blueprint, claims = _study(
        tmp_path,
        {"sex": (int(girl.sum()), int((~girl).sum())),
         "episode": (int(refractory.sum()), int((~refractory).sum())), "response": (18, 30)},
        _claim("sex.or", "ratio", measure='"OR"', **printed[0])
        + _claim("episode.or", "ratio", measure='"OR"', **printed[1]), TWO)
    facts = facts_of(blueprint, claims, 1, "x")
    searched = {"ages": Searched({"months": random.permutation(months)}, ())}
    found = modelled(blueprint, claims, facts, searched, None, 1)
    assert all(outcome.rules for outcome in found.outcomes), [str(one) for one in found.outcomes]
    assert sorted(found.searched["ages"].values["months"]) == sorted(months)
    for fact in PARTS:
        assert sorted(child[fact] for child in found.facts.children) == sorted(
            child[fact] for child in facts.children)


DAYS_OF_MARROWS = [
    # length, CRS, ICANS, wait, the day by hand: the days planned, three more for each infusion
    # that grade 3 holds (virtual/treatment.py), and the wait
    ("14", "0", "0", "0", 14), ("14", "0", "0", "2", 16), ("21", "1", "0", "1", 22),
    ("28", "3", "0", "0", 31), ("14", "3", "3", "1", 21), ("28", "2", "3", "2", 33),
]


@pytest.mark.parametrize(("length", "crs", "icans", "wait", "day"), DAYS_OF_MARROWS)
def test_the_day_of_a_marrow_follows_from_its_infusion(
    length: str, crs: str, icans: str, wait: str, day: int
) -> None:
    times = ModelTimes("mrd_response", read_parameters("zhang-2025"), None)
    child = {"length": length, "marrow_wait": wait}
    first = {"number": "1", "marrow": "NEGATIVE", "crs": crs, "icans": icans}
    assert times.of(0, child, [first]) == (day, True)
    kept = {**first, "marrow": "RESIDUAL"}
    assert times.of(0, child, [kept])[1] is False
    later, had = times.of(0, child, [kept, {**first, "number": "2"}])
    assert had
    assert later > 40  # after every first marrow


def test_days_of_endpoints_are_those_that_were_found() -> None:
    """A relapse with a death after it; no response on day 0; a child without an event."""
    nan = float("nan")
    days = FoundDays(event=np.array([100.0, 0.0, nan]), death=np.array([200.0, nan, nan]),
                     last=np.array([nan, 500.0, 600.0]), outcomes=(), moves=0)
    children = [{"length": "14", "marrow_wait": "1"}] * 3
    cycles = [[{"number": "1", "marrow": "NEGATIVE", "crs": "0", "icans": "0"}]] * 3
    parameters = read_parameters("zhang-2025")
    for endpoint, time, event in (
        ("efs", [100, 0, 600], [True, True, False]),
        ("efs_assessed", [100, 15, 600], [True, True, False]),
        ("os", [200, 500, 600], [True, False, False]),
    ):
        found = ModelTimes(endpoint, parameters, days).all(children, cycles)  # type: ignore[arg-type]  # words of a loop are no Literal
        assert found[0].tolist() == time
        assert found[1].tolist() == event


CLEARED = """
[[models]]
endpoint = "mrd_response"
terms = [
    { who = { sex = "F" }, claims = ["sex.p"], part = "p", way = "falls" },
    { who = { episode = "REFRACTORY" }, claims = ["episode.p"], part = "p", way = "rises" },
]
moves = 4000

[facts.length]
levels = ["14", "28"]

[facts.marrow_wait]

[facts.marrow]
of = "cycle"

[[rules]]
when = { response = "NEGATIVE" }
then = { marrow = "NEGATIVE" }

[[rules]]
when = { response = "OVERT" }
then = { marrow = "OVERT" }
"""


def test_the_p_values_of_a_cox_model_are_met_the_way_they_point(tmp_path: Path) -> None:
    """40 children of whom 30 clear: girls later, refractory ones sooner; P 0.04 and 0.12."""
    claims = "".join(
        _claim(name, "definition", states='"x"', because='"x"', printed=f'"{p}"',
               expected='"0.2"', relation='"at most"')
        for name, p in (("sex.p", "0.04"), ("episode.p", "0.12")))
    blueprint, read = _study(
        tmp_path, {"sex": (20, 20), "episode": (15, 25), "response": (10, 30)}, claims, CLEARED)
    facts = facts_of(blueprint, read, 1, "x")
    found = modelled(blueprint, read, facts, {}, None, 1)
    assert all(one.met for one in found.outcomes), [str(one) for one in found.outcomes]
    children = found.facts.children
    time, event = ModelTimes("mrd_response", read_parameters("zhang-2025"), None).all(
        children, found.facts.cycles)
    terms = cox(FollowedUp(time=time, event=event), np.column_stack([
        [child["sex"] == "F" for child in children],
        [child["episode"] == "REFRACTORY" for child in children]]).astype(float)).terms
    assert [round(term.p, 2) for term in terms] == [0.04, 0.12]
    assert terms[0].ratio < 1 < terms[1].ratio
    assert int(event.sum()) == 30


@pytest.mark.parametrize(("way", "met"), [("rises", False), ("falls", True)])
def test_a_p_value_of_a_ratio_on_the_other_side_of_1_is_not_met(
    tmp_path: Path, way: str, met: bool
) -> None:
    """An odds ratio of 0.2 falls; of 30 children the tables with P of 0.0001 are on the side asked.
    """
    claim = _claim("sex.p", "definition", states='"x"', because='"x"', printed='"0.0001"',
                   expected='"0.2"', relation='"at most"')
    model = ONE.replace('claims = ["or"]', f'claims = ["sex.p"], part = "p", way = "{way}"')
    blueprint, claims = _study(tmp_path, {"sex": (12, 18), "response": (12, 18)}, claim, model)
    term = blueprint.models[0].terms[0]
    printed = next(iter(printed_ratios(term, claims.claims[-1])))
    assert printed.points(0.2) is met
    table = fourfold(blueprint.models[0], claims.claims[-1], Resolver(blueprint))
    sides = {a * d < b * c for a, b, c, d in table.tables(30, {})}
    assert sides == {met}


def test_one_seed_gives_the_same_model(tmp_path: Path) -> None:
    blueprint, claims = _study(
        tmp_path, {"sex": (12, 18), "episode": (9, 21), "response": (10, 20)},
        _claim("sex.or", "ratio", measure='"OR"', estimate='"2.1"')
        + _claim("episode.or", "ratio", measure='"OR"', estimate='"0.7"'), TWO)
    facts = facts_of(blueprint, claims, 1, "x")
    searched = {"ages": Searched({"months": np.random.default_rng(1).permutation(
        np.arange(20.0, 50.0))}, ())}
    first, second = (modelled(blueprint, claims, facts, searched, None, 3) for _ in range(2))
    assert first.facts.children == second.facts.children
    assert all(one.met for one in first.outcomes)
    assert all(one.got == other.got for one, other in zip(
        first.outcomes, second.outcomes, strict=True))


def test_without_models_children_stay_as_they_are(tmp_path: Path) -> None:
    blueprint, claims = _study(tmp_path, {"response": (6, 18)}, "", "")
    facts = facts_of(blueprint, claims, 1, "x")
    assert modelled(blueprint, claims, facts, {}, None, 1).facts is facts


@pytest.mark.parametrize(("wrong", "says"), [
    ('terms = [{ who = { sex = "F" }, of = "a.b" }]', "either who or of"),
    ('terms = [{ who = { sex = "girl" } }]', "girl"),
    ('terms = [{ of = "ages.months" }]', "names the column"),
    ('endpoint = "os"\nterms = [{ who = { sex = "F" } }]', "either an outcome or an endpoint"),
])
def test_a_model_that_does_not_fit_says_where(tmp_path: Path, wrong: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        _study(tmp_path, {"response": (6, 18)}, "",
               f'\n[[models]]\noutcome = {{ response = "OVERT" }}\n{wrong}\n')


@pytest.mark.parametrize(("endpoint", "says"), [
    ("os", "survival, which follows from days"),
    ("mrd_response", "MRD responses, which follow from marrows"),
    ("mrd_response", "days of marrows, which without marrow_wait are drawn"),
    ("efs_assessed", "days of marrows, which without marrow_wait are drawn"),
])
def test_an_endpoint_needs_what_its_days_follow_from(
    tmp_path: Path, endpoint: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        _study(tmp_path, {"response": (6, 18)}, "",
               f'\n[[models]]\nendpoint = "{endpoint}"\nterms = [{{ who = {{ sex = "F" }} }}]\n')


def test_widened_tables_hold_the_narrower_ones(tmp_path: Path) -> None:
    blueprint, claims = _study(
        tmp_path, {"response": (6, 18)}, _claim("or", "ratio", measure='"OR"',
                                                estimate='"0.25"'), ONE)
    asked = fourfold(blueprint.models[0], claims.claims[-1], Resolver(blueprint))
    found = [set(asked.tables(12, {}, widened)) for widened in (1.0, 1.1, 1.5)]
    assert all(narrow < wide for narrow, wide in pairwise(found))
