"""Nothing leaks: planted names, record numbers and dates reach no output; no socket is opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.resources import as_file, files
from pathlib import Path

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


def test_no_socket_is_opened(tmp_path: Path) -> None:
    # sitecustomize runs in every Python process, so in the one that draws the figures too.
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "class Refused(socket.socket):\n"
        "    def __init__(self, *_, **__): raise AssertionError('a socket was opened')\n"
        "socket.socket = Refused\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "remission", "demo", "-o", str(tmp_path / "demo")],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "report" / "report.html").exists()
    probe = subprocess.run([sys.executable, "-c", "import socket; socket.socket()"],
                           capture_output=True, text=True, check=False,
                           env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert "a socket was opened" in probe.stderr, "the trap works"
