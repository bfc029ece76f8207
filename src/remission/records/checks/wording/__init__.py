"""Queries in the language of a centre: English stands with each rule, the others in ``*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from remission.plan import Language
from remission.records.checks.rule import Query, Rule
from remission.records.checks.values import fill


@dataclass(frozen=True)
class Wording:
    """A query in one language: what is wrong, why it matters, what to do."""

    what: str
    why: str
    cure: str


def worded(query: Query, language: Language) -> Wording:
    """Return a query in a language. Raises ``KeyError`` for a rule without wording in it."""
    if language == "en":
        return Wording(query.what, query.why, query.cure)
    written = translated(query.rule, language)
    return Wording(fill(templates_of(written)[query.case], query.values, language),
                   fill(written["why"], {}, language), fill(written["cure"], {}, language))


def title_of(rule: Rule, language: Language) -> str:
    """Return what a rule finds, in a few words."""
    return rule.title if language == "en" else str(translated(rule.name, language)["title"])


def translated(rule: str, language: Language) -> Mapping[str, Any]:
    """Return the wording of a rule as it is written; raises ``KeyError`` when there is none."""
    found: Mapping[str, Any] = written_in(language)[rule]
    return found


def templates_of(written: Mapping[str, Any]) -> Mapping[str, str]:
    """Return case → template; the only one of a rule without cases has the case ``""``."""
    what = written["what"]
    return what if isinstance(what, dict) else {"": what}


@lru_cache(maxsize=2)
def written_in(language: Language) -> Mapping[str, Any]:
    """Return the wording of every rule in a language that is not English."""
    text = (files("remission.records.checks") / "wording" / f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


