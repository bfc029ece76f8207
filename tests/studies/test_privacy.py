"""Nothing leaks: planted names, record numbers and dates reach no output; no socket is opened."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.resources import as_file, files
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.conftest import run

NAME, RECORD, BIRTH = "Xanthippe Canaria", "MRN-90817263", "1987-06-05"


def everything_in(folder: Path) -> bytes:
    """Return the bytes of every file, those inside Word and Excel files too."""
    parts = []
    for path in folder.rglob("*"):
        if path.is_file():
            parts.append(path.name.encode() + path.read_bytes())
            if path.suffix in (".docx", ".xlsx"):
                with zipfile.ZipFile(path) as archive:
                    parts.extend(archive.read(name) for name in archive.namelist())
    return b"\n".join(parts)


def with_canaries(example: Path, folder: Path) -> None:
    """Copy the northern clinic with a name, a record number and a birthday in every table."""
    shutil.copytree(example / "north", folder / "north")
    for path in (folder / "north").glob("*.csv"):
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        lines = [f"{head},name,record,note"]
        lines.extend(f"{row},{NAME},{RECORD},born {BIRTH}" for row in rows)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping = (example / "north.toml").read_text(encoding="utf-8")
    mapping += '\n[medical_history]\nsheet = "patients"\ncondition = { field = "note" }\n'
    (folder / "north.toml").write_text(mapping, encoding="utf-8")
    shutil.copy(example / "study.toml", folder / "study.toml")


def test_names_numbers_and_dates_stay_out(tmp_path: Path) -> None:
    with as_file(files("remission") / "example") as example:
        with_canaries(example, tmp_path)
    study, out = tmp_path / "study", tmp_path / "out"
    logs = []
    for arguments in (
        ("import", tmp_path / "north", "--mapping", tmp_path / "north.toml", "--to", study),
        ("check", study, "-o", out / "queries"),
        ("report", study, "-o", out / "report"),
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        logs.append(done.stdout + done.stderr)
    vault = (study / "vault" / "North.csv").read_text(encoding="utf-8")
    dates = {line.rsplit(",", 1)[1] for line in vault.splitlines()[1:]}
    assert len(dates) > 100
    published = everything_in(out) + "\n".join(logs).encode()
    for canary in (NAME, RECORD, BIRTH, "Canaria"):
        assert canary.encode() not in published, canary
    tables = everything_in(study / "tables")
    for day in dates:
        assert day.encode() not in published, day
        assert day.encode() not in tables, day
    assert RECORD.encode() not in tables
    assert (study / "vault" / ".gitignore").read_text(encoding="utf-8") == "*\n"


PLACES = ("title", "header", "footer", "file", "sheet", "comment", "author")
"""Where something stands besides the cells: each gets a canary of its own."""


def canary(place: str) -> str:
    return f"Zq{place}Canary"


def with_canaries_everywhere(example: Path, folder: Path, kind: str) -> Path:
    """Write the northern clinic so that every place of its files holds a canary; return them."""
    tables = {path.stem: [line.split(",") for line in path.read_text("utf-8").splitlines()]
              for path in (example / "north").glob("*.csv")}
    for rows in tables.values():
        at = rows[0].index("id")
        rows[0] += [canary("header"), "name", "note"]
        for row in rows[1:]:
            row[at] = f"{RECORD}-{row[at]}"
            row += [RECORD, NAME, f"{BIRTH} and 5 June 1987"]
    mapping = (example / "north.toml").read_text(encoding="utf-8").replace(
        'subject_id = { field = "id" }',
        'subject_id = { field = "id", pseudonym = "numbered", prefix = "NOR" }')
    sheets = {}
    for name in tables:
        place = "file" if kind == "csv" else "sheet"
        sheets[name] = f"{name} {canary(place)}"
        mapping = mapping.replace(f'sheet = "{name}"', f'sheet = "{sheets[name]}"')
    mapping += (f'\n[medical_history]\nsheet = "{sheets["patients"]}"\n'
                'condition = { field = "note" }\n')
    (folder / "north.toml").write_text(mapping, encoding="utf-8")
    shutil.copy(example / "study.toml", folder / "study.toml")
    put_around = {sheets[name]: [[canary("title")], [], *rows, [], [canary("footer")]]
                  for name, rows in tables.items()}
    return (_as_csv if kind == "csv" else _as_workbook)(put_around, folder)


def _as_csv(sheets: dict[str, list[list[str]]], folder: Path) -> Path:
    (folder / "north").mkdir()
    for name, rows in sheets.items():
        text = "\n".join(",".join(row) for row in rows)
        (folder / "north" / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    return folder / "north"


def _as_workbook(sheets: dict[str, list[list[str]]], folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
        sheet["A3"].comment = Comment(canary("comment"), canary("author"))
    for part in ("creator", "title", "subject", "description", "keywords", "lastModifiedBy"):
        setattr(book.properties, part, canary("author"))
    book.save(folder / f"{canary('file')}.xlsx")
    return folder / f"{canary('file')}.xlsx"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_stands_in_any_place_of_a_file_stays_in_the_vault(tmp_path: Path, kind: str) -> None:
    with as_file(files("remission") / "example") as example:
        source = with_canaries_everywhere(example, tmp_path, kind)
    study, out = tmp_path / "study", tmp_path / "out"
    said = []
    for arguments in (
        ("import", source, "--mapping", tmp_path / "north.toml", "--to", study),
        ("import", source, "--mapping", tmp_path / "north.toml", "--to", study, "--json"),
        ("check", study, "-o", out / "queries"),
        ("derive", study, "-o", out / "cohort"),
        ("report", study, "-o", out / "report"),
        ("audit", out / "report", "--docx", out / "audit.docx", "--html", out / "audit.html"),
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout + done.stderr)
    kept = (study / "vault" / "links" / "North.csv").read_text(encoding="utf-8")
    assert f"{RECORD}-" in kept and "NOR-001" in kept
    dates = {line.rsplit(",", 1)[1] for line in
             (study / "vault" / "North.csv").read_text(encoding="utf-8").splitlines()[1:]}
    shutil.move(study / "vault", tmp_path / "vault")
    left = everything_in(study) + everything_in(out) + "\n".join(said).encode()
    assert b"NOR-001" in left and b"North-1" in left
    for planted in (NAME, "Canaria", RECORD, "90817263", BIRTH, "June 1987",
                    *map(canary, PLACES)):
        assert planted.encode() not in left, planted
    tables = everything_in(study / "tables")
    assert not [day for day in dates if day.encode() in tables]
    assert not re.search(rb"\b(19|20)\d\d-\d\d-\d\d\b", tables), "nothing like a date is left"


def test_errors_repeat_no_cell_of_a_column_that_names_persons(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        f"id,patient name,weight,own\nA,{NAME},{NAME},{RECORD}\n", encoding="utf-8")
    (tmp_path / "mapping.toml").write_text("""
site = "N"
subject_id = { field = "id" }
identifying = ["own"]
[subject]
sex = { field = "patient name" }
age_at_index_days = { field = "own" }
[transplant]
day = { field = "patient name", date = "%Y-%m-%d" }
donor = { field = "own", codes = { x = "CORD" } }
cd34_1e6_kg = { field = "weight" }
""", encoding="utf-8")
    for extra in ((), ("--json",)):
        done = run("import", tmp_path / "x.csv", "--mapping", tmp_path / "mapping.toml",
                   "--to", tmp_path / "study", *extra)
        assert done.returncode != 0
        said = done.stdout + done.stderr
        assert NAME not in said and RECORD not in said and "Canaria" not in said
        assert said.count("(not shown: it may name a person)") == 4
        assert "row 2, column weight" in said and "'Xanthippe Ca…'" in said
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("pseudonym", ["numbered", "keyed"])
def test_identifiers_stay_the_same_when_a_centre_is_imported_again(
    tmp_path: Path, pseudonym: str
) -> None:
    (tmp_path / "mapping.toml").write_text(
        f'site = "N"\nsubject_id = {{ field = "mrn", pseudonym = "{pseudonym}", width = 4 }}\n'
        '[subject]\n[follow_up]\nlast_contact_day = { field = "d" }\n', encoding="utf-8")
    seen = []
    for rows in ("17,3\n9,4\n", "5,1\n0009,4\n17,3\n"):
        (tmp_path / "x.csv").write_text(f"mrn,d\n{rows}", encoding="utf-8")
        done = run("import", tmp_path / "x.csv", "--mapping", tmp_path / "mapping.toml",
                   "--to", tmp_path / "study")
        assert done.returncode == 0, done.stderr
        lines = (tmp_path / "study" / "tables" / "follow_up.csv").read_text("utf-8").splitlines()
        seen.append({line.split(",")[1]: line.split(",")[0] for line in lines[1:]})
    assert seen[0].items() <= seen[1].items() and len(set(seen[1].values())) == 3
    if pseudonym == "numbered":
        assert seen[1] == {"3": "N-001", "4": "N-002", "1": "N-003"}
    else:
        assert all(re.fullmatch("N-[A-Z2-7]{16}", name) for name in seen[1].values())


def test_no_socket_is_opened(tmp_path: Path) -> None:
    # sitecustomize runs in every Python process, so in the one that draws the figures too.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "def watch(event, arguments):\n"
        "    if event.startswith('socket.'):\n"
        "        raise AssertionError('a socket was opened: ' + event)\n"
        "sys.addaudithook(watch)\n", encoding="utf-8")
    watched = {**os.environ, "PYTHONPATH": os.pathsep.join(
        filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))}
    study, report = tmp_path / "demo" / "study", tmp_path / "demo" / "report"
    for arguments in (("demo", "-o", tmp_path / "demo"), ("check", study),
                      ("derive", study, "-o", tmp_path / "cohort"), ("audit", report)):
        done = subprocess.run(
            [sys.executable, "-m", "remission", *map(str, arguments)],
            capture_output=True, text=True, check=False, env=watched)
        assert done.returncode == 0, done.stderr
    assert (report / "report.html").exists()
    probe = subprocess.run([sys.executable, "-c", "import socket; socket.socket()"],
                           capture_output=True, text=True, check=False, env=watched)
    assert "a socket was opened" in probe.stderr, "the trap works"
