"""Study and Cohort → ADaM: subjects, times to events, responses, adverse events, laboratory.

Source: CDISC Analysis Data Model Implementation Guide, version 1.3, and its structure for
time-to-event analyses. Day variables (``--DY``) have no day 0; ``AVAL`` of a time counts whole
days from its origin, which is 0, without the day that ADaM studies often add.
"""

from __future__ import annotations

from remission.definitions.cohort import Cohort
from remission.exports.adam_events import adae, adlb
from remission.exports.adam_outcomes import adrs, adtte
from remission.exports.adam_subjects import adsl
from remission.exports.dataset import Dataset
from remission.exports.sdtm import Sdtm
from remission.exports.sources_of_rows import rows_of_files


def adam_of(cohort: Cohort, sdtm: Sdtm) -> list[Dataset]:
    """Return the ADaM data sets of a cohort that hold any row; ``sdtm`` gives the sources."""
    rows = rows_of_files(cohort.study, sdtm)
    found = [adsl(cohort), adtte(cohort, rows), adrs(cohort, rows), adae(cohort, sdtm),
             adlb(cohort, sdtm)]
    return [data for data in found if len(data.frame)]
