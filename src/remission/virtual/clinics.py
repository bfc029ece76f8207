"""How two clinics write the same kind of truth down: other names, units, dates and habits.

North keeps comma-separated English tables with ISO dates; South semicolon-separated Spanish ones
with decimal commas, counts in cells/µL, and for half of its children only the day of recovery.
A few faults are planted, as they happen in every centre; ``PLANTED`` names what a check must find.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from remission.virtual.truth import Child, Graft

Row = Sequence[object]
Files = dict[str, str]

NORTH_SHARE = 0.6
_FIRST_INDEX = date(2019, 1, 14)

PLANTED: dict[str, tuple[str, str]] = {
    "impossible_value": ("N", "a neutrophil count typed in cells/µL"),
    "after_last_contact": ("N", "a transfusion recorded after the last contact"),
    "testis_in_a_girl": ("S", "testicular disease of a girl"),
    "hla_matches_exceed": ("S", "more HLA matches than alleles compared"),
}
"""Rule → (site, the planted fault)."""


def index_date(child: Child) -> date:
    """Return the calendar date of a child's first infusion."""
    return _FIRST_INDEX + timedelta(days=17 * child.number)


def identifier(child: Child, site: str) -> str:
    """Return the study identifier a site gives a child."""
    return f"{site}{child.number:03d}"


def split_sites(children: Sequence[Child]) -> tuple[list[Child], list[Child]]:
    """Return (north, south): the first 60 % and the rest."""
    cut = round(len(children) * NORTH_SHARE)
    return list(children[:cut]), list(children[cut:])


def north_files(children: Sequence[Child]) -> Files:
    """Return the tables of the northern clinic by file name."""
    write = _writer(",", lambda value: _plain(value, "%Y-%m-%d"))
    grafted = [(child, child.graft) for child in children if child.graft is not None]
    victim = next(child for child, graft in grafted if len(graft.neutrophils) > 20)
    late = next(child for child, _ in grafted if child.death is None and child is not victim)
    return {
        "patients.csv": write(
            ["id", "sex", "birth", "first_infusion", "reason", "diagnosed", "wbc", "blasts",
             "mrd", "mrd_end", "infusion_end"],
            ([identifier(c, "N"), c.sex, _on(c, -c.age_days), _on(c, 0), c.cohort,
              _on(c, c.diagnosed), c.wbc, c.blasts, c.mrd or "neg", c.mrd_after or "neg",
              _on(c, c.infusion_end)] for c in children)),
        "genetics.csv": write(
            ["id", "alteration", "result"],
            ([identifier(c, "N"), name, "pos" if present else "neg"]
             for c in children for name, present in c.alterations.items())),
        "transplants.csv": write(
            ["id", "date", "donor", "source", "hla", "of", "cd34", "conditioning"],
            ([identifier(c, "N"), _on(c, g.day), g.donor, g.graft, g.hla_matched, 10, g.cd34,
              g.conditioning] for c, g in grafted)),
        "counts.csv": write(
            ["id", "date", "test", "value", "unit"],
            ([identifier(c, "N"), _on(c, g.day + day), test,
              1200 if (c is victim and test == "ANC" and day == 20) else value, "10*9/L"]
             for c, g in grafted for test, values in (("ANC", g.neutrophils),
                                                      ("PLT", g.platelets))
             for day, value in values.items())),
        "transfusions.csv": write(
            ["id", "date", "product"],
            (*([identifier(c, "N"), _on(c, g.day + day), "PLATELET"]
               for c, g in grafted for day in g.transfused),
             [identifier(late, "N"), _on(late, late.last_contact + 12), "RBC"])),
        "gvhd.csv": write(["id", "kind", "onset", "grade"], _gvhd_rows(grafted, "N")),
        "events.csv": write(
            ["id", "what", "date", "grade"],
            ([identifier(c, "N"), what, _on(c, found[0]), found[1]]
             for c in children for what, found in (("CRS", c.crs), ("ICANS", c.icans)) if found)),
        "relapses.csv": write(
            ["id", "date"],
            ([identifier(c, "N"), _on(c, c.relapse)] for c in children if c.relapse is not None)),
        "follow_up.csv": write(
            ["id", "last_seen", "status", "died", "cause"],
            ([identifier(c, "N"), _on(c, c.last_contact), "dead" if c.death else "alive",
              _on(c, c.death[0]) if c.death else "", c.death[1] if c.death else ""]
             for c in children)),
    }


_SPANISH = {
    "RR": "recaída/refractaria", "MRD_POS": "EMR positiva", "CHEMO_INTOLERANT": "intolerancia",
    "HAPLOIDENTICAL": "haploidéntico", "MATCHED_SIBLING": "hermano idéntico",
    "MATCHED_UNRELATED": "no emparentado", "PBSC": "sangre periférica", "BM": "médula ósea",
    "MAC": "mieloablativo", "RIC": "intensidad reducida", "F": "femenino", "M": "masculino",
    "TRANSPLANT": "trasplante", "RELAPSE": "recaída",
}


def south_files(children: Sequence[Child]) -> Files:
    """Return the tables of the southern clinic by file name."""
    write = _writer(";", lambda value: _plain(value, "%d/%m/%Y").replace(".", ","))
    grafted = [(child, child.graft) for child in children if child.graft is not None]
    counted = [pair for pair in grafted if pair[0].number % 2 == 0]
    girl = next(child for child in children if child.sex == "F")
    over = grafted[0][0]
    return {
        "pacientes.csv": write(
            ["expediente", "sexo", "nacimiento", "inicio_blina", "motivo", "diagnostico",
             "leucocitos", "blastos_mo", "emr", "emr_final", "fin_infusion", "testiculo"],
            ([identifier(c, "S"), _SPANISH[c.sex], _on(c, -c.age_days), _on(c, 0),
              _SPANISH[c.cohort], _on(c, c.diagnosed), round(c.wbc * 1000), c.blasts,
              c.mrd or "neg", c.mrd_after or "neg", _on(c, c.infusion_end),
              "sí" if c is girl else "no"] for c in children)),
        "trasplantes.csv": write(
            ["expediente", "fecha", "donador", "fuente", "hla", "cd34", "acondicionamiento",
             "dia_neutrofilos", "dia_plaquetas"],
            ([identifier(c, "S"), _on(c, g.day), _SPANISH[g.donor], _SPANISH[g.graft],
              11 if c is over else g.hla_matched, g.cd34, _SPANISH[g.conditioning],
              *_reported(c, g)] for c, g in grafted)),
        "laboratorio.csv": write(
            ["expediente", "fecha", "prueba", "resultado", "unidad"],
            ([identifier(c, "S"), _on(c, g.day + day), name, round(value * 1000), "cel/µL"]
             for c, g in counted for name, values in (("neutrófilos", g.neutrophils),
                                                      ("plaquetas", g.platelets))
             for day, value in values.items())),
        "transfusiones.csv": write(
            ["expediente", "fecha", "producto"],
            ([identifier(c, "S"), _on(c, g.day + day), "plaquetas"]
             for c, g in counted for day in g.transfused)),
        "eich.csv": write(["expediente", "tipo", "inicio", "grado"], _gvhd_rows(grafted, "S")),
        "recaidas.csv": write(
            ["expediente", "fecha"],
            ([identifier(c, "S"), _on(c, c.relapse)] for c in children if c.relapse is not None)),
        "seguimiento.csv": write(
            ["expediente", "ultimo_contacto", "estado", "defuncion", "causa"],
            ([identifier(c, "S"), _on(c, c.last_contact), "finado" if c.death else "vivo",
              _on(c, c.death[0]) if c.death else "",
              _SPANISH[c.death[1]] if c.death else ""] for c in children)),
    }


def _reported(child: Child, graft: Graft) -> tuple[object, object]:
    """Return the reported days of recovery; only where the clinic sends no daily counts."""
    if child.number % 2 == 0:
        return "", ""
    alive = child.last_contact - graft.day
    return tuple(  # type: ignore[return-value]  # of two days two words
        "nunca" if day is None or day > alive else _on(child, graft.day + day)
        for day in (graft.neutrophil_day, graft.platelet_day))


def _gvhd_rows(grafted: Sequence[tuple[Child, Graft]], site: str) -> Iterable[Row]:
    for child, graft in grafted:
        for kind, found in (("ACUTE", graft.acute_gvhd), ("CHRONIC", graft.chronic_gvhd)):
            if found is not None:
                yield [identifier(child, site), kind, _on(child, graft.day + found[0]), found[1]]


def _on(child: Child, day: int) -> date:
    return index_date(child) + timedelta(days=day)


def _plain(value: object, layout: str) -> str:
    if isinstance(value, date):
        return value.strftime(layout)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _writer(
    delimiter: str, show: Callable[[object], str]
) -> Callable[[Row, Iterable[Row]], str]:
    def write(head: Row, rows: Iterable[Row]) -> str:
        text = io.StringIO()
        table = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        table.writerow(head)
        table.writerows([show(value) for value in row] for row in rows)
        return text.getvalue()

    return write
