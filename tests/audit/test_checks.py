"""Each kind of claim, on the numbers of the two papers and on numbers worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from remission.audit.claims import Claims
from remission.audit.findings import Verdict
from remission.audit.run import audit_claim
from tests.audit.invented import verdict_of

AGREES, READING = Verdict.AGREES, Verdict.READING
CONTRADICTS, UNKNOWN = Verdict.CONTRADICTS, Verdict.UNKNOWN
BASES = {"all": 54, "transplanted": 41}


def judged(kind: str, verdict: Verdict, says: str, **claim: Any) -> None:
    found, explanation = verdict_of({"kind": kind, **claim}, BASES)
    assert found is verdict, explanation
    assert says in explanation, explanation


@pytest.mark.parametrize(("count", "base", "percent", "verdict", "says"), [
    (12, 105, "11.4", AGREES, "12 of 105 is 11.43%"),
    (1, 8, "12.5", AGREES, ""), (1, 8, "13", AGREES, ""), (1, 8, "12", AGREES, ""),
    (3, 8, "37", READING, "cut off"), (15, 41, "36", READING, "cut off"),
    (24, 54, "44.5", CONTRADICTS, "44.44%"),
    (1, 54, "2.4", READING, "1 of 41 is 2.44% (transplanted)"),
    (6, 41, "17", CONTRADICTS, "14.63%"),
    (6, 5, "17", CONTRADICTS, "more than its base"),
    (0, 9, "0", AGREES, ""), (9, 9, "100.0", AGREES, ""), (1, 300, "<1", AGREES, ""),
    (None, 54, "53.6", CONTRADICTS, "No whole number of 54 is 53.6"),
    (None, 54, "24.4", READING, "10 of 41"),
    (None, 8, "37", READING, "cut off"), (None, 8, "38", AGREES, "3 of 8"),
    (3, None, "7.3", UNKNOWN, "41 (transplanted)"), (2, None, "90", CONTRADICTS, "no whole number"),
    (2, 3, None, UNKNOWN, "2 of 3 is 66.67%"),
])
def test_proportion(
    count: int | None, base: int | None, percent: str | None, verdict: Verdict, says: str
) -> None:
    given = {"count": count, "base": base, "percent": percent}
    judged("proportion", verdict, says,
           **{name: value for name, value in given.items() if value is not None})


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({"parts": [35, 9, 10], "total": "all"}, AGREES, "54, of 54"),
    ({"parts": [25, 4, 1, 2, 21], "total": "all"}, CONTRADICTS, "1 fewer than the total of 54"),
    ({"parts": [25, 4, 1, 2, 21], "total": "all", "exhaustive": False}, AGREES, "53"),
    ({"parts": [30, 30], "total": "all"}, CONTRADICTS, "6 more"),
    ({"parts": [30, 30], "total": "all", "exclusive": False}, AGREES, "60"),
    ({"parts": [60, 3], "total": "all", "exclusive": False}, CONTRADICTS, "more than the total"),
    ({"percents": ["65", "16", "18"]}, AGREES, "99.0%"),
    ({"percents": ["33", "32", "33"]}, READING, "cut off"),
    ({"percents": ["33.3", "33.3", "33.3"]}, AGREES, "99.9%"),
    ({"percents": ["60", "30", "20"]}, CONTRADICTS, "110.0%"),
])
def test_parts(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    judged("parts", verdict, says, **claim)


def test_a_flow_is_conserved() -> None:
    nodes = {"all": 54, "transplanted": 41, "not": 13}
    judged("flow", AGREES, "54 all", nodes=nodes, splits={"all": ["transplanted", "not"]})
    judged("flow", CONTRADICTS, "1 more than 53 all", nodes=nodes | {"all": 53},
           splits={"all": ["transplanted", "not"]})


GRADES = {"ordered": "columns", "columns": ["G0", "G1-2", "G3-4"],
          "tests": ["fisher", "chi-square"]}


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({"events": [9, 33], "bases": [11, 40], "p": "1.000"}, AGREES, "Fisher"),
    ({"events": [19, 6], "bases": [22, 8], "p": "0.589"}, AGREES, "0.5894"),
    ({"counts": [[8, 34], [7, 2]], "p": "0.001"}, AGREES, "0.0014"),
    ({"counts": [[8, 34], [7, 2]], "p": "0.0001"}, CONTRADICTS, "not 0.0001"),
    ({"counts": [[45, 29, 0], [24, 25, 2]], "p": "0.146", **GRADES}, READING,
     "Fisher's exact test of G0 against G1-2 + G3-4 gives P = 0.1461"),
    ({"counts": [[69, 1, 4], [50, 1, 0]], "p": "0.399", **GRADES}, READING,
     "G0 against G1-2 + G3-4"),
    ({"counts": [[41, 9, 24], [21, 17, 8]], "p": "0.004", **GRADES}, AGREES, "χ² test"),
    ({"counts": [[41, 9, 24], [21, 17, 8]], "p": "0.003", **GRADES}, READING,
     "G1-2 against G3-4 gives P = 0.0032"),
    ({"counts": [[71, 1, 0], [41, 4, 4]], "p": "0.003", **GRADES}, READING, "0.0031"),
    ({"events": [18, 22], "bases": [24, 30], "p": "0.89", "statistic": "0.0193",
      "tests": ["chi-square"]}, AGREES, "0.8896"),
    ({"events": [18, 22], "bases": [24, 30], "p": "0.89", "statistic": "0.0913"}, CONTRADICTS,
     "not 0.0913"),
    ({"events": [18, 22], "bases": [24, 30], "p": "NS"}, AGREES, "printed NS"),
    ({"events": [1, 8], "bases": [42, 9], "p": "NS"}, CONTRADICTS, "not NS"),
    ({"events": [1, 8], "bases": [42, 9], "p": "<0.001"}, AGREES, "printed P <0.001"),
    ({"events": [18, 12], "bases": [24, 30], "p": "0.0101", "tests": ["fisher"]}, READING,
     "χ² test"),
    ({"events": [10, 22], "bases": [24, 30], "could_be": [[24, 41]], "p": "0.443",
      "tests": ["fisher"]}, READING, "bases 24 and 41"),
    ({"events": [10, 22], "bases": [24, 30], "p": "0.4431", "tests": ["fisher"]}, READING,
     "bases 24 and 41"),
    ({"events": [10, 22], "bases": [24, 30], "p": "0.4"}, CONTRADICTS, "chance would fit"),
    ({"counts": [[20, 9], [2, 15]], "p": "0.065", "paired": True}, AGREES, "McNemar"),
    ({"events": [5], "bases": [6]}, None, ""),
])
def test_contingency(claim: dict[str, Any], verdict: Verdict | None, says: str) -> None:
    if verdict is None:
        with pytest.raises(ValueError, match="two or more rows"):
            verdict_of({"kind": "contingency", **claim})
        return
    judged("contingency", verdict, says, **claim)


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({"estimate": "9.11", "lower": "1.12", "upper": "73.66", "p": "0.038"}, READING, "9.08"),
    ({"estimate": "9.09", "lower": "1.12", "upper": "73.66", "p": "0.039"}, AGREES, "0.038"),
    ({"estimate": "0.09", "lower": "0.01", "upper": "0.99", "p": "0.049"}, AGREES, "even"),
    ({"estimate": "2.00", "lower": "1.10", "upper": "3.64", "p": "0.23"}, CONTRADICTS, "implies P"),
    ({"estimate": "2.00", "lower": "1.10", "upper": "3.64", "p": "0.041"}, READING, "another test"),
    ({"estimate": "0.50", "lower": "1.10", "upper": "3.64"}, CONTRADICTS, "outside"),
    ({"estimate": "3.00", "lower": "1.10", "upper": "3.64"}, READING, "not even"),
    ({"estimate": "3.00", "lower": "1.10", "upper": "3.64", "method": "wald"}, CONTRADICTS, "even"),
    ({"estimate": "1.41", "p": "NS"}, UNKNOWN, "No interval"),
])
def test_ratio(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    judged("ratio", verdict, says, measure="OR", **claim)


@pytest.mark.parametrize(("estimate", "se", "n", "verdict", "says"), [
    ("73.3", "8.1", 30, AGREES, "22 of 30"), ("86.7", "6.2", 30, AGREES, "26 of 30"),
    ("97.8", "2.2", 45, AGREES, "44 of 45"), ("93.3", "2.9", 75, AGREES, "70 of 75"),
    ("87.5", "6.8", 24, AGREES, "21 of 24"), ("16.7", "15.2", 6, AGREES, "1 of 6"),
    ("66.7", "19.2", 6, AGREES, "4 of 6"), ("10.0", "9.5", 10, AGREES, "1 of 10"),
    ("78.8", "13.4", 10, AGREES, "10 and 8 at risk"), ("94.0", "3.4", 50, AGREES, "47 of 50"),
    ("98.6", "1.3", 75, READING, "cut off"), ("73.3", "5.1", 30, CONTRADICTS, "and 5.1 is printed"),
    ("73.3", "7.5", 30, CONTRADICTS, "standard error lies between"),
    ("73.3", "28.1", 30, CONTRADICTS, ""), ("75.6", "6.7", 30, READING, "31 of 41"),
    ("79.9", None, 41, UNKNOWN, "no share of 41"), ("82.9", None, 41, AGREES, "34 of 41"),
    ("73.3", "8.1", None, UNKNOWN, "not printed"), ("73.3", "28.1", None, CONTRADICTS, "at most"),
    ("173.3", "8.1", 30, CONTRADICTS, "outside 0 to 100%"), ("100", None, 3, AGREES, "3 of 3"),
])
def test_survival(
    estimate: str, se: str | None, n: int | None, verdict: Verdict, says: str
) -> None:
    given = {"estimate": estimate, "se": se, "n": n}
    judged("survival", verdict, says,
           **{name: value for name, value in given.items() if value is not None})


def test_a_quotation_that_ends_inside_a_bracket_is_shown_to_go_on() -> None:
    claims = Claims.model_validate({"paper": {"title": "Invented"}, "claims": [
        {"id": "one", "where": "Results", "words": "3 of 4 rose (P = 0.05", "kind": "proportion",
         "count": 3, "base": 4, "percent": "75"}]})
    assert audit_claim(claims.claims[0], claims).printed == "3 of 4 rose (P = 0.05 …)"


def test_a_derived_size_is_told() -> None:
    claim = {"estimate": "97.8", "se": "2.2", "n": 45, "words": "97.8% ± 2.2%"}
    note = "The size of this group is not printed. 75 less 30."
    judged("survival", AGREES, "Note on n = 45: the size of this group is not printed. 75 less 30."
           " What follows ±", note=note, **claim)
    assert "Note on" not in verdict_of({"kind": "survival", "note": "Printed twice.", **claim})[1]


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({"n": 30, "estimate": "73.3", "lower": "57.5", "upper": "89.2"}, AGREES, "plain"),
    ({"n": 30, "estimate": "73.3", "lower": "59.1", "upper": "91.0"}, AGREES, "log scale"),
    ({"n": 30, "estimate": "73.3", "lower": "53.7", "upper": "85.7"}, AGREES, "log-log"),
    ({"n": 30, "estimate": "73.3", "lower": "70.4", "upper": "76.2"}, CONTRADICTS, "narrower"),
    ({"n": 30, "se": "8.1", "estimate": "73.3", "lower": "63.2", "upper": "83.4"}, CONTRADICTS,
     "does not belong"),
    ({"estimate": "18", "lower": "50.3", "upper": "84.4"}, CONTRADICTS, "outside its interval"),
    ({"n": 40, "estimate": "82.0", "lower": "60", "upper": "96"}, UNKNOWN, "none of the usual"),
    ({"n": 10, "events": 3, "estimate": "80"}, CONTRADICTS, "3 events in 10"),
])
def test_survival_with_its_interval(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    judged("survival", verdict, says, **claim)


def strata(total: str, first: tuple[str, int | None], second: tuple[str, int | None],
           quantity: str = "survival", **more: Any) -> dict[str, Any]:
    def group(label: str, estimate: str, n: int | None) -> dict[str, Any]:
        return {"label": label, "estimate": estimate, **({} if n is None else {"n": n})}

    return {"quantity": quantity, "total": {"label": "all", "estimate": total},
            "strata": [group("first", *first), group("second", *second)], **more}


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    (strata("93.3", ("97.8", 45), ("86.7", 30)), AGREES, "93.36"),
    (strata("93.3", ("97.8", 45), ("86.7", 30), "percent"), AGREES, "93.36"),
    (strata("98.6", ("97.8", 45), ("100", 30)), READING, "98.68, printed 98.6: that fits only"),
    (strata("98.7", ("97.8", 45), ("100", 30)), AGREES, "98.68"),
    (strata("12", ("12", 10), ("14", 10), "mean"), AGREES, "13.00"),  # 11.5, 13.5, 12.5 to even
    (strata("82", ("58", 38), ("100", 3)), CONTRADICTS, "57.2% to 78.1%"),
    (strata("70", ("58", 38), ("100", 3)), READING, "censoring that differs"),
    (strata("70", ("58", 38), ("100", 3), censored=False), CONTRADICTS, "61.07"),
    (strata("70", ("58", 38), ("100", 3), "mean"), CONTRADICTS, "61.07"),
    (strata("70", ("58", None), ("100", 3)), UNKNOWN, "between them"),
    (strata("40", ("58", None), ("100", None), "percent"), CONTRADICTS, "outside the groups'"),
    (strata("40", ("58", None), ("100", None)), UNKNOWN, "unequal censoring"),
    (strata("61", ("58", 38), ("100", 3)) | {
        "total": {"label": "all", "estimate": "61", "n": 44}}, CONTRADICTS, "everyone is 44"),
])
def test_strata(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    judged("strata", verdict, says, **claim)


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({"values": "whole", "groups": [{"n": 28, "mean": "5.19"}]}, CONTRADICTS, "the mean 5.19"),
    ({"values": "whole", "groups": [{"n": 28, "mean": "5.18"}]}, AGREES, "145 / 28"),
    ({"values": "whole", "groups": [{"n": 18, "mean": "3.44", "sd": "2.47"}]}, AGREES, "SD 2.47"),
    ({"values": "whole", "groups": [{"n": 2, "mean": "1.5", "sd": "1.0"}]}, CONTRADICTS,
     "cannot have the SD"),
    ({"values": "whole", "groups": [{"n": 2, "mean": "1.5", "sd": "0.5"}]}, READING, "by 2, not"),
    ({"values": "yes-no", "groups": [{"n": 20, "mean": "0.35", "sd": "0.49"}]}, AGREES, "7 of 20"),
    ({"values": "yes-no", "groups": [{"n": 20, "mean": "0.35", "sd": "0.39"}]}, CONTRADICTS, "0.4"),
    ({"groups": [{"n": 10, "sd": "6.5", "minimum": "0", "maximum": "10"}]}, CONTRADICTS, "between"),
    ({"groups": [{"n": 10, "sd": "1.5", "minimum": "0", "maximum": "10"}]}, READING,
     "standard error"),
    ({"groups": [{"n": 25, "mean": "9", "sd": "5.0", "se": "1.0"}]}, AGREES, "√25"),
    ({"groups": [{"n": 25, "mean": "9", "sd": "5.0", "se": "2.0"}]}, CONTRADICTS, "√25"),
    ({"groups": [{"median": "6", "minimum": "8", "maximum": "10"}]}, CONTRADICTS, "above the"),
    ({"groups": [{"mean": "17", "minimum": "8", "maximum": "10"}]}, CONTRADICTS, "outside"),
    ({"groups": [{"label": "without", "maximum": "212"}], "total": {"maximum": "210"}},
     CONTRADICTS, "without: the maximum 212"),
    ({"groups": [{"minimum": "6"}, {"minimum": "7"}], "total": {"minimum": "5"},
      "values": "whole"}, CONTRADICTS,
     "no group has it"),
    ({"groups": [{"minimum": "6"}, {"minimum": "7"}], "total": {"minimum": "5"},
      "partition": False}, UNKNOWN, "Nothing"),
    ({"groups": [{"median": "6"}, {"median": "7"}], "total": {"median": "9"}}, CONTRADICTS,
     "outside those"),
    ({"groups": [{"median": "0"}, {"median": "1"}], "total": {"median": "2"}}, CONTRADICTS,
     "median 2 of all lies outside those of the groups, 0 and 1; a median of all lies between"),
    ({"groups": [{"median": "160.5"}, {"median": "73"}], "total": {"median": "72"}}, CONTRADICTS,
     "median 72"),
    ({"groups": [{"median": "1.5"}, {"median": "3"}], "total": {"median": "1"}}, AGREES, ""),
    ({"groups": [{"n": 6}, {"n": 7}], "total": {"n": 14}}, CONTRADICTS, "6 + 7 = 13"),
    ({"groups": [{"n": 10, "mean": "5.0", "sd": "1.0"}, {"n": 10, "mean": "6.0", "sd": "1.0"}],
      "p": "0.038"}, AGREES, "Student"),
    ({"groups": [{"n": 10, "mean": "5.0", "sd": "1.0"}, {"n": 10, "mean": "6.0", "sd": "1.0"}],
      "p": "0.38"}, CONTRADICTS, "0.38 is printed"),
    ({"groups": [{"n": 10, "mean": "5.0"}, {"n": 10, "mean": "6.0"}], "p": "0.38"}, UNKNOWN,
     "needs n, mean and SD"),
])
def test_summary(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    judged("summary", verdict, says, **claim)


PROPORTION = {"estimate": "82", "count": 9, "base": 11, "level": "95"}


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({**PROPORTION, "lower": "52", "upper": "95"}, AGREES, "Wilson 52.3 to 94.9"),
    ({**PROPORTION, "lower": "48", "upper": "98"}, AGREES, "Clopper–Pearson"),
    ({**PROPORTION, "lower": "48", "upper": "98", "method": "wilson"}, READING, "Clopper–Pearson"),
    ({**PROPORTION, "lower": "57", "upper": "93"}, READING, "90%"),
    ({**PROPORTION, "lower": "22", "upper": "99"}, CONTRADICTS, "not 22 to 99"),
    ({**PROPORTION, "lower": "51", "upper": "96"}, AGREES, "inside 51 to 96"),
    ({"estimate": "18", "lower": "50.3", "upper": "84.4"}, CONTRADICTS, "outside"),
    ({"estimate": "18", "lower": "50.3", "upper": "14.4"}, CONTRADICTS, "wrong order"),
])
def test_interval(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    judged("interval", verdict, says, **claim)


@pytest.mark.parametrize(("mentions", "verdict", "says"), [
    ([{"value": "82.4"}, {"value": "82%"}], AGREES, "one number"),
    ([{"value": "97.8"}, {"value": "97.7"}], READING, "cut off"),
    ([{"value": "82.9"}, {"value": "82"}], READING, "cut off"),
    ([{"value": "0.15"}, {"value": "6.7", "inverse": True}], AGREES, "1 over 6.7"),
    ([{"value": "76"}, {"value": "24", "complement": True}], AGREES, "100 less 24"),
    ([{"value": "0.0001"}, {"value": "0.001"}], CONTRADICTS, "no number prints so"),
    ([{"value": "53.6"}, {"value": "65"}, {"value": "53.6%"}], CONTRADICTS, "65"),
    ([{"value": "<0.001"}, {"value": "0.0004"}], AGREES, ""),
])
def test_same(mentions: list[dict[str, Any]], verdict: Verdict, says: str) -> None:
    judged("same", verdict, says, quantity="rate", mentions=[
        {"where": f"place {number}", **mention} for number, mention in enumerate(mentions)])


@pytest.mark.parametrize(("relation", "expected", "verdict"), [
    ("equal", "22/30", AGREES), ("at most", "7/30", CONTRADICTS), ("at least", "7/30", AGREES),
    ("equal", "73", AGREES), ("equal", "74", CONTRADICTS),
])
def test_definition(relation: str, expected: str, verdict: Verdict) -> None:
    judged("definition", verdict, "73.3", states="EFS", because="Because", printed="73.3",
           relation=relation, expected=expected)


@pytest.mark.parametrize(("printed", "relation", "expected", "verdict"), [
    # a threshold is exact, and so is a whole count
    ("1", "at least", "2", CONTRADICTS), ("2", "at least", "2", AGREES),
    ("73", "at most", "72", CONTRADICTS), ("72", "at most", "72", AGREES),
    ("0.054", "at most", "0.05", CONTRADICTS), ("0.05", "at most", "0.05", AGREES),
    ("0.004", "at least", "0.01", CONTRADICTS), ("<0.001", "at most", "0.05", AGREES),
    ("−1.12", "at least", "−1.12", AGREES), ("54", "equal", "53", CONTRADICTS),
    # a printed number that is no count may be rounded, or cut off
    ("0.05", "at most", "0.046", AGREES), ("0.04", "at least", "0.049", READING),
    ("0.054", "equal", "0.053", READING), ("73.3", "equal", "73.33", AGREES),
    (">0.1", "at most", "0.05", CONTRADICTS), ("<0.1", "at least", "0.05", AGREES),
])
def test_thresholds_and_counts_of_a_definition_are_exact(
    printed: str, relation: str, expected: str, verdict: Verdict
) -> None:
    judged("definition", verdict, printed, states="It", because="Because", printed=printed,
           relation=relation, expected=expected)


def test_a_short_p_value_is_not_reconciled_by_mixing_rules() -> None:
    mentions = [{"where": "Results", "value": "0.003"}, {"where": "Table 3", "value": "0.004"}]
    judged("same", CONTRADICTS, "from 0.0035 to below 0.004 would print as both",
           quantity="P value of it", mentions=mentions)
    judged("same", READING, "cut off", quantity="rate", mentions=mentions)
    for other, verdict in (("0.0036", READING), ("0.0031", AGREES), ("0.003", AGREES)):
        judged("same", verdict, other, quantity="P value of it", mentions=[
            mentions[0], {"where": "Table 3", "value": other}])


def test_a_short_p_value_is_reconciled_by_the_table_it_is_of() -> None:
    # Fisher's exact test has P = 0.0038, printed 0.003 and 0.004
    table = {"id": "two", "where": "Table 3", "kind": "contingency", "counts": [[12, 4], [3, 12]],
             "tests": ["fisher"], "p": "0.003"}
    claims = Claims.model_validate({"paper": {"title": "Invented"}, "claims": [
        {"id": "one", "where": "Results and Table 3", "kind": "same", "quantity": "P value of it",
         "mentions": [{"where": "Results", "value": "0.004"},
                      {"where": "Table 3", "value": "0.003"}]}, table]})
    found = audit_claim(claims.claims[0], claims)
    assert found.verdict is READING, found.explanation
    assert "Fisher's exact test in two gives P = 0.003" in found.explanation


def test_another_reading_of_a_definition() -> None:
    judged("definition", READING, "22/30", states="EFS", because="Because.", printed="73.3",
           relation="at most", expected="7/30",
           readings=[{"says": "no response counts", "expected": "22/30"}])


@pytest.mark.parametrize(("text", "verdict", "says"), [
    ("(P = 0.000)", READING, "never 0"), ("p=.000", READING, "never 0"),
    ("p>0.0001", READING, "almost nothing"), ("p>0.01%", READING, "no percent sign"),
    ("NS", UNKNOWN, "hides"), ("NS (P = 0.34)", AGREES, ""), ("NSAID", AGREES, ""),
    ("82%. CI: 60-96 %", UNKNOWN, "without its level"), ("95% CI 60 to 96", AGREES, ""),
    ("97.8% ± 2.2%", UNKNOWN, "not named"), ("97.8% ± 2.2% (SE)", AGREES, ""),
    ("was seen in 65%", UNKNOWN, "without its count"), ("65% of patients", AGREES, ""),
    ("9/11 (82%)", AGREES, ""), ("P = 0.0001", AGREES, ""), ("P < 0.0001", AGREES, ""),
])
def test_wording(text: str, verdict: Verdict, says: str) -> None:
    judged("wording", verdict, says, text=text)
