"""The embedded example: two clinics' files of simulated children, and the truth behind them.

``python -m remission.virtual.example FOLDER`` writes them; the package carries a copy.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from remission.virtual.clinics import (
    Files,
    identifier,
    north_files,
    south_files,
    split_sites,
)
from remission.virtual.truth import Child, simulate_children

CHILDREN, SEED = 64, 20190114


def example_files() -> Files:
    """Return every generated file of the example by its path: the same on every machine."""
    north, south = split_sites(simulate_children(CHILDREN, SEED))
    files = {f"north/{name}": text for name, text in north_files(north).items()}
    files.update({f"south/{name}": text for name, text in south_files(south).items()})
    truth = [_truth(child, "N") for child in north] + [_truth(child, "S") for child in south]
    files["truth.json"] = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    return files


def _truth(child: Child, site: str) -> dict[str, Any]:
    """Return what really happened to a child, without the daily counts."""
    known = asdict(child)
    graft = known["graft"]
    if graft is not None:
        for series in ("neutrophils", "platelets", "transfused"):
            del graft[series]
    return {"subject_id": identifier(child, site), **known}


def write_example(folder: Path) -> list[Path]:
    """Write the example's files under ``folder``; return them."""
    written = []
    for name, text in example_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


if __name__ == "__main__":
    for written_file in write_example(Path(sys.argv[1])):
        print(written_file)
