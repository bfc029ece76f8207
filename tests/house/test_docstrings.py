"""Public functions say what they take, in which shape and unit, and what they raise."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from remission import statistics
from tests.house.test_doors import FILES, SOURCE

STATISTICS = [getattr(statistics, name) for name in statistics.__all__
              if inspect.isfunction(getattr(statistics, name))]
SHAPES = re.compile(r"\(n,\)|rows × columns|× 2\)|\(events, n\)|``events`` of ``n``|outcome"
                    r"|values \(n")


def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    """Return every public function of the package with where it stands."""
    found = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found.extend((f"{path.relative_to(SOURCE)}:{node.name}", node) for node in tree.body
                     if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"))
    return found


PUBLIC = public_functions()


@pytest.mark.parametrize(("where", "node"), PUBLIC, ids=[where for where, _ in PUBLIC])
def test_a_public_function_has_a_docstring_that_tells_its_errors(
    where: str, node: ast.FunctionDef
) -> None:
    text = ast.get_docstring(node)
    assert text, where
    own = {inner for child in ast.walk(node) if isinstance(child, ast.FunctionDef)
           and child is not node for inner in ast.walk(child)}
    raises = [inner for inner in ast.walk(node)
              if isinstance(inner, ast.Raise) and inner.exc is not None and inner not in own
              and "typer.Exit" not in ast.unparse(inner)]
    if raises:
        assert re.search(r"[Rr]aise|[Rr]efuse", text), f"{where} raises and does not say so"


@pytest.mark.parametrize("function", STATISTICS, ids=lambda function: function.__name__)
def test_a_statistic_gives_shapes_errors_and_its_source(function: object) -> None:
    text = inspect.getdoc(function) or ""
    assert SHAPES.search(text), "the shape of the data"
    assert re.search(r"Raises|never empty", text), "what it raises"


@pytest.mark.parametrize("function", STATISTICS, ids=lambda function: function.__name__)
def test_options_are_keyword_only(function: object) -> None:
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]  # any such object will do
    assert all(parameter.default is parameter.empty or parameter.kind is parameter.KEYWORD_ONLY
               or parameter.name == "second"  # a second sample is data, and may not be there
               for parameter in parameters)
