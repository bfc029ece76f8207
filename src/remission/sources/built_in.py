"""Files that need no mapping of their own: our templates, and CDISC studies."""

from __future__ import annotations

from dataclasses import replace

from remission.errors import raise_if_any
from remission.sources.cdisc_adam import adam_source, is_adam
from remission.sources.cdisc_sdtm import CdiscSource, is_sdtm, sdtm_source
from remission.sources.dates import VaultDate
from remission.sources.identity import identity_mapping, without_template_sheets
from remission.sources.importing import Imported, import_site
from remission.sources.sheet import Source


def import_without_mapping(source: Source) -> Imported:
    """Return the study tables of files that say themselves what they hold.

    SDTM domains are known by their DM, ADaM without SDTM by its ADSL; anything else must bear the
    names of our data model.
    Raises :class:`~remission.errors.InputError` as :func:`import_site` does.
    """
    if is_sdtm(source):
        return _import_cdisc(sdtm_source(source))
    if is_adam(source):
        return _import_cdisc(adam_source(source))
    own = without_template_sheets(source)
    return import_site(own, identity_mapping(own))


def _import_cdisc(cdisc: CdiscSource) -> Imported:
    raise_if_any(cdisc.preparation.problems)
    imported = import_site(cdisc.source, cdisc.mapping)
    return replace(imported, vault=(*imported.vault, *_unplaced_dates(cdisc)))


def _unplaced_dates(cdisc: CdiscSource) -> list[VaultDate]:
    """Return the dates that are no study day, under the columns they would have filled."""
    targets = {
        (block.sheet, cell.field): (block.table.name, name)
        for block in cdisc.mapping.blocks for name, cell in block.cells.items()}
    found = []
    for date in cdisc.preparation.unplaced:
        table, name = targets.get((date.sheet, date.column), (date.sheet, date.column))
        found.append(VaultDate(date.subject_id, table, name, date.source, date.text))
    return found
