"""Cohort → files: the frames as CSV, and a dictionary of what each variable means."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from remission.definitions.cohort import Cohort
from remission.definitions.definition import Variable


def write_cohort(cohort: Cohort, folder: Path) -> list[Path]:
    """Write ``subject.csv``, ``transplant.csv`` and ``variables.json``; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        staged = Path(scratch)
        for grain, frame in cohort.frames.items():
            frame.write_csv(staged / f"{grain}.csv")
        described = {name: _described(variable) for name, variable in cohort.variables.items()}
        text = json.dumps(described, ensure_ascii=False, indent=2)
        (staged / "variables.json").write_text(text + "\n", encoding="utf-8")
        written = []
        for path in sorted(staged.iterdir()):
            path.replace(folder / path.name)
            written.append(folder / path.name)
    return written


def _described(variable: Variable) -> dict[str, Any]:
    return {
        "label": variable.label, "kind": variable.kind, "unit": variable.unit,
        "grain": variable.grain, "levels": dict(variable.levels), "rule": variable.rule,
        "set": variable.chosen, "reference": variable.reference, "evidence": variable.evidence,
        "source_row_column": variable.row_column,
    }
