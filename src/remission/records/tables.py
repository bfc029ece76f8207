"""All tables of a study by name, in the order a person fills them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from remission.records.column import Table
from remission.records.disease import DISEASE_EPISODE, GENETICS
from remission.records.follow_up import FOLLOW_UP
from remission.records.laboratory import LABORATORY
from remission.records.marrow import ASSESSMENT
from remission.records.subject import (
    FORM_STATUS,
    MEDICAL_HISTORY,
    NULL_REASON,
    PARTIAL_DATE,
    SOURCE_DISAGREEMENT,
    SUBJECT,
)
from remission.records.toxicity import ADVERSE_EVENT, TOXICITY_SIGN
from remission.records.transplant import (
    CELL_THERAPY,
    GVHD,
    GVHD_ORGAN,
    TRANSFUSION,
    TRANSPLANT,
)
from remission.records.treatment import DRUG_DOSE, EXPOSURE, TREATMENT_LINE

CLINICAL_TABLES: tuple[Table, ...] = (
    SUBJECT,
    DISEASE_EPISODE,
    GENETICS,
    TREATMENT_LINE,
    EXPOSURE,
    ASSESSMENT,
    TRANSPLANT,
    CELL_THERAPY,
    ADVERSE_EVENT,
    TOXICITY_SIGN,
    GVHD,
    GVHD_ORGAN,
    LABORATORY,
    TRANSFUSION,
    FOLLOW_UP,
    DRUG_DOSE,
    MEDICAL_HISTORY,
)
ENTERED_TABLES: tuple[Table, ...] = (*CLINICAL_TABLES, FORM_STATUS)
"""What a centre fills: the sheets of the template, the forms of REDCap."""

SIDE_TABLES: tuple[Table, ...] = (
    NULL_REASON, PARTIAL_DATE, FORM_STATUS, SOURCE_DISAGREEMENT)

TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (*CLINICAL_TABLES, *SIDE_TABLES)}
)
