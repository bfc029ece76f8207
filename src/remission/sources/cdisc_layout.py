"""Which domain carries which of our tables: read by the import of SDTM and by its export.

Columns that no standard variable carries travel as supplemental qualifiers (``SUPP--``), so that
a study that was written as SDTM comes back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from remission.records.column import Column, Table
from remission.records.tables import TABLES
from remission.sources.cdisc_terms import qualifier_names


@dataclass(frozen=True)
class Layout:
    """How one table stands in its domain.

    ``days`` maps a day column to the study-day variable without its prefix (``STDY``, ``ENDY``,
    ``DY``); ``standard`` maps other columns to whole variable names; ``category`` tells the
    tables of one domain apart (``--CAT``); ``topic`` is what ``--TRT``, ``--TERM`` or
    ``--TESTCD`` says of every row, where no column of ours does. Columns named in ``again`` travel
    as qualifiers too, because their variable does not hold them in every row.
    """

    table: Table
    domain: str
    category: str = ""
    days: Mapping[str, str] = field(default_factory=dict)
    standard: Mapping[str, str] = field(default_factory=dict)
    topic: Mapping[str, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()

    @property
    def qualifiers(self) -> Iterator[tuple[Column, str]]:
        """The columns that travel as supplemental qualifiers, with their QNAM."""
        names = qualifier_names(self.table)
        for column in self.table.columns:
            carried = {"subject_id", *self.days, *self.standard} - set(self.again)
            if column.name not in carried:
                yield column, names[column.name]


def _layout(
    table: str, domain: str, category: str = "", *, days: Mapping[str, str] | None = None,
    standard: Mapping[str, str] | None = None, topic: Mapping[str, str] | None = None,
    again: tuple[str, ...] = (),
) -> Layout:
    return Layout(
        TABLES[table], domain, category, days or {}, standard or {}, topic or {}, again)


_SPAN = {"start_day": "STDY", "end_day": "ENDY"}
LAYOUTS: tuple[Layout, ...] = (
    _layout("subject", "DM", standard={
        "site_id": "SITEID", "country": "COUNTRY", "sex": "SEX", "age_at_index_days": "AGE",
        "arm": "ARM"}),
    _layout("follow_up", "DS", "DISPOSITION EVENT", days={"last_contact_day": "STDY"},
            standard={"vital_status": "DSDECOD"}, again=("last_contact_day",)),
    _layout("exposure", "EX", days=_SPAN, standard={"dose": "EXDOSE", "dose_unit": "EXDOSU"},
            topic={"EXTRT": "BLINATUMOMAB", "EXROUTE": "INTRAVENOUS"}),
    _layout("adverse_event", "AE", days=_SPAN, standard={
        "term": "AETERM", "grade": "AETOXGR", "serious": "AESER", "related": "AEREL",
        "action": "AEACN"}),
    _layout("laboratory", "LB", days={"day": "DY"}, standard={
        "test": "LBTESTCD", "value": "LBSTRESN", "unit": "LBSTRESU", "lower_limit": "LBSTNRLO",
        "upper_limit": "LBSTNRHI", "specimen": "LBSPEC"}),
    _layout("laboratory", "VS", days={"day": "DY"}, standard={
        "test": "VSTESTCD", "value": "VSSTRESN", "unit": "VSSTRESU", "lower_limit": "VSSTNRLO",
        "upper_limit": "VSSTNRHI", "specimen": "VSSPEC"}),
    _layout("assessment", "RS", days={"day": "DY"}, standard={"response_reported": "RSSTRESC"},
            topic={"RSTESTCD": "OVRLRESP", "RSTEST": "Overall Response"}),
    _layout("medical_history", "MH", days={"start_day": "STDY"}, standard={
        "condition": "MHTERM", "ongoing": "MHENRTPT"}),
    _layout("drug_dose", "CM", "PROTOCOL DRUG", days=_SPAN, standard={
        "drug": "CMTRT", "dose": "CMDOSE", "unit": "CMDOSU", "route": "CMROUTE"}),
    _layout("treatment_line", "CM", "LINE OF TREATMENT", days=_SPAN,
            standard={"regimen": "CMTRT"}),
    _layout("transplant", "PR", "TRANSPLANT", days={"day": "STDY"},
            topic={"PRTRT": "HEMATOPOIETIC STEM CELL TRANSPLANTATION"}),
    _layout("cell_therapy", "PR", "CELL THERAPY", days={"day": "STDY"},
            topic={"PRTRT": "CELL THERAPY"}),
    _layout("transfusion", "PR", "TRANSFUSION", days={"day": "STDY"},
            topic={"PRTRT": "TRANSFUSION"}),
    _layout("disease_episode", "CE", "DISEASE EPISODE", days={"start_day": "STDY"},
            topic={"CETERM": "LEUKEMIA EPISODE"}),
    _layout("gvhd", "CE", "GRAFT VERSUS HOST DISEASE", days={"onset_day": "STDY"},
            topic={"CETERM": "GRAFT VERSUS HOST DISEASE"}),
    _layout("genetics", "GF", days={"day": "DY"},
            topic={"GFTESTCD": "ALTERAT", "GFTEST": "Genetic Alteration"}),
    _layout("toxicity_sign", "QS", "TOXICITY SIGN", days={"day": "DY"},
            topic={"QSTESTCD": "TOXSIGN", "QSTEST": "Signs of the Day"}),
    _layout("gvhd_organ", "QS", "GVHD ORGAN", days={"day": "DY"},
            topic={"QSTESTCD": "GVHDORG", "QSTEST": "Organs of the Day"}),
)

NOT_CARRIED: Mapping[str, str] = {
    "null_reason": "why a cell is empty has no place in these domains; on the way back every "
                   "empty cell says 'unknown'",
    "form_status": "that a form was asked and answered with 'none' has no place here",
    "source_disagreement": "contradictions within a centre's own file are no records",
}
"""Tables that SDTM files do not take along, and why."""


def layouts_of(domain: str) -> list[Layout]:
    """Return the layouts of the tables that a domain carries."""
    return [layout for layout in LAYOUTS if layout.domain == domain]
