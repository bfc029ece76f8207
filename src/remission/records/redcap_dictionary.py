"""The data model as a REDCap data dictionary: forms are tables, fields bear our names.

A field is called ``table_column``, because names are unique in a REDCap project; codes keep their
letters, with marks that REDCap refuses written out (:func:`redcap_code`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from remission.plan import Language
from remission.records.column import MOST_DAYS, Column, Table
from remission.records.labels import VAULT_DATE_LABELS, code_labels, label, table_label
from remission.records.tables import ENTERED_TABLES

RECORD_ID = "subject_id"
ONCE = ("subject", "follow_up")
"""Forms that are filled once for each child; all others repeat."""

COLUMNS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note",
    "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
    "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (Surveys Only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)
_WRITTEN_OUT = {"=": "EQ", "<": "LT", ">": "GT"}
_MOST_RADIOS = 5
_BRANCHES = {
    ("subject", "performance_score"): ("performance_scale", "<>", "NA"),
    ("disease_episode", "diagnosis"): ("phase", "=", "INITIAL_DIAGNOSIS"),
    ("disease_episode", "risk_group_reported"): ("phase", "=", "INITIAL_DIAGNOSIS"),
    ("disease_episode", "lineage_switch"): ("phase", "<>", "INITIAL_DIAGNOSIS"),
    ("disease_episode", "months_since_diagnosis_reported"): ("phase", "<>", "INITIAL_DIAGNOSIS"),
    ("disease_episode", "months_since_frontline_end_reported"): (
        "phase", "<>", "INITIAL_DIAGNOSIS"),
    ("transplant", "neutrophil_recovery_day_reported"): (
        "neutrophil_recovered_reported", "=", "Y"),
    ("transplant", "platelet_recovery_day_reported"): ("platelet_recovered_reported", "=", "Y"),
    ("cell_therapy", "target"): ("kind", "=", "CAR_T"),
    ("cell_therapy", "lymphodepletion"): ("kind", "=", "CAR_T"),
    ("adverse_event", "organism"): ("group", "=", "INFECTION"),
    ("follow_up", "death_day"): ("vital_status", "=", "DEAD"),
    ("follow_up", "cause_of_death"): ("vital_status", "=", "DEAD"),
    ("drug_dose", "line_no"): ("relative_to", "=", "LINE"),
}
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {"once": "once for each child", "repeats": "repeats", "vault": "stays in the vault",
           "counted": "the number of the instance is",
           "how": "Project Setup > Enable optional modules > Repeating instruments: switch on "
                  "these forms."},
    "es": {"once": "una vez por paciente", "repeats": "se repite",
           "vault": "permanece en la bóveda", "counted": "el número de la instancia es",
           "how": "Configuración del proyecto > Módulos opcionales > Instrumentos repetidos: "
                  "active estos formularios."},
    "zh": {"once": "每名患儿填写一次", "repeats": "可重复", "vault": "仅保存在本中心",
           "counted": "实例编号即",
           "how": "项目设置 > 可选模块 > 重复表单：启用以下表单。"},
}


def redcap_field(table: str, column: str) -> str:
    """Return the name of a column as a field of REDCap."""
    return RECORD_ID if column == RECORD_ID else f"{table}_{column}"


def redcap_code(code: str) -> str:
    """Return a code in letters that REDCap takes: ``ug/m2/d`` is ``ug_m2_d``, ``<`` is ``LT``."""
    return _WRITTEN_OUT.get(code) or re.sub(r"[^A-Za-z0-9]+", "_", code)


def counted_by_instance(table: Table) -> str | None:
    """Return the running number that the instance of a repeating form gives, if it has one."""
    return table.numbered if table.name not in ONCE and len(table.key) == 2 else None


def redcap_dictionary(language: Language = "en") -> str:
    """Return the data dictionary as CSV text with REDCap's 18 columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for table in ENTERED_TABLES:
        for column in table.columns:
            if column.name == RECORD_ID and table.name != "subject":
                continue
            if column.name != counted_by_instance(table):
                writer.writerow(_row(table, column, language))
            if column.name == "site_id" and table.name == "subject":
                writer.writerows(_vault_row(name, language) for name in VAULT_DATE_LABELS)
    return text.getvalue()


def redcap_instruments(language: Language = "en") -> str:
    """Return what the dictionary cannot hold: which forms repeat, and what counts them."""
    words = _WORDS[language]
    lines = [words["how"], ""]
    for table in ENTERED_TABLES:
        counted = counted_by_instance(table)
        how = words["once"] if table.name in ONCE else words["repeats"]
        number = f"; {words['counted']} {counted}" if counted else ""
        lines.append(f"{table.name}\t{table_label(table.name, language)}\t{how}{number}")
    return "\n".join(lines) + "\n"


def _row(table: Table, column: Column, language: Language) -> dict[str, str]:
    kind, choices = _kind(table, column, language)
    validation, least, most = _validation(column)
    return {
        "Variable / Field Name": redcap_field(table.name, column.name),
        "Form Name": table.name,
        "Field Type": kind,
        "Field Label": label(table.name, column.name, language),
        "Choices, Calculations, OR Slider Labels": choices,
        "Field Note": column.unit or "" if column.kind != "day" else "",
        "Text Validation Type OR Show Slider Number": validation,
        "Text Validation Min": least,
        "Text Validation Max": most,
        "Branching Logic (Show field only if...)": _branching(table, column),
        "Required Field?": "y" if column.required else "",
    }


def _vault_row(name: str, language: Language) -> dict[str, str]:
    return {
        "Variable / Field Name": redcap_field("subject", name), "Form Name": "subject",
        "Field Type": "text", "Field Label": VAULT_DATE_LABELS[name][language],
        "Field Note": _WORDS[language]["vault"],
        "Text Validation Type OR Show Slider Number": "date_ymd", "Identifier?": "y",
    }


def _kind(table: Table, column: Column, language: Language) -> tuple[str, str]:
    """Return (field type, choices)."""
    if not column.codes:
        return "text", ""
    labels = code_labels(table.name, column.name, language)
    choices = " | ".join(f"{redcap_code(code)}, {text}" for code, text in labels.items())
    if column.kind == "codes":
        return "checkbox", choices
    return ("radio" if len(column.codes) <= _MOST_RADIOS else "dropdown"), choices


def _validation(column: Column) -> tuple[str, str, str]:
    """Return (validation, least, most); outside the limits REDCap warns and does not refuse."""
    if column.kind == "day":
        return "date_ymd", "", ""
    if column.kind not in ("integer", "number"):
        return "", "", ""
    least, most = ("" if limit is None or abs(limit) >= MOST_DAYS else f"{limit:g}"
                   for limit in (column.minimum, column.maximum))
    return column.kind, least, most


def _branching(table: Table, column: Column) -> str:
    branch = _BRANCHES.get((table.name, column.name))
    if branch is None:
        return ""
    asked, comparison, code = branch
    return f"[{redcap_field(table.name, asked)}] {comparison} '{redcap_code(code)}'"
