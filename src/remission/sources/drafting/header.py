"""What a column's name says besides its meaning: a unit, the layout of its dates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from remission.sources.drafting.words import words_of
from remission.units import TEST_UNITS, spelled

_BRACKETS = re.compile(r"[(\[（【]([^)\]）】]*)[)\]）】]")
_LAYOUT = re.compile(r"[dmyja]{1,4}([-/. ])[dmyja]{1,4}\1[dmyja]{1,4}", re.IGNORECASE)
_KNOWN_UNITS = {unit for units in TEST_UNITS.values() for unit in units}
_IN_CAPITALS_OR_NOT = {unit.casefold(): unit for unit in sorted(_KNOWN_UNITS)}
_SAID_OTHERWISE = {
    **dict.fromkeys(("celul/ul", "celulas/ul", "cel/ul", "cel/mm3", "celulas/mm3", "个/ul"),
                    "cells/uL"),
    **dict.fromkeys(("miles/ul", "mil/ul", "miles/mm3", "10^3/mm3", "x103/ul", "103/ul", "10*3/ul",
                     "x10^3/mm3"), "10*3/uL"),
    **dict.fromkeys(("109/l", "x109/l", "*10^9/l", "10*9/l", "x10*9/l", "10e9/l", "g/l(10^9)",
                     "e9/l"), "10*9/L"),
    **dict.fromkeys(("percent", "pct", "porciento", "%"), "%"),
}
TIME_UNITS = {
    "days": ("day", "days", "dia", "dias", "d", "天", "日"),
    "weeks": ("week", "weeks", "semana", "semanas", "周"),
    "months": ("month", "months", "mo", "mes", "meses", "月", "个月"),
    "years": ("year", "years", "yr", "yrs", "y", "ano", "anos", "anio", "anios", "岁", "年"),
}
_TIME_OF = {word: unit for unit, words in TIME_UNITS.items() for word in words}
_TIME_TAIL = re.compile(
    r"^(?P<rest>.+?)[ _.](?P<unit>days|dias|días|weeks|semanas|months|meses|years|yrs|anos|años)$",
    re.IGNORECASE)
_UNIT_TAIL = re.compile(
    r"^(?P<rest>.+?)[ _](?P<unit>kg|cm|percent|pct|g_?l|g_?dl|mg_?dl|mg_?l|umol_?l|u_?l|ui_?l)$",
    re.IGNORECASE)
_TAIL_UNITS = {"kg": "kg", "cm": "cm", "percent": "%", "pct": "%", "gl": "g/L", "gdl": "g/dL",
               "mgdl": "mg/dL", "mgl": "mg/L", "umoll": "umol/L", "ul": "U/L", "uil": "U/L"}
_CHINESE_TIME_TAIL = re.compile(r"^(?P<rest>.+?)(?P<unit>天数|月数|月龄)$")


@dataclass(frozen=True)
class Header:
    """A column's name without what stands in brackets, its unit and the layout of its dates."""

    text: str
    unit: str | None = None
    layout: str | None = None


def read_header(name: str) -> Header:
    """Return what the name of a column says: ``Leucocitos (x10^9/L)``, ``age_days``, ``MRD %``."""
    unit = layout = None
    text = name
    for inside in _BRACKETS.findall(name):
        found_layout, found_unit = layout_named(inside), unit_named(inside)
        layout, unit = layout or found_layout, unit or found_unit
        if found_layout or found_unit:
            text = re.sub(rf"\s*[(\[（【]{re.escape(inside)}[)\]）】]", "", text)
    if unit is None and (tail := _TIME_TAIL.match(text)):
        text, unit = tail["rest"], unit_named(tail["unit"])
    elif unit is None and (tail := _UNIT_TAIL.match(text)) and _is_of_its_kind(tail):
        text, unit = tail["rest"], _TAIL_UNITS[tail["unit"].replace("_", "").casefold()]
    elif unit is None and (tail := _CHINESE_TIME_TAIL.match(text)):
        unit = "days" if tail["unit"] == "天数" else "months"
    elif unit is None and text.rstrip().endswith("%"):
        text, unit = text.rstrip().removesuffix("%"), "%"
    return Header(text.strip() or name, unit, layout)


def _is_of_its_kind(tail: re.Match[str]) -> bool:
    """Return whether a unit of a length or a weight stands behind one: not in ``cd34_per_kg``."""
    kind = {"kg": "weight", "cm": "height"}.get(tail["unit"].casefold())
    return kind is None or kind in words_of(tail["rest"])


def unit_named(text: str) -> str | None:
    """Return the unit a text names, as it is written here; None where it is no unit."""
    plain = text.strip().strip(",;:").strip()
    known = spelled(plain)
    if known in _KNOWN_UNITS:
        return known
    folded = _folded(plain)
    return (_SAID_OTHERWISE.get(folded) or _IN_CAPITALS_OR_NOT.get(folded)
            or _TIME_OF.get(folded))


def layout_named(text: str) -> str | None:
    """Return the layout of dates that ``dd/mm/aaaa`` and the like stand for."""
    plain = text.strip()
    if not _LAYOUT.fullmatch(plain):
        return None
    mark = next(char for char in plain if not char.isalpha())
    codes = []
    for part in plain.casefold().split(mark):
        letter = part[0]
        codes.append({"d": "%d", "j": "%d", "m": "%m"}.get(
            letter, "%Y" if len(part) > 2 else "%y"))
    return mark.join(codes) if len(set(codes)) == 3 else None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u")
                                       .replace("×", "x"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)
                   and char != " ").casefold()
