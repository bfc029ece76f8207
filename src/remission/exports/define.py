"""What every variable of an export means: as JSON for programs, as Markdown and CSV to read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remission.exports.dataset import Dataset, Meaning
from remission.exports.transport import Change


@dataclass(frozen=True)
class Define:
    """The listing of some data sets: notes that hold for all, the sets, and what was changed."""

    title: str
    notes: Sequence[str]
    datasets: Sequence[Dataset]
    changes: Sequence[Change]


_HEADS = ("dataset", "variable", "label", "type", "unit", "codes", "from", "rule", "set",
          "reference")


def write_define(define: Define, folder: Path) -> None:
    """Write ``define.json``, ``define.csv`` and ``define.md`` into a folder."""
    text = json.dumps(_as_json(define), ensure_ascii=False, indent=2)
    (folder / "define.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    with (folder / "define.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADS)
        for data in define.datasets:
            writer.writerows(_cells(data.name, meaning) for meaning in data.meanings)
            writer.writerows(_cells(f"{data.name} (QNAM)", meaning)
                             for meaning in data.qualifiers)
    (folder / "define.md").write_text(_as_markdown(define), encoding="utf-8", newline="\n")


def _as_json(define: Define) -> dict[str, Any]:
    return {
        "title": define.title, "notes": list(define.notes),
        "datasets": [{
            "name": data.name, "label": data.label, "row": data.row, "rows": len(data.frame),
            "variables": [vars(meaning) | {"codes": dict(meaning.codes)}
                          for meaning in data.meanings],
            "qualifiers": [vars(meaning) | {"codes": dict(meaning.codes)}
                           for meaning in data.qualifiers],
        } for data in define.datasets],
        "changed_in_transport": [vars(change) for change in define.changes],
    }


def _cells(dataset: str, meaning: Meaning) -> list[str]:
    codes = "; ".join(f"{code} = {label}" if label != code else code
                      for code, label in meaning.codes.items())
    return [dataset, meaning.name, meaning.label, meaning.kind, meaning.unit or "", codes,
            meaning.of, meaning.rule, meaning.chosen or "", meaning.reference]


def _as_markdown(define: Define) -> str:
    lines = [f"# {define.title}", "", *(f"- {note}" for note in define.notes), ""]
    for data in define.datasets:
        lines += [f"## {data.name}: {data.label}", "",
                  f"{len(data.frame)} rows, {data.row}.", "", *_table(_HEADS[1:], (
                      _cells(data.name, meaning)[1:] for meaning in data.meanings)), ""]
        if data.qualifiers:
            lines += ["QNAM:", "", *_table(_HEADS[1:], (
                _cells(data.name, meaning)[1:] for meaning in data.qualifiers)), ""]
    if define.changes:
        lines += ["## What the transport files (.xpt) hold otherwise", "",
                  "The CSV of each holds it whole.", "",
                  *_table(("dataset", "variable", "what", "whole", "as written"), (
                      [change.dataset, change.variable, change.what, change.whole, change.written]
                      for change in define.changes)), ""]
    return "\n".join(lines)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    escaped = (" ".join(cell.replace("|", "\\|").split()) for cell in cells)
    return f"| {' | '.join(escaped)} |"
