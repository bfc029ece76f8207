"""The names that a plan gives where it is silent: of endpoints, groups, titles."""

from __future__ import annotations

from typing import Any

_ENDPOINT_LABELS = {
    "os": "Overall survival", "efs": "Event-free survival", "rfs": "Relapse-free survival",
    "lfs": "Leukaemia-free survival", "dfs": "Disease-free survival",
    "cir": "Relapse", "nrm": "Non-relapse mortality",
    "grfs": "GVHD-free, relapse-free survival",
}
"""What the field calls these endpoints; the label of a plan that gives none."""

_TITLES = {"characteristics": "Characteristics", "transplant": "Outcomes after transplant",
           "risk_factors": "Risk factors", "before_after": "Before and after",
           "change_between_groups": "Change by group", "toxicity": "Toxicity",
           "response": "Response", "swimmer": "The course of every child",
           "marrow_course": "The marrow over time", "participant_flow": "Participant flow",
           "cases": "Single cases"}


def named(given: Any) -> Any:
    """Return a plan as it is written, with the usual names where it gives none."""
    if not isinstance(given, dict):
        return given
    endpoints = {
        name: {"label": _ENDPOINT_LABELS.get(name, _in_words(name)), **endpoint}
        for name, endpoint in tables_under(given, "endpoints").items()}
    groups, populations, variables = (
        {name: {"label": name.replace("_", " "), **table}
         for name, table in tables_under(given, key).items()}
        for key in ("groups", "populations", "variables"))
    found = {**given}
    for key, tables in (("endpoints", endpoints), ("groups", groups),
                        ("populations", populations), ("variables", variables)):
        if tables:
            found[key] = {**given[key], **tables}
    analyses = given.get("analyses")
    if isinstance(analyses, list | tuple):
        found["analyses"] = type(analyses)(
            {"title": title, **analysis} if isinstance(analysis, dict) and (
                title := _title(analysis, endpoints, groups)) else analysis
            for analysis in analyses)
    return found


def tables_under(given: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """Return the tables under a key, without what has another shape."""
    found = given.get(key)
    return {name: table for name, table in found.items()
            if isinstance(name, str) and isinstance(table, dict)} if isinstance(found, dict) else {}


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _title(
    analysis: dict[str, Any], endpoints: dict[str, Any], groups: dict[str, Any]
) -> str:
    """Return the title of an analysis that has none: what it shows, by which groups."""
    by = groups.get(str(analysis.get("by")), {}).get("label")
    endpoint = endpoints.get(str(analysis.get("endpoint")), {}).get("label")
    shown = _TITLES.get(str(analysis.get("kind")), endpoint)
    return f"{shown} by {by}" if shown and by and endpoint else str(shown or "")
