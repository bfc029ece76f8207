"""The page and the JSON Schema of the format, generated from its models and its template."""

from __future__ import annotations

import json
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from remission.audit.claims import AnyClaim, Claims, Paper
from remission.audit.fields import Claim
from remission.audit.kinds_of_estimates import CurveGroup, Group, Stratum
from remission.audit.kinds_of_words import Mention, Reading

KINDS: tuple[type[Claim], ...] = get_args(get_args(AnyClaim)[0])
_PARTS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("a stratum", Stratum), ("a group of a summary", Group), ("a curve", CurveGroup),
    ("a mention", Mention), ("a reading", Reading))
_INTRODUCTION = """\
# The format of claims

A `claims.toml` holds the printed numbers of one paper. `remission audit claims.toml` recomputes
what can be recomputed and says of each whether it agrees, agrees under another reading, contradicts
what is printed beside it, or cannot be told. This page is generated from the models
(`make docs`); [claims.schema.json](claims.schema.json) is the same for editors, and
`remission audit --template` writes a commented file to begin with.

- A number is written **as it is printed, in quotes**: `"82.40"` has four digits and `"82.4"` three,
  and what may lie behind them differs. `"1,400"`, `"<0.001"`, `"−1.08"` and `"5%"` are read too.
  Counts may stand without quotes.
- Where a number of patients is asked for, the name of one of `[bases]` may stand.
- `words` repeats the print; they are also searched for wordings that cannot be checked by anyone
  (P = 0.000, P > 0.0001, NS without P, a CI without its level, a percentage without its base, an
  unnamed ±).
- What is not printed is left out. A claim that says too little is no error: it "cannot be told".
"""


def claims_markdown() -> str:
    """Return the page of the format."""
    parts = [_INTRODUCTION, "## The paper\n", _table(Paper), "## Its bases\n",
             "Under `[bases]`: a name and a number for each group of patients, cycles, samples.\n",
             "## Every claim\n", _table(Claim, without=())]
    examples = _examples()
    for kind in KINDS:
        name = kind.model_fields["kind"].default
        parts += [f"## {name}\n", f"{kind.__doc__}\n", _table(kind, without=tuple(
            Claim.model_fields)), *(f"```toml\n{example}```\n" for example in examples[name])]
    parts.append("## Tables inside claims\n")
    for title, part in _PARTS:
        parts += [f"### {title}\n", f"{part.__doc__}\n", _table(part)]
    return "\n".join(parts)


def claims_schema() -> str:
    """Return the JSON Schema of the format."""
    return json.dumps(Claims.model_json_schema(), ensure_ascii=False, indent=1) + "\n"


def template() -> str:
    """Return the commented file that ``--template`` writes."""
    return (files("remission.audit") / "template" / "claims.toml").read_text("utf-8")


def _table(model: type[BaseModel], without: tuple[str, ...] = ()) -> str:
    """Return the fields of a model as a table."""
    rows = ["| key | holds | must | |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | {_holds(field.annotation)} | {'yes' if field.is_required() else ''} | "
        f"{field.description or ''} |"
        for name, field in model.model_fields.items() if name not in (*without, "kind")]
    return "\n".join(rows) + "\n"


_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _holds(annotation: Any) -> str:
    """Return what a field holds in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in _NAMES:
        return _NAMES[annotation]
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in inner)
    if origin is tuple:
        return f"list of {_holds(inner[0])}"
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(map(_holds, filter(_is_something, inner))))
    return _holds(inner[0]) if origin is Annotated else _name_of_table(annotation)


def _is_something(annotation: Any) -> bool:
    return annotation is not type(None)


def _name_of_table(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"a table: {', '.join(annotation.model_fields)}"
    return "names with values"


def _examples() -> dict[str, list[str]]:
    """Return the blocks of the template by their kind, without the remarks above them."""
    found: dict[str, list[str]] = {}
    for block in template().split("\n[[claims]]\n")[1:]:
        body = "[[claims]]\n" + block.split("\n\n#")[0].rstrip("\n") + "\n"
        kind = tomllib.loads(body)["claims"][0]["kind"]
        found.setdefault(kind, []).append(body)
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(claims_markdown(), encoding="utf-8", newline="\n")
    Path(sys.argv[2]).write_text(claims_schema(), encoding="utf-8", newline="\n")
