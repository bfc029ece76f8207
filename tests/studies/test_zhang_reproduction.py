"""The study of Zhang 2025, asked again of its reconstructed records: every claim beside ours.

Expected counts are those of the committed records under the committed plan; they change only with
one of the two, and a change has to be looked at claim by claim.
"""

from __future__ import annotations

from collections import Counter

import pytest

from remission.analyses.run import analyse_cohort
from remission.audit.kinds_of_words import Wording
from remission.definitions.cohort import definitions_of, derive_cohort
from remission.plan import read_plan
from remission.report.outline import outline
from remission.reproduction import Reproduction, Status, read_reproduction, reproduce
from remission.reproduction.bindings import FILE
from remission.reproduction.parts import parts_of_reproduction
from remission.sources.study_folder import read_study
from tests.conftest import ROOT

STUDY = ROOT / "studies" / "zhang-2025"
EXPECTED = {Status.EQUAL: 354, Status.ROUNDING: 7, Status.NO_NUMBER: 14, Status.BECAUSE: 42}


def test_every_claim_that_is_a_number_is_bound() -> None:
    bindings = read_reproduction(STUDY / FILE)
    numbers = {claim.id for claim in bindings.claims.claims if not isinstance(claim, Wording)}
    assert set(bindings.reproduced) == numbers
    assert len(bindings.claims.claims) == 417


def test_every_binding_names_an_analysis_of_the_plan() -> None:
    named = {analysis.name for analysis in read_plan(STUDY / "study.toml").analyses}
    bindings = read_reproduction(STUDY / FILE).reproduced.values()
    addresses = [address for binding in bindings for address in binding.addresses.values()]
    assert {term.partition(".")[0] for address in addresses for term in address.split(" + ")
            } <= named


@pytest.fixture(scope="module")
def found() -> Reproduction:
    """Every claim beside the results of the committed records; the report's parts are made too."""
    records = read_study(STUDY)
    cohort = derive_cohort(records, only=definitions_of(records.plan))
    results = analyse_cohort(cohort)
    assert len(outline(cohort, results).parts) > len(records.plan.analyses)
    return reproduce(read_reproduction(STUDY / FILE), results)


def test_no_claim_differs_without_a_reason(found: Reproduction) -> None:
    assert [claim.id for claim in found.claims
            if claim.status in (Status.DIFFERENT, Status.NOT_YET)] == []
    assert all(claim.why for claim in found.claims
               if claim.status in (Status.BECAUSE, Status.NO_NUMBER))


def test_the_counts_are_as_they_were_looked_at(found: Reproduction) -> None:
    assert Counter(claim.status for claim in found.claims) == EXPECTED
    counts, _ = parts_of_reproduction(found)
    assert counts.address == "reproduction"
