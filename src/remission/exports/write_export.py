"""An export on disk: a folder for each form asked for, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from remission.definitions.cohort import Cohort
from remission.exports.adam import adam_of
from remission.exports.adam_subjects import LEFT_OUT
from remission.exports.dataset import Dataset
from remission.exports.define import Define, write_define
from remission.exports.plain import write_plain
from remission.exports.sdtm import NO_DATES, Sdtm, sdtm_of
from remission.exports.transport import Change, write_transport
from remission.own_files import check_folder, index_of, own_files, refuse_strangers, rewritten
from remission.sources.cdisc_layout import NOT_CARRIED

FORMS = ("adam", "sdtm", "parquet", "csv")
_INDEX = "export.json"
_QUALIFIERS = ("What a domain has no variable for stands in its SUPP-- data set; there QEVAL is "
               "REMISSION, and 'remission import' reads the folder csv or xpt back.")
_FREE_TEXT = ("Free text stands as the centre wrote it and may name a person: read it before these "
              "files leave the centre.")


def write_export(cohort: Cohort, folder: Path, forms: Collection[str]) -> list[Path]:
    """Write a study in each of some forms; return the files.

    ADaM and SDTM are written as CSV and as SAS transport files, each in a folder of its own, with
    a listing of every variable.
    The files of an earlier export are replaced. Raises
    :class:`~remission.errors.OutputError` as :func:`check_export_target` does.
    """
    place = folder.resolve()
    check_export_target(place)
    with rewritten(place, lambda: check_export_target(place)) as staged:
        sdtm = sdtm_of(cohort.study)
        for form in FORMS:
            if form in forms:
                (staged / form).mkdir()
                _WRITERS[form](cohort, sdtm, staged / form)
        names = [_INDEX, *(path.relative_to(staged).as_posix()
                           for path in staged.rglob("*") if path.is_file())]
        _write_json(index_of(names), staged / _INDEX)
    return [folder / name for name in sorted(names)]


def check_export_target(folder: Path) -> set[str]:
    """Return which files of a folder an earlier export wrote.

    Raises :class:`~remission.errors.OutputError` when the folder cannot be written into or holds
    files of somebody else: an export is handed on as a whole.
    """
    folder = folder.resolve()
    check_folder(folder)
    own = own_files(folder, _INDEX)
    refuse_strangers(folder, own)
    return own


def _write_adam(cohort: Cohort, sdtm: Sdtm, folder: Path) -> None:
    notes = [
        NO_DATES.replace("--DTC variables", "date variables (--DT)"), LEFT_OUT,
        "AVAL of ADTTE counts whole days from the origin, which is 0.",
        "Each name has at most eight letters; 'from' says what it is in the study or cohort."]
    _write_datasets(adam_of(cohort, sdtm), folder, "ADaM", cohort, notes)


def _write_sdtm(cohort: Cohort, sdtm: Sdtm, folder: Path) -> None:
    notes = [NO_DATES, _QUALIFIERS]
    notes += [f"Not carried: {name} ({len(cohort.study.table(name))} rows): {why}."
              for name, why in NOT_CARRIED.items() if cohort.study.has(name)]
    notes.append("Not carried: the file and row that each record came from.")
    _write_datasets(sdtm.datasets, folder, "SDTM", cohort, notes)


def _write_datasets(
    datasets: Sequence[Dataset], folder: Path, model: str, cohort: Cohort, notes: Sequence[str]
) -> None:
    changes: list[Change] = []
    for kind in ("csv", "xpt"):
        (folder / kind).mkdir()
    for data in datasets:
        data.frame.write_csv(folder / "csv" / f"{data.named}.csv")
        changes += write_transport(data, folder / "xpt" / f"{data.named}.xpt")
    title = f"{model}: {cohort.plan.study.title}"
    write_define(Define(title, [*notes, _FREE_TEXT], datasets, changes), folder)


def _write_parquet(cohort: Cohort, _: Sdtm, folder: Path) -> None:
    _write_json(write_plain(cohort, folder, "parquet"), folder / "columns.json")


def _write_csv(cohort: Cohort, _: Sdtm, folder: Path) -> None:
    _write_json(write_plain(cohort, folder, "csv"), folder / "columns.json")


_WRITERS: Mapping[str, Callable[[Cohort, Sdtm, Path], None]] = {
    "adam": _write_adam, "sdtm": _write_sdtm, "parquet": _write_parquet, "csv": _write_csv}


def _write_json(value: Mapping[str, Any], path: Path) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
