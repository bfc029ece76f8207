"""The data dictionary as a page, written from the declared columns.

``python -m remission.records.dictionary FILE`` writes it; a test fails when the page is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from remission.plan import Language
from remission.records.checks import RULES
from remission.records.checks.values import fill
from remission.records.column import Column, Table
from remission.records.labels import code_labels, label, table_label
from remission.records.tables import CLINICAL_TABLES, SIDE_TABLES
from remission.units import TEST_UNITS

_KINDS = {
    "text": "text", "code": "code", "codes": "codes, joined by \\|", "integer": "whole number",
    "number": "number", "day": "study day",
}
_HEADS: Mapping[Language, str] = {
    "es": """# Diccionario de datos

Cada tabla empieza con `subject_id`. Las columnas de la clave van en **negritas**. Un *día del
estudio* es un número entero de días desde el día 0 del paciente. `→` indica el dominio SDTM.
""",
    "zh": """# 数据字典

每张表以 `subject_id` 开头。主键列以**粗体**表示。*研究日*为自患儿第0天起的整天数。
`→` 表示 SDTM 域。
""",
}
_COLUMN_HEADS: Mapping[Language, str] = {
    "en": "| column | type | unit | meaning | values |",
    "es": "| columna | tipo | unidad | significado | valores |",
    "zh": "| 列 | 类型 | 单位 | 含义 | 取值 |",
}
_KINDS_IN: Mapping[Language, Mapping[str, str]] = {
    "es": {"text": "texto", "code": "código", "codes": "códigos, unidos con \\|",
           "integer": "número entero", "number": "número", "day": "día del estudio"},
    "zh": {"text": "文本", "code": "编码", "codes": "多个编码，以 \\| 连接", "integer": "整数",
           "number": "数值", "day": "研究日"},
}
_HEAD = """# Data dictionary

Generated from the declarations in `src/remission/records/`; do not edit by hand (`make docs`).

Every table begins with `subject_id`. Key columns are **bold**. A *study day* is a whole number of
days from the subject's anchor, which is day 0. An empty cell is null; why it is empty stands in
`null_reason`. Every row keeps where it came from in `_source` (`file:row`). `→` names the CDISC
SDTM domain. `subject` and `follow_up` are the core; every other table is optional.
"""


def dictionary_markdown(language: Language = "en") -> str:
    """Return the dictionary as Markdown; units and rules stand in the English one alone."""
    parts = [_HEADS.get(language, _HEAD)]
    parts.extend(_table(table, language) for table in (*CLINICAL_TABLES, *SIDE_TABLES))
    if language == "en":
        parts.append(_units())
        parts.append(_rules())
    return "\n".join(parts)


def _table(table: Table, language: Language) -> str:
    domain = f" → {table.domain}" if table.domain else ""
    meaning = table.meaning if language == "en" else table_label(table.name, language)
    lines = [f"## {table.name}{domain}", "", meaning, "",
             _COLUMN_HEADS[language], "|---|---|---|---|---|"]
    lines.extend(_row(column, table, language) for column in table.columns)
    return "\n".join(lines) + "\n"


def _row(column: Column, table: Table, language: Language) -> str:
    name = f"**{column.name}**" if column.name in table.key else f"`{column.name}`"
    unit = column.unit if column.unit and column.kind != "day" else ""
    meaning = column.meaning if language == "en" else label(table.name, column.name, language)
    kind = _KINDS_IN.get(language, _KINDS)[column.kind]
    return f"| {name} | {kind} | {unit} | {meaning} | {_values(column, table, language)} |"


def _values(column: Column, table: Table, language: Language) -> str:
    if column.name == "test" and language == "en":
        return "see laboratory units"
    if column.codes:
        return "; ".join(f"`{code}` {text}" if text != code else f"`{code}`"
                         for code, text in code_labels(table.name, column.name, language).items())
    if language != "en":
        return "–".join(f"{limit:g}" for limit in (column.minimum, column.maximum)
                        if limit is not None)
    limits = [f"from {column.minimum:g}" if column.minimum is not None else "",
              f"to {column.maximum:g}" if column.maximum is not None else ""]
    return " ".join(part for part in limits if part)


def _units() -> str:
    lines = ["## Laboratory units", "",
             "The canonical unit stands first; the others are converted when read.", "",
             "| test | units |", "|---|---|"]
    lines.extend(f"| {test} | {', '.join(f'`{unit}`' for unit in units)} |"
                 for test, units in TEST_UNITS.items())
    return "\n".join(lines) + "\n"


def _rules() -> str:
    lines = ["## Rules", "", "Each broken rule is a query to the centre (`remission check`).", "",
             "| rule | why | what to do | source |", "|---|---|---|---|"]
    lines.extend(_rule_rows())
    return "\n".join(lines) + "\n"


def _rule_rows() -> Iterator[str]:
    for rule in RULES.values():
        source = "this page" if "data-dictionary" in rule.source else rule.source
        yield f"| `{rule.name}` | {fill(rule.why, {})} | {fill(rule.cure, {})} | {source} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(dictionary_markdown(), encoding="utf-8", newline="\n")
