"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StudyFolder = Annotated[Path, typer.Argument(help="The study folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as one JSON document.")]
