"""From a centre's records to the paper: read, check, derive, analyse, write the report.

    import remission

    study = remission.read("my-study")
    queries = remission.check(study)
    cohort = remission.derive(study)
    results = remission.analyse(cohort, queries)
    remission.write_report(cohort, results, queries, "my-report")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remission.analyses.run import analyse_cohort as analyse
    from remission.definitions.cohort import derive_cohort as derive
    from remission.records.checks import check_study as check
    from remission.report.write_report import write_report
    from remission.sources.study_folder import read_study as read

__all__ = ["__version__", "analyse", "check", "derive", "read", "write_report"]
__version__ = "0.1.0"

_WORDS = {
    "read": ("remission.sources.study_folder", "read_study"),
    "check": ("remission.records.checks", "check_study"),
    "derive": ("remission.definitions.cohort", "derive_cohort"),
    "analyse": ("remission.analyses.run", "analyse_cohort"),
    "write_report": ("remission.report.write_report", "write_report"),
}


def __getattr__(name: str) -> Any:
    """Load a public word when it is first used, so that ``import remission`` stays instant."""
    if name not in _WORDS:
        raise AttributeError(f"remission has no {name!r}; it has {', '.join(_WORDS)}.")
    return getattr(import_module(_WORDS[name][0]), _WORDS[name][1])
