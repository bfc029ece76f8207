"""The manifest: what went in, with what versions, and what was warned of."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from remission.analyses.comparing import SEED
from remission.definitions.cohort import Cohort, definitions_of
from remission.own_files import index_of
from remission.records.checks import Query

_PACKAGES = (
    "remission", "narwhals", "polars", "pydantic", "numpy", "scipy", "matplotlib", "jinja2",
    "python-docx", "openpyxl",
)

def manifest(
    cohort: Cohort, queries: Sequence[Query], files: Sequence[str]
) -> dict[str, Any]:
    """Return the manifest of a report as plain values; ``files`` are the names of all its files."""
    return {
        **index_of(files),
        "study": cohort.plan.study.title,
        "origin": cohort.plan.study.origin,
        "subjects": len(cohort.study.subjects),
        "plan_sha256": cohort.plan.fingerprint,
        "inputs": [{"name": file.name, "sha256": file.sha256} for file in cohort.study.inputs],
        "definitions": {
            name: cohort.variables[name].chosen for name in definitions_of(cohort.plan)
            if cohort.variables[name].chosen is not None
        },
        "seed": SEED,
        "open_queries": sum(query.is_asked for query in queries),
        "warnings": [*cohort.study.notes, *_memory_warnings(cohort)],
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def manifest_json(cohort: Cohort, queries: Sequence[Query], files: Sequence[str]) -> str:
    """Return the manifest as JSON text."""
    return json.dumps(manifest(cohort, queries, files), indent=2, ensure_ascii=False) + "\n"


def _memory_warnings(cohort: Cohort) -> list[str]:
    """Return a warning for each definition in use whose criteria rest on memory."""
    used = (cohort.variables[name] for name in definitions_of(cohort.plan))
    return [
        f"{variable.name} ({variable.chosen}) rests on memory and is to be verified: "
        f"{variable.reference}"
        for variable in used if variable.rests_on_memory
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
