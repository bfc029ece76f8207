"""The second process that draws: the same drawings, and its loss is no loss."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from remission import second_process
from remission.analyses.results import Result
from remission.report.drawn import Figure, Line
from remission.report.figures.workshop import Here, Workshop
from remission.report.spans import Number
from remission.report.table_parts import Table


def figure(number: int) -> Figure:
    estimates = Table(f"f{number}.estimates", 0, "", "", (), (), ())
    risk = (Number("9", f"f{number}.A.risk.0", (Result("a", "v", "at_risk", 9),)),)
    steps = ((0.0, 100.0, None, None), (50.0, 80.0, 70.0, 90.0))
    line = Line("A", steps, (60.0,), risk, 300.0, None)
    return Figure(f"f{number}", number, "T", "", "Survival, %", "Years", "years", 365.25, (0.0,),
                  (line,), False, "", estimates, ())


FIGURES = [figure(1), figure(2)]


@pytest.fixture(scope="module")
def drawn() -> list[str | bytes]:
    return list(Here().draw(FIGURES, "banner"))


def test_the_worker_draws_what_would_be_drawn_here(drawn: list[str | bytes]) -> None:
    with Workshop() as workshop:
        assert list(workshop.draw(FIGURES, "banner")) == drawn
        worker = workshop.process
    assert worker is not None
    assert worker.returncode is not None, "it has ended and was waited for"


def kill(workshop: Workshop) -> None:
    worker = workshop.process
    assert worker is not None
    worker.kill()


def kill_and_wait(workshop: Workshop) -> None:
    kill(workshop)
    worker = workshop.process
    assert worker is not None
    worker.wait()


@pytest.mark.parametrize("lose", [kill, kill_and_wait])
def test_a_worker_lost_before_it_drew_is_replaced(
    drawn: list[str | bytes], lose: Callable[[Workshop], None]
) -> None:
    with Workshop() as workshop:
        lose(workshop)
        assert list(workshop.draw(FIGURES, "banner")) == drawn


def test_a_worker_lost_between_two_drawings_is_replaced(drawn: list[str | bytes]) -> None:
    with Workshop() as workshop:
        drawings = workshop.draw(FIGURES, "banner")
        first = next(drawings)
        kill_and_wait(workshop)
        assert [first, *drawings] == drawn


def test_a_figure_that_was_foreseen_is_drawn_once(drawn: list[str | bytes]) -> None:
    with Workshop() as workshop:
        workshop.foresee(FIGURES[1], "banner")
        assert list(workshop.draw(FIGURES, "banner")) == drawn
        assert workshop._orders == len(FIGURES)


def test_a_figure_that_has_changed_since_is_drawn_anew(drawn: list[str | bytes]) -> None:
    with Workshop() as workshop:
        workshop.foresee(replace(FIGURES[0], y_label="Incidence, %"), "banner")
        workshop.foresee(FIGURES[1], "another banner")
        assert list(workshop.draw(FIGURES, "banner")) == drawn


def test_a_worker_lost_with_a_foreseen_figure_is_replaced(drawn: list[str | bytes]) -> None:
    with Workshop() as workshop:
        workshop.foresee(FIGURES[0], "banner")
        kill_and_wait(workshop)
        assert list(workshop.draw(FIGURES, "banner")) == drawn


def test_a_worker_that_cannot_start_is_replaced(
    drawn: list[str | bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_process.sys, "executable", "/no/such/python")
    with Workshop() as workshop:
        assert list(workshop.draw(FIGURES, "banner")) == drawn


def test_nothing_is_imported_from_the_working_folder(demo: Path, tmp_path: Path) -> None:
    for name in ("pickle", "remission", "matplotlib", "signal"):
        (tmp_path / f"{name}.py").write_text(
            "from pathlib import Path\nPath('imported').touch()\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "remission", "report", demo / "study", "-o", "report"],
        cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "imported").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_leaves_no_process_no_file_and_no_noise(
    demo: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "remission", "report", demo / "study", "-o", tmp_path / "report"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:
        assert process.stderr is not None
        said = ""
        while "analysing" not in said:
            said = process.stderr.readline()
        os.killpg(process.pid, number)
        printed, complained = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert printed == ""
    assert complained.splitlines()[-1] == "Stopped before the end; no file is half written."
    assert "Traceback" not in complained
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_an_interrupt_does_not_reach_the_worker(drawn: list[str | bytes]) -> None:
    with Workshop() as workshop:
        worker = workshop.process
        assert worker is not None
        assert os.getpgid(worker.pid) != os.getpgid(0), "not by the terminal, while it starts"
        assert list(workshop.draw(FIGURES, "banner")) == drawn
        os.kill(worker.pid, signal.SIGINT)
        assert list(workshop.draw(FIGURES, "banner")) == drawn
        assert worker.poll() is None, "nor otherwise, once it works"
