"""Queries → one Excel sheet a centre, which a coordinator can answer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from remission.records.checks import Query
from remission.records.study import Study

_HEADS = ("Query", "Child", "Rows", "What is wrong", "Why it matters", "What to do",
          "Answer", "Comment")
_WIDTHS = (8, 10, 34, 52, 44, 44, 22, 34)
ANSWERS = ("corrected", "confirmed", "cannot be resolved")


def write_queries(queries: Sequence[Query], study: Study, folder: Path) -> list[Path]:
    """Write ``folder/<site>.xlsx`` for every centre that has queries; return the files.

    Earlier sheets of this study's centres are replaced, or removed when nothing is asked any
    more; other files in the folder stay.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    by_site: dict[str, list[Query]] = {}
    for query in queries:
        by_site.setdefault(query.site_id, []).append(query)
    written = []
    for site in dict.fromkeys([*study.site_of.values(), *by_site]):
        target = folder / f"{site or 'all-centres'}.xlsx"
        if site not in by_site:
            target.unlink(missing_ok=True)
            continue
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            staged = Path(scratch) / target.name
            _write_site(by_site[site], site, staged)
            staged.replace(target)
        written.append(target)
    return written


def _write_site(queries: Sequence[Query], site: str, path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = "Queries"
    sheet.append(list(_HEADS))
    for number, query in enumerate(queries, start=1):
        rows = "\n".join(dict.fromkeys(row.replace(":", " row ") for row in query.rows))
        sheet.append([number, query.subject_id, rows, query.what, query.why, query.cure])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    answers = DataValidation(type="list", formula1=f'"{",".join(ANSWERS)}"', allow_blank=True)
    sheet.add_data_validation(answers)
    answers.add(f"G2:G{len(queries) + 1}")
    sheet.freeze_panes = "A2"
    book.properties.title = f"Queries to {site}"
    book.save(path)
