"""Files that need no mapping of their own: our templates, and CDISC studies."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import polars as pl

from remission.errors import raise_if_any
from remission.sources.cdisc_adam import adam_source, is_adam
from remission.sources.cdisc_sdtm import CdiscSource, is_sdtm, sdtm_source
from remission.sources.identity import identity_mapping, without_template_sheets
from remission.sources.importing import Imported, import_site
from remission.sources.sheet import Sheet, Source
from remission.sources.vault import DATES


def import_without_mapping(source: Source, *, vault: Path | None = None) -> Imported:
    """Return the study tables of files that say themselves what they hold.

    ``vault`` is the folder that keeps the study's key, if there is one already.

    SDTM domains are known by their DM, ADaM without SDTM by its ADSL; anything else must bear the
    names of our data model. Raises :class:`~remission.errors.InputError` as :func:`import_site`
    does.
    """
    cdisc = _in_capitals(source)
    if is_sdtm(cdisc):
        return _import_cdisc(sdtm_source(cdisc), vault)
    if is_adam(cdisc):
        return _import_cdisc(adam_source(cdisc), vault)
    own = without_template_sheets(source)
    return import_site(own, identity_mapping(own), vault=vault)


def plan_of(source: Source) -> Path | None:
    """Return the plan to begin with where files bring none: CDISC studies have no template."""
    cdisc = _in_capitals(source)
    if not (is_sdtm(cdisc) or is_adam(cdisc)):
        return None
    return Path(str(files("remission.sources") / "template" / "cdisc.toml"))


def _in_capitals(source: Source) -> Source:
    """Return the sheets with names of columns in capitals, as CDISC writes them."""
    sheets = {name: _capitals(sheet) for name, sheet in source.sheets.items()}
    return replace(source, sheets=sheets)


def _capitals(sheet: Sheet) -> Sheet:
    names = {name: name.upper() for name in sheet.cells.columns}
    if len(set(names.values())) < len(names):
        return sheet
    return replace(sheet, cells=sheet.cells.rename(names), fields={
        names[name]: field for name, field in sheet.fields.items()})


def _import_cdisc(cdisc: CdiscSource, vault: Path | None) -> Imported:
    raise_if_any(cdisc.preparation.problems)
    imported = import_site(cdisc.source, cdisc.mapping, vault=vault)
    return replace(imported, vault=pl.concat([imported.vault, _unplaced_dates(cdisc)]))


def _unplaced_dates(cdisc: CdiscSource) -> pl.DataFrame:
    """Return the dates that are no study day, under the columns they would have filled."""
    targets = {
        (block.sheet, cell.field): (block.table.name, name)
        for block in cdisc.mapping.blocks for name, cell in block.cells.items()}
    found = []
    for date in cdisc.preparation.unplaced:
        table, name = targets.get((date.sheet, date.column), (date.sheet, date.column))
        found.append((date.subject_id, table, name, date.source, date.text))
    return pl.DataFrame(found, schema=DATES, orient="row")
