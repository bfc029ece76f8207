"""The table of contents of the definitions is true: every file declares what it says, no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from remission.definitions.chapters import CHAPTER_OF, CHAPTERS
from remission.definitions.definition import REGISTRY

ROOM = Path(__file__).parents[2] / "src/remission/definitions"

LOADS_EACH_ALONE = """
import sys
from importlib import import_module
from remission.definitions.chapters import CHAPTERS

for chapter, names in CHAPTERS.items():
    for module in [name for name in sys.modules if name.startswith("remission.definitions.")]:
        del sys.modules[module]
    registry = import_module("remission.definitions.definition").REGISTRY
    import_module(f"remission.definitions.{chapter}")
    print(chapter, *(name for name in names if name not in registry._declared))
"""


def test_every_definition_stands_under_one_chapter() -> None:
    assert sum(map(len, CHAPTERS.values())) == len(CHAPTER_OF)


def test_a_chapter_alone_declares_its_definitions() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADS_EACH_ALONE], capture_output=True, text=True,
                         check=True)
    assert ran.stdout.split("\n")[:-1] == list(CHAPTERS)


def test_no_file_declares_a_definition_that_the_contents_lack() -> None:
    for name in CHAPTER_OF:
        assert REGISTRY[name].name == name
    declaring = {path.stem for path in ROOM.glob("*.py")
                 if "@definition(" in path.read_text() and path.stem != "definition"}
    assert declaring <= set(CHAPTERS)
    assert list(REGISTRY) == list(CHAPTER_OF)


def test_a_few_definitions_do_not_load_the_others() -> None:
    code = ("import sys; from remission.definitions.definition import REGISTRY; "
            "REGISTRY['age_years']; print('remission.definitions.crs' in sys.modules)")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
