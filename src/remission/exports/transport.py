"""SAS transport files (version 5): names of 8 letters, labels of 40, texts of 200, plain ASCII.

Source: SAS Technical Support TS-140. What had to be shortened or spelled otherwise is returned,
so that the definition listing can tell it; the CSV beside holds it whole.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from remission.exports.dataset import Dataset

LONGEST_LABEL, _LONGEST_TEXT = 40, 200
_CLOCK = re.compile(rb"\d\d[A-Z]{3}\d\d(:\d\d){3}")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_PLAIN = str.maketrans({
    "µ": "u", "μ": "u", "×": "x", "·": "*", "–": "-", "—": "-", "−": "-", "≥": ">=", "≤": "<=",
    "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "ø": "o", "Ø": "O", "ß": "ss", "⁺": "+",
    "→": "->", "°": "deg", "ł": "l", "Ł": "L", "đ": "d", "æ": "ae", "ı": "i",
})


@dataclass(frozen=True)
class Change:
    """What a transport file holds otherwise than the CSV: where, whole, and as it stands there."""

    dataset: str
    variable: str
    what: str
    whole: str
    written: str


def write_transport(dataset: Dataset, path: Path) -> list[Change]:
    """Write a data set as SAS transport version 5; return what had to be changed.

    Raises ``ValueError`` for a name that such a file cannot hold: our own names are made to fit.
    """
    import pyreadstat

    for name in (dataset.name, *dataset.frame.columns):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a SAS transport file")
    changes: list[Change] = []
    labels: dict[str, str | None] = {}
    for meaning in dataset.meanings:
        label = fitted(meaning.label, LONGEST_LABEL)
        labels[meaning.name] = label
        if label != meaning.label:
            changes.append(Change(dataset.name, meaning.name, "label", meaning.label, label))
    frame = dataset.frame
    for name, stored in dataset.frame.schema.items():
        if stored == pl.String:
            frame, found = _plain_texts(frame, name, dataset.name)
            changes.extend(found)
    numeric = [pl.col(name).cast(pl.Float64) for name, stored in frame.schema.items()
               if stored == pl.Int64]
    pyreadstat.write_xport(
        frame.with_columns(numeric), str(path), file_label=fitted(dataset.label, LONGEST_LABEL),
        column_labels=labels, table_name=dataset.name, file_format_version=5)
    path.write_bytes(_without_clock(path.read_bytes()))
    return changes


def _without_clock(data: bytes) -> bytes:
    """Return a file with the zero of SAS as its date: the same input gives the same bytes."""
    head = data.find(b"HEADER RECORD*******NAMESTR")
    return _CLOCK.sub(b"01JAN60:00:00:00", data[:head]) + data[head:]


def _plain_texts(
    frame: pl.DataFrame, name: str, dataset: str
) -> tuple[pl.DataFrame, list[Change]]:
    texts = frame[name].to_list()
    written = {text: fitted(text, _LONGEST_TEXT) for text in set(texts) if text is not None}
    changes = [Change(dataset, name, "text", text, plain)
               for text, plain in sorted(written.items()) if text != plain]
    # An empty text is how such a file says that there is none.
    made = pl.Series(name, ["" if text is None else written[text] for text in texts],
                     dtype=pl.String)
    return frame.with_columns(made), changes


def fitted(text: str, most: int) -> str:
    """Return a text in ASCII and of a length that fits; cut at the end of a word if it can be."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN)).encode(
        "ascii", "ignore").decode()
    if len(plain) <= most:
        return plain
    cut, _, rest = plain[:most].rpartition(" ")
    return cut if cut and len(rest) < most // 3 else plain[:most]
