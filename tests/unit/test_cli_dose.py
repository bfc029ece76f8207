"""remission dose: readable at 80 columns, a source at every line, refusals that say what to do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import run

CHILD = ("--weight", "20", "--height", "115")
SAID = [
    ("dose", *CHILD),
    ("dose", "--weight", "45", "--cycle", "2"),
    ("dose", *CHILD, "--schedule", "zhang_2025", "--days", "14"),
    ("dose", "--schedule", "olaya_2025"),
    ("dose", "restart", "--event", "crs", "--grade", "3", *CHILD),
    ("dose", "restart", "--event", "interruption", "--hours-off", "120", "--days-infused", "10"),
    ("dose", "restart", "--event", "neurotoxicity", "--grade", "3"),
    ("dose", "restart", "--event", "other", "--grade", "4"),
    ("dose", "restart", "--event", "liver", "--transaminase", "5", "--bilirubin", "1"),
    ("dose", "protocol", "--paper", "olaya_2025", "--weight", "25"),
    ("dose", "protocol", "--paper", "zhang_2025", "--block", "reinduction", *CHILD),
    ("dose", "cd34", "--cells", "850", "--volume", "180", "--weight", "25"),
]


@pytest.mark.parametrize("arguments", SAID, ids=lambda given: " ".join(given[:6]))
def test_every_answer_fits_a_terminal_and_cites_its_sources(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 80
    assert "Not for treating a child" in done.stdout.replace("\n", " ")
    assert re.search(r"\[1\] (S|V|V2|M|D)\b", done.stdout), "a source and its evidence"
    assert re.search(r"^\[1\] \w", done.stdout, re.MULTILINE), "the list of sources"
    assert "Evidence: " in done.stdout


def test_the_doses_of_a_cycle() -> None:
    done = run("dose", *CHILD)
    rows = [line.split()[:4] for line in done.stdout.splitlines() if "µg/m² ×" in line]
    # 115 cm, 20 kg: 3.997 and 11.990 µg a day, 0.1665 and 0.4996 µg an hour, 279.8 µg in all [C].
    assert rows == [["1–7", "5", "3.997", "0.1665"], ["8–28", "15", "11.990", "0.4996"]]
    assert "The cycle: 279.8 µg; 350 µg/m² by the printed doses" in done.stdout
    assert "too light" in done.stdout


def test_an_unknown_size_is_said_to_be_unknown() -> None:
    done = run("dose", "--schedule", "zhang_2025", "--days", "14")
    assert "body surface not known" in done.stdout
    assert "The cycle: unknown; 135 µg/m²" in done.stdout


def test_json_holds_numbers_and_sources() -> None:
    found = json.loads(run("dose", *CHILD, "--json").stdout)
    assert found["total"] == pytest.approx(279.8, abs=0.05)
    assert [step["days"] for step in found["steps"]] == [7, 21]
    assert all(step["source"] and step["evidence"] for step in found["steps"])
    assert len(found["bags"]) == 10
    assert "Not for treating" in found["statement"]
    advice = json.loads(run("dose", "restart", "--event", "crs", "--grade", "4", "--json").stdout)
    assert advice["action"] == "STOP"
    cells = json.loads(run("dose", "cd34", "--cells", "850", "--volume", "180", "--weight", "25",
                           "--json").stdout)
    assert cells["per_kg"] == pytest.approx(6.12e6)
    blocks = json.loads(run("dose", "protocol", "--paper", "zhang_2025", "--json").stdout)
    assert [block["block"] for block in blocks][:2] == ["premedication", "reinduction"]


@pytest.mark.parametrize(("arguments", "what", "cure"), [
    (("--weight", "20000", "--height", "115"), "A weight of 20000 kg does not occur.",
     "20000 g is 20 kg"),
    (("--weight", "20", "--height", "1.15"), "A height of 1.15 cm does not occur.",
     "1.15 m is 115 cm"),
    (("--schedule", "us_label"), "There is no 'us_label'.", "us_label_rr"),
    (("--formula", "mosteler"), "There is no 'mosteler'.", "mosteller"),
    (("--cycle", "0"), "There is no cycle 0.", "1 or more"),
    (("--days", "14"), "us_label_rr has no cycle of 14 days.", "Give 28."),
    (("--weight", "20", "restart", "--event", "crs", "--grade", "3"),
     "Options stand in front of 'restart'.", "behind it"),
    (("restart", "--event", "crs"), "This event needs it.", "Give --grade."),
    (("restart", "--event", "crs", "--grade", "7"), "There is nothing to do for grade 7.",
     "1 to 4"),
    (("protocol", "--paper", "olaya_2025", "--block", "bridging"),
     "olaya_2025 has no block 'bridging'.", "debulking"),
    (("cd34", "--cells", "850", "--volume", "180", "--donor-weight", "80"),
     "A donor's weight (80 kg) was given.", "recipient"),
])
def test_refusals_say_what_where_why_and_what_to_do(
    arguments: tuple[str, ...], what: str, cure: str
) -> None:
    done = run("dose", *arguments)
    assert done.returncode == 2
    assert what in done.stderr
    assert "→" in done.stderr and cure in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_refusals_are_json_when_asked() -> None:
    done = run("dose", "--weight", "20", "--height", "1.15", "--json")
    assert done.returncode == 2
    (problem,) = json.loads(done.stdout)["problems"]
    assert set(problem) == {"where", "what", "why", "cure"}


def test_a_terminal_without_unicode_is_answered() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "remission", "dose", *CHILD], capture_output=True,
        encoding="ascii", check=False, env={**os.environ, "PYTHONIOENCODING": "ascii:strict"})
    assert done.returncode == 0, done.stderr
    assert "11.990" in done.stdout
